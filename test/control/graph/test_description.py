import importlib.util
import runpy
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from helms_control.errors import HelmsError
from helms_control.graph import GraphSettings, NodeSpec, describe
from helms_control.graph.arguments import ARGUMENTS, settings_from
from helms_control.graph.description import levels_of, parameters_of
from test.control.policy.make_bundle import FLAT, HIERARCHICAL, NPMP, change, make_bundle

ROOT = Path(__file__).parents[3]
LAUNCH_FILES = sorted((ROOT / "launch").glob("*.launch.py"))


def names(specs: tuple[NodeSpec, ...]) -> list[str]:
    return [spec.name for spec in specs]


def test_the_expert_needs_one_node_and_a_bundle_three(tmp_path: Path) -> None:
    assert names(describe(GraphSettings())) == ["simulation", "demonstrator", "episode_manager"]
    bundle = str(make_bundle(tmp_path / "bundle"))
    specs = describe(GraphSettings(bundle, record="bag", view=True))
    levels = ["skill_selector", "latent_policy", "action_decoder"]
    assert names(specs) == ["simulation", *levels, "recorder", "episode_manager", "viewer"]
    assert all(spec.parameters["bundle"] == bundle for spec in specs if spec.name in levels)


@pytest.mark.parametrize(
    ("levels", "nodes"),
    [
        (HIERARCHICAL, ["skill_selector", "latent_policy", "action_decoder"]),
        (NPMP, ["latent_policy", "action_decoder"]),
        (FLAT, ["flat_policy"]),
    ],
)
def test_each_level_of_a_bundle_is_a_node(tmp_path: Path, levels: tuple[str, ...], nodes: list[str]) -> None:
    bundle = str(make_bundle(tmp_path / "bundle", levels=levels))
    assert names(levels_of(bundle)) == nodes
    assert {entry_point.name for entry_point in metadata.entry_points(group="helms.nodes")} >= set(nodes)
    specs = describe(GraphSettings(bundle, record="bag"))
    assert names(specs) == ["simulation", *nodes, "recorder", "episode_manager"]
    assert specs[-1].parameters["needs"] == ",".join([*nodes, "recorder"])


def test_a_bundle_of_an_earlier_format_is_refused_before_anything_starts(tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "bundle")
    change(bundle, format=2)
    with pytest.raises(HelmsError, match="is of format 2; this release reads format 3: train the policy anew"):
        describe(GraphSettings(str(bundle)))


def test_the_arm_waits_for_manager_and_recorder_and_the_episode_for_all() -> None:
    specs = {spec.name: spec for spec in describe(GraphSettings(record="bag"))}
    assert specs["simulation"].parameters["needs"] == "episode_manager,recorder"
    assert specs["episode_manager"].parameters["needs"] == "demonstrator,recorder"
    assert specs["episode_manager"].ends_graph


def test_a_robot_takes_the_place_of_the_cell(tmp_path: Path) -> None:
    bundle = str(make_bundle(tmp_path / "bundle"))
    settings = GraphSettings(
        bundle,
        record="bag",
        robot="http://sawyer:11311",
        driver_parameters="tracker=ros1; basket_frame = 0.6 0 0 0 0 1",
    )
    specs = {spec.name: spec for spec in describe(settings)}
    assert set(specs) - set(names(describe(GraphSettings(bundle, record="bag")))) == {"sawyer_driver"}
    driver = specs["sawyer_driver"].parameters
    assert (driver["robot"], driver["needs"]) == ("http://sawyer:11311", "episode_manager,recorder")
    assert (driver["tracker"], driver["basket_frame"]) == ("ros1", "0.6 0 0 0 0 1")
    assert specs["episode_manager"].parameters["arm"] == "sawyer_driver"
    assert not any(spec.parameters.get("use_sim_time") for spec in specs.values())


