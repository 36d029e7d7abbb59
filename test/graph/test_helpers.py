"""Helpers of the nodes."""

import ast
import fcntl
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from rcl_interfaces.msg import ParameterDescriptor
from rcl_interfaces.srv import GetParameters
from rclpy.lifecycle import LifecycleNode
from rclpy.parameter import Parameter
from std_msgs.msg import Header

from helms_control.errors import HelmsError
from helms_control.graph import NodeSpec
from helms_control.graph.leftovers import clean_shared_memory
from helms_control.graph.processes import ProcessGraph
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.convert import doubles, floats, header, numbers
from helms_control.nodes.guard import Guard, names_of
from helms_control.nodes.parameters import descriptor, setting
from helms_control.nodes.recorder import RecorderSettings
from helms_control.nodes.standard import pose, transforms
from helms_msgs.msg import Heartbeat
from helms_sim.cell.kinematics import link_poses
from helms_sim.env import StackEnv
from helms_sim.nodes.simulation import SimulationSettings
from test.graph.conftest import Listener


def beat(node: str, waiting_for: str = "", hears: tuple[str, ...] = (), **reach: int) -> Heartbeat:
    return Heartbeat(
        node=node,
        ready=not waiting_for,
        waiting_for=waiting_for,
        hears=list(hears),
        says=list(reach),
        reach=list(reach.values()),
    )


def test_a_guard_tells_who_never_came_is_not_ready_or_fell_silent() -> None:
    guard = Guard(["recorder", "manager"], lease_s=0.05)
    assert guard.missing() == "recorder is not ready: it never started; manager is not ready: it never started"
    guard.hear(beat("manager"))
    guard.hear(beat("recorder", waiting_for="a bag to write"))
    guard.hear(beat("someone else"))
    assert guard.missing() == "recorder is not ready: it waits for a bag to write"
    guard.hear(beat("recorder"))
    assert guard.missing() == ""
    time.sleep(0.06)
    assert guard.missing() == "recorder is silent; manager is silent"


def test_a_guard_tells_which_topic_does_not_reach_everyone() -> None:
    guard = Guard(["simulation", "recorder", "decoder"], lease_s=1.0)
    guard.hear(beat("recorder", hears=("observation",)))
    guard.hear(beat("decoder", hears=("observation",)))
    guard.hear(beat("simulation", observation=1))
    assert guard.apart() == "observation of simulation reaches 1 of 2 listeners"
    guard.hear(beat("simulation", observation=2))
    assert guard.apart() == ""


def test_names_are_split() -> None:
    assert names_of(" recorder, episode_manager ,") == ("recorder", "episode_manager")


def test_bounds_and_choices_become_descriptors() -> None:
    @dataclass
    class Settings:
        lease: float = setting(0.1, "Seconds.", 0.02)
        kind: str = setting("a", "Which.", choices=("a", "b"))

    lease, kind = (descriptor(item) for item in Settings.__dataclass_fields__.values())
    assert (lease.description, lease.floating_point_range[0].from_value) == ("Seconds.", 0.02)
    assert kind.additional_constraints == "one of: a, b"
    assert isinstance(lease, ParameterDescriptor)


def test_every_parameter_has_a_description() -> None:
    assert all(item.metadata["description"] for item in RecorderSettings.__dataclass_fields__.values())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("lease_s", 50.0, "parameter lease_s of simulation"),
        ("lease_s", "soon", "parameter lease_s of simulation"),
        (
            "randomisation",
            "wild",
            "unknown randomisation of node simulation 'wild'; choose one of: off, training",
        ),
        ("object_set", "9", "unknown object set '9'"),
        ("task", "fly", "unknown task 'fly'"),
        ("camera", "moon", "unknown camera 'moon'"),
    ],
)
def test_bad_parameters_keep_the_node_from_starting(name: str, value: str | float, message: str, domain: int) -> None:
    with pytest.raises(HelmsError, match=message):
        ComposedGraph([NodeSpec("simulation", "simulation", {name: value})], domain)


def test_an_unknown_node_is_told() -> None:
    with pytest.raises(HelmsError, match=r"unknown node 'simulator'; choose one of: .*Did you mean 'simulation'"):
        ComposedGraph([NodeSpec("x", "simulator")])


def test_numbers_travel_without_loss() -> None:
    values = np.random.default_rng(0).normal(size=(3, 43))
    assert (numbers(doubles(values), "x", 129) == values.ravel()).all()
    assert (numbers(floats(values), "x", 129) == values.astype(np.float32).ravel()).all()
    stamp = header(1_700_000_000_123_456_789).stamp
    assert (stamp.sec, stamp.nanosec) == (1_700_000_000, 123_456_789)


def test_transforms_name_every_link_of_the_arm() -> None:
    env = StackEnv()
    env.reset(seed=0)
    frames = link_poses(env.cell.model, env.cell.data)
    found = {item.child_frame_id: item.transform for item in transforms(Header(frame_id="base"), frames)}
    assert {f"l{index}" for index in range(7)} <= found.keys()
    expected = env.cell.data.body("robot/l6").xpos
    np.testing.assert_allclose([getattr(found["l6"].translation, axis) for axis in "xyz"], expected)
    assert pose(np.array([1.0, 2.0, 3.0, 0.5, 0.5, -0.5, 0.5])).orientation.y == -0.5


def test_only_abandoned_shared_memory_is_deleted(tmp_path: Path) -> None:
    for name in ("fastdds_dead", "fastdds_dead_el", "fastdds_live", "fastdds_live_el", "fastdds_port7", "other"):
        (tmp_path / name).write_text("")
    with (tmp_path / "fastdds_live_el").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert clean_shared_memory(tmp_path) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fastdds_live", "fastdds_live_el", "other"]


def test_a_composed_parameter_is_what_the_node_reads(domain: int) -> None:
    with ComposedGraph([NodeSpec("simulation", "simulation", {"lease_s": 0.5})], domain) as graph:
        node = graph.nodes["simulation"]
        assert node.get_parameter("lease_s").value == 0.5
        assert not node.set_parameters([Parameter("lease_s", value=99.0)])[0].successful


@pytest.mark.parametrize(
    "path", [*Path("helms_control/nodes").glob("*.py"), *Path("helms_sim/nodes").glob("*.py")], ids=str
)
def test_no_node_takes_a_name_that_its_base_uses(path: Path, listener: Listener) -> None:
    taken = {*dir(LifecycleNode("base", context=listener.context))}
    for cls in [item for item in ast.walk(ast.parse(path.read_text())) if isinstance(item, ast.ClassDef)]:
        if any(ast.unparse(base).endswith("Node") for base in cls.bases):
            stored = {a.attr for a in ast.walk(cls) if isinstance(a, ast.Attribute) and isinstance(a.ctx, ast.Store)}
            assert not stored & taken


def test_parameters_can_be_read_from_outside_while_active(domain: int, listener: Listener) -> None:
    with ProcessGraph([NodeSpec("simulation", "simulation")], domain):
        assert listener.wait(lambda: listener.node.count_publishers("observation") > 0)
        answer = listener.ask(GetParameters, "simulation/get_parameters", names=["lease_s"])
        assert answer.values[0].double_value == SimulationSettings().lease_s