@pytest.mark.parametrize(
    "bad", [{}, {"policy": "random"}, {"policy": "joy", "lockstep": True}, {"policy": "joy", "view": True}]
)
def test_what_needs_the_cell_is_refused_on_a_robot(bad: dict[str, Any]) -> None:
    with pytest.raises(HelmsError, match="on a robot the policy must be a bundle or one of keyboard, joy"):
        GraphSettings(robot="http://sawyer:11311", **bad)


@pytest.mark.parametrize("text", ["tracker", "=1", "tracker=ros1; =1"])
def test_parameters_of_the_driver_have_a_name_and_a_value(text: str) -> None:
    with pytest.raises(HelmsError, match="given as name=value; name=value, got"):
        GraphSettings(driver_parameters=text)


def test_values_of_parameters_are_numbers_where_they_can_be() -> None:
    assert parameters_of("a=1; b=0.5; c=true; d=x y;") == {"a": 1, "b": 0.5, "c": True, "d": "x y"}


def test_only_the_simulation_makes_time() -> None:
    for spec in describe(GraphSettings(view=True, record="bag")):
        assert spec.parameters.get("use_sim_time", False) == (spec.name != "simulation")


def test_every_executable_exists() -> None:
    specs = [*describe(GraphSettings("joy", view=True, record="bag")), *describe(GraphSettings())]
    specs += describe(GraphSettings("joy", robot="http://sawyer:11311"))
    assert {spec.executable for spec in specs} <= {
        entry_point.name for entry_point in metadata.entry_points(group="helms.nodes")
    }


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(HelmsError, match="policy 'nobody' is neither one of expert, random, keyboard, joy nor"):
        GraphSettings("nobody")
    with pytest.raises(HelmsError, match="got -1 episodes"):
        GraphSettings(episodes=-1)


def test_arguments_have_a_sentence_each_and_are_read_from_text() -> None:
    assert set(ARGUMENTS) == set(GraphSettings.__dataclass_fields__)
    read = settings_from({"episodes": "7", "lockstep": "True", "noise": "0.25", "object_set": "1..5"}, GraphSettings())
    assert (read.episodes, read.lockstep, read.noise, read.object_set) == (7, True, 0.25, "1..5")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("episodes", "many", "argument episodes is 'many'; it must be of type int"),
        ("lockstep", "maybe", "argument lockstep is 'maybe'; it must be of type bool"),
        ("colour", "red", "unknown argument 'colour'"),
    ],
)
def test_bad_arguments_are_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(HelmsError, match=message):
        settings_from({name: text}, GraphSettings())


@pytest.mark.parametrize("path", LAUNCH_FILES, ids=lambda path: path.name.partition(".")[0])
def test_the_launch_files_start_what_is_described(path: Path) -> None:
    if importlib.util.find_spec("launch_ros") is None:
        pytest.skip("launch and launch_ros are not installed; a distribution's ROS 2 has them")
    from launch.actions import DeclareLaunchArgument, OpaqueFunction
    from launch_ros.actions import LifecycleNode

    from launch import LaunchContext  # type: ignore[attr-defined]  # our folder has the same name

    found: dict[str, Any] = runpy.run_path(str(path))
    description = found["generate_launch_description"]()
    context = LaunchContext()
    arguments = [entity for entity in description.entities if isinstance(entity, DeclareLaunchArgument)]
    assert {argument.name for argument in arguments} == set(ARGUMENTS)
    for argument in arguments:
        argument.execute(context)
    (opaque,) = (entity for entity in description.entities if isinstance(entity, OpaqueFunction))
    nodes = [action for action in opaque.execute(context) if isinstance(action, LifecycleNode)]
    assert [node._Node__node_executable for node in nodes] == [spec.executable for spec in describe(found["DEFAULTS"])]


def test_there_is_a_launch_file_for_each_use() -> None:
    assert [path.name.partition(".")[0] for path in LAUNCH_FILES] == [
        "evaluate",
        "record_demonstrations",
        "sawyer",
        "stacking_demo",
    ]
