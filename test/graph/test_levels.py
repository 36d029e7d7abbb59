"""Nodes of a policy's levels: what they wait for, what they refuse and why, and what they pass on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.features.features import FEATURES, fingerprint
from helms_control.graph import NodeSpec
from helms_control.graph.description import LEVELS, levels_of
from helms_control.nodes import qos
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.convert import doubles, floats
from helms_control.policy import HighLevel, LowLevel, MidLevel, Perception, Policy, Seen, load_bundle
from helms_control.policy.contract import CHAINS
from helms_control.spec import SPEC
from helms_msgs.msg import Action, Latent, Observation, PolicyStatus, Setup, SkillSelection
from helms_msgs.srv import LoadPolicy
from test.control.policy.make_bundle import FLAT, HIERARCHICAL, NPMP, make_bundle
from test.graph.conftest import Bench

Array = npt.NDArray[Any]

OUTPUT: dict[str, tuple[str, type[Any]]] = {
    "high": ("skill", SkillSelection),
    "mid": ("latent", Latent),
    "low": ("action", Action),
    "flat": ("action", Action),
}
"""Topic and message of each level."""
FIRST = [pytest.param(levels, id=levels[0]) for levels in CHAINS]
QUIET_S = 0.5
"""Time in which an answer would have come, s."""

Start = Callable[..., Bench]


@pytest.fixture
def start(domain: int) -> Iterator[Start]:
    """Start nodes, with a bench beside them."""
    made: list[tuple[ComposedGraph, Bench]] = []

    def begin(*specs: NodeSpec) -> Bench:
        graph = ComposedGraph(specs, domain)
        made.append((graph, Bench(graph)))
        return made[-1][1]

    yield begin
    for graph, bench in made:
        bench.close()
        graph.close()


def node(level: str, bundle: Path) -> NodeSpec:
    return NodeSpec(LEVELS[level], LEVELS[level], {"bundle": str(bundle)})


def box(*half: float) -> Array:
    """Vertices (8, 3) of a box."""
    return np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)]) * half


SHAPES = (box(0.02, 0.02, 0.02), box(0.03, 0.02, 0.01), box(0.015, 0.025, 0.035))


def setup(**changes: Any) -> Setup:  # noqa: ANN401
    fields: dict[str, Any] = {
        "episode": 1,
        "task": "red_on_blue",
        "roles": [0, 2, 1],
        "corners": [8, 8, 8],
        "vertices": doubles(np.concatenate(SHAPES)),
    }
    return Setup(**(fields | changes))


def arrays(seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 43)).astype(np.float32), rng.normal(size=(3, 42)).astype(np.float32)


def observation(**changes: Any) -> Observation:  # noqa: ANN401
    own, seen = arrays()
    fields: dict[str, Any] = {
        "episode": 1,
        "step": 4,
        "spec_hash": SPEC.hash,
        "proprioception": floats(own),
        "objects": floats(seen),
    }
    return Observation(**(fields | changes))


class First:
    """Speaks to the first level of a policy and hears its answers."""

    def __init__(self, bench: Bench, level: str) -> None:
        self.bench, topic = bench, OUTPUT[level]
        self.answers, self.status = bench.listen(*topic), bench.listen("policy_status", PolicyStatus)
        self.setups = bench.speaker("setup", Setup, qos.SETUP)
        self.observations = bench.speaker("observation", Observation)

    def quiet(self) -> bool:
        """Whether no answer comes."""
        return not self.bench.graph.spin_until(lambda: bool(self.answers), QUIET_S)

    def refused(self, count: int) -> str:
        """Return the reason once so many messages were refused."""
        self.bench.until(lambda: bool(self.status) and self.status[-1].refused == count)
        return str(self.status[-1].last_refusal)


# Setup.


@pytest.mark.parametrize("levels", FIRST)
def test_the_first_level_waits_for_the_setup_and_answers_once_it_has_come(
    start: Start, tmp_path: Path, levels: tuple[str, ...]
) -> None:
    bundle = make_bundle(tmp_path / "bundle", levels=levels, features="tool", order="roles")
    first = First(start(node(levels[0], bundle)), levels[0])
    first.observations.publish(observation())
    assert first.quiet()
    assert first.bench.graph.nodes[LEVELS[levels[0]]].report()[0] == "waits for the setup of episode 1"
    first.setups.publish(setup())
    first.bench.until(lambda: bool(first.answers))
    answer = first.answers[0]
    assert (answer.episode, answer.step, answer.spec_hash) == (1, 4, SPEC.hash)
    policy = Policy(load_bundle(bundle))
    policy.begin(SHAPES, (0, 2, 1))
    step = policy(*arrays())
    expected = {"high": step.probabilities, "mid": step.latent, "flat": step.action}[levels[0]]
    field = {"high": "probabilities", "mid": "latent", "flat": "action"}[levels[0]]
    np.testing.assert_array_equal(np.array(getattr(answer, field)), expected)
    assert first.bench.graph.nodes[LEVELS[levels[0]]].report()[0] == ""


def test_a_setup_of_another_episode_is_not_used(start: Start, bundle: Path) -> None:
    first = First(start(node("high", bundle)), "high")
    first.setups.publish(setup(episode=2))
    first.observations.publish(observation())
    assert first.quiet()
    first.observations.publish(observation(episode=2, step=0))
    first.bench.until(lambda: bool(first.answers))
    assert first.answers[0].episode == 2


def test_each_episode_has_its_own_setup(start: Start, tmp_path: Path) -> None:
    bundle = make_bundle(tmp_path / "bundle", features="tool")
    first, perception = First(start(node("high", bundle)), "high"), Perception(load_bundle(bundle))
    for episode, shapes in ((1, SHAPES), (2, SHAPES[::-1])):
        first.setups.publish(setup(episode=episode, vertices=doubles(np.concatenate(shapes))))
        first.observations.publish(observation(episode=episode))
        first.bench.until(lambda count=episode: len(first.answers) == count)  # type: ignore[misc]
        perception.begin(shapes, (0, 2, 1))
        np.testing.assert_array_equal(first.answers[-1].scene, perception(*arrays()).scene)
    assert list(first.answers[0].scene) != list(first.answers[1].scene)


def test_a_level_that_starts_in_the_middle_of_an_episode_hears_its_setup(start: Start, bundle: Path) -> None:
    """As one that was killed and is started again."""
    listener = start()
    publisher = listener.node.create_publisher(Setup, "setup", qos.SETUP)
    publisher.publish(setup())
    first = start(node("high", bundle))
    answers = first.listen("skill", SkillSelection)
    observations = first.speaker("observation", Observation)
    observations.publish(observation(step=150))
    first.until(lambda: bool(answers))
    assert (answers[0].episode, answers[0].step) == (1, 150)
    listener.node.destroy_publisher(publisher)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"corners": [], "vertices": []},
            "the shapes of the objects of episode 1 are unknown; tell the driver which objects they are with object_",
        ),
        ({"corners": [8, 8, 7]}, "vertices has 72 numbers; the contract wants 69"),
        ({"vertices": doubles(np.full(72, np.nan))}, "vertices[0] is not finite"),
        ({"vertices": doubles(np.zeros(72))}, "the 8 vertices span no solid"),
        ({"roles": [0, 0, 1]}, "got 3 shapes and the roles [0, 0, 1]; wanted are 3 and an order"),
    ],
    ids=["unknown", "length", "nan", "flat", "roles"],
)
def test_a_bad_setup_is_refused_until_a_good_one_comes(
    start: Start, tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    bundle = make_bundle(tmp_path / "bundle", features="tool")
    first = First(start(node("high", bundle)), "high")
    first.setups.publish(setup(**changes))
    first.observations.publish(observation())
    assert first.refused(1).startswith(reason)
    assert not first.answers
    first.setups.publish(setup())
    first.bench.graph.spin_until(lambda: False, QUIET_S)
    first.observations.publish(observation())
    first.bench.until(lambda: bool(first.answers))


def test_features_without_shapes_need_none(start: Start, bundle: Path) -> None:
    first = First(start(node("high", bundle)), "high")
    first.setups.publish(setup(corners=[], vertices=[]))
    first.observations.publish(observation())
    first.bench.until(lambda: bool(first.answers))


# Observations and the messages between the levels.


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"spec_hash": "0" * 64}, "message of spec 000000000000, but this node speaks spec 1.0.0"),
        ({"objects": floats(np.zeros(125))}, "objects has 125 numbers; the contract wants 126"),
        ({"proprioception": floats(np.full(129, np.nan))}, "proprioception[0] is not finite"),
    ],
    ids=["hash", "length", "nan"],
)
@pytest.mark.parametrize("levels", FIRST)
def test_the_first_level_refuses_bad_observations_and_says_why(
    start: Start, tmp_path: Path, levels: tuple[str, ...], bad: dict[str, Any], reason: str
) -> None:
    first = First(start(node(levels[0], make_bundle(tmp_path / "bundle", levels=levels))), levels[0])
    first.setups.publish(setup())
    first.observations.publish(observation(**bad))
    assert first.refused(1).startswith(reason)
    assert not first.answers
    first.observations.publish(observation())
    first.bench.until(lambda: bool(first.answers))
    assert (first.answers[-1].episode, first.answers[-1].step) == (1, 4)


def test_the_last_observation_of_an_episode_is_not_answered(start: Start, bundle: Path) -> None:
    first = First(start(node("high", bundle)), "high")
    first.setups.publish(setup())
    first.observations.publish(observation(last=True))
    first.observations.publish(observation(step=5))
    first.bench.until(lambda: bool(first.answers))
    assert [answer.step for answer in first.answers] == [5]


RAW, TOOL = (fingerprint(FEATURES[name]) for name in ("raw", "tool"))


def above(level: str, **changes: Any) -> Any:  # noqa: ANN401 - a message
    """Message that a level below the first answers."""
    robot, scene = np.zeros(129), np.zeros(126)
    fields: dict[str, Any] = {
        "episode": 1,
        "step": 4,
        "spec_hash": SPEC.hash,
        "features_hash": RAW,
        "robot": floats(robot),
    }
    if level == "low":
        return Latent(**(fields | {"latent": floats(np.zeros(8))} | changes))
    return SkillSelection(**(fields | {"skill": 2, "scene": floats(scene)} | changes))


@pytest.mark.parametrize("level", ["mid", "low"])
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"spec_hash": "0" * 64}, "message of spec 000000000000, but this node speaks spec 1.0.0"),
        ({"features_hash": TOOL}, f"message of features {TOOL[:12]}, but the bundle "),
        ({"features_hash": ""}, "message of features (none), but the bundle "),
        ({"robot": floats(np.zeros(22))}, "robot has 22 numbers; the contract wants 129"),
        ({"robot": floats(np.full(129, np.inf))}, "robot[0] is not finite"),
    ],
    ids=["spec", "features", "no features", "length", "infinity"],
)
def test_a_level_below_refuses_bad_messages_and_says_why(
    start: Start, bundle: Path, level: str, bad: dict[str, Any], reason: str
) -> None:
    bench = start(node(level, bundle))
    answers, status = bench.listen(*OUTPUT[level]), bench.listen("policy_status", PolicyStatus)
    topic = {"mid": "skill", "low": "latent"}[level]
    speaker = bench.speaker(topic, type(above(level)))
    speaker.publish(above(level, **bad))
    bench.until(lambda: bool(status) and status[-1].refused == 1)
    assert status[-1].last_refusal.startswith(reason)
    if "features" in reason:
        assert f"was trained on raw ({RAW[:12]}); load the same bundle in all levels" in status[-1].last_refusal
    assert not answers
    speaker.publish(above(level))
    bench.until(lambda: bool(answers))
    assert answers[-1].step == 4


@pytest.mark.parametrize(
    ("level", "bad", "reason"),
    [
        ("mid", {"scene": floats(np.zeros(125))}, "scene has 125 numbers; the contract wants 126"),
        ("mid", {"skill": 5}, "skill is 5; this policy has the skills 0 to 4"),
        ("low", {"latent": floats(np.zeros(7))}, "latent has 7 numbers; the contract wants 8"),
    ],
)
def test_each_level_refuses_what_only_it_reads(
    start: Start, bundle: Path, level: str, bad: dict[str, Any], reason: str
) -> None:
    bench = start(node(level, bundle))
    status = bench.listen("policy_status", PolicyStatus)
    bench.speaker({"mid": "skill", "low": "latent"}[level], type(above(level))).publish(above(level, **bad))
    bench.until(lambda: bool(status) and status[-1].refused == 1)
    assert status[-1].last_refusal == reason


def test_a_latent_of_an_older_step_is_refused(start: Start, bundle: Path) -> None:
    bench = start(node("low", bundle))
    actions, status = bench.listen("action", Action), bench.listen("policy_status", PolicyStatus)
    latents = bench.speaker("latent", Latent)
    latents.publish(above("low", step=4))
    bench.until(lambda: len(actions) == 1)
    latents.publish(above("low", step=3))
    bench.until(lambda: bool(status) and status[-1].refused == 1)
    assert status[-1].last_refusal == "step 3 of episode 1 is over; the newest is step 4 of episode 1"
    # A repeated one is answered again: its answer may have been lost.
    latents.publish(above("low", step=4))
    bench.until(lambda: len(actions) == 2)
    assert actions[-1].step == 4


@pytest.mark.parametrize("levels", CHAINS, ids=" ".join)
def test_each_level_hears_the_one_above_and_the_first_the_observation(
    start: Start, tmp_path: Path, levels: tuple[str, ...]
) -> None:
    bundle = make_bundle(tmp_path / "bundle", levels=levels)
    bench = start(*levels_of(str(bundle)))
    heard = ["observation", "setup"]
    for level in levels:
        found = bench.node.get_subscriber_names_and_types_by_node(LEVELS[level], "/")
        path = {"/observation", "/setup", "/skill", "/latent", "/action"}
        assert {name for name, _ in found} & path == {f"/{topic}" for topic in heard}
        heard = [OUTPUT[level][0]]


def test_features_go_down_as_they_are_and_the_objects_no_further_than_the_mid_level(
    start: Start, tmp_path: Path
) -> None:
    """Permuting the objects changes what the upper levels get, and not the robot that the action decoder gets."""
    path = make_bundle(tmp_path / "bundle", features="tool", order="roles")
    bench, bundle = start(*levels_of(str(path))), load_bundle(path)
    skills, latents = bench.listen("skill", SkillSelection), bench.listen("latent", Latent)
    actions = bench.listen("action", Action)
    setups, observations = bench.speaker("setup", Setup, qos.SETUP), bench.speaker("observation", Observation)
    own, objects = arrays()
    permuted = objects.reshape(3, 2, 3, 7)[:, :, [1, 2, 0]].reshape(3, 42)
    for episode, seen in ((1, objects), (2, permuted)):
        setups.publish(setup(episode=episode))
        observations.publish(observation(episode=episode, objects=floats(seen)))
        bench.until(lambda count=episode: len(actions) == count)  # type: ignore[misc]
        perception = Perception(bundle)
        perception.begin(SHAPES, (0, 2, 1))
        expected = perception(own, seen)
        np.testing.assert_array_equal(skills[-1].robot, expected.robot)
        np.testing.assert_array_equal(skills[-1].scene, expected.scene)
        np.testing.assert_array_equal(latents[-1].robot, expected.robot)
        skill, _ = HighLevel(bundle)(Seen(*expected))
        latent = MidLevel(bundle)(expected, skill)
        assert (skills[-1].skill, latents[-1].skill) == (skill, skill)
        np.testing.assert_array_equal(latents[-1].latent, latent)
        np.testing.assert_array_equal(actions[-1].action, LowLevel(bundle)(expected.robot, latent))
    assert {message.features_hash for message in (*skills, *latents)} == {TOOL}
    assert list(skills[0].scene) != list(skills[1].scene)
    assert list(latents[0].robot) == list(latents[1].robot)
    assert not hasattr(latents[0], "scene")


# Loading other bundles.


def test_another_bundle_is_loaded_while_active_and_a_broken_one_refused(
    start: Start, bundle: Path, tmp_path: Path
) -> None:
    first = First(start(node("high", bundle)), "high")
    other = make_bundle(tmp_path / "other", skills=3, seed=1)
    first.setups.publish(setup())
    load = "skill_selector/load_policy"
    assert first.bench.call(LoadPolicy, load, bundle=str(other)).success
    (other / "low_level.onnx").write_bytes(b"torn")
    refused = first.bench.call(LoadPolicy, load, bundle=str(other))
    assert not refused.success
    assert "low_level.onnx is not the file that the manifest describes" in refused.message
    first.observations.publish(observation())
    first.bench.until(lambda: bool(first.answers))
    assert len(first.answers[-1].probabilities) == 3


def test_a_bundle_that_is_loaded_in_an_episode_goes_on_with_its_setup(
    start: Start, bundle: Path, tmp_path: Path
) -> None:
    first = First(start(node("high", bundle)), "high")
    first.setups.publish(setup())
    first.observations.publish(observation())
    first.bench.until(lambda: len(first.answers) == 1)
    other = make_bundle(tmp_path / "other", features="tool", order="roles")
    assert first.bench.call(LoadPolicy, "skill_selector/load_policy", bundle=str(other)).success
    first.observations.publish(observation(step=5))
    first.bench.until(lambda: len(first.answers) == 2)
    perception = Perception(load_bundle(other))
    perception.begin(SHAPES, (0, 2, 1))
    np.testing.assert_array_equal(first.answers[-1].scene, perception(*arrays()).scene)
    assert first.answers[-1].features_hash == TOOL


@pytest.mark.parametrize(
    ("level", "ours", "theirs", "message"),
    [
        ("high", HIERARCHICAL, NPMP, "has no graph 'high'; it has features, mid, low"),
        ("mid", HIERARCHICAL, NPMP, "has the levels mid, low, this graph runs high, mid, low; start the graph anew"),
        ("low", NPMP, HIERARCHICAL, "has the levels high, mid, low, this graph runs mid, low; start the graph anew"),
        ("mid", NPMP, FLAT, "has no graph 'mid'; it has features, flat"),
        ("flat", FLAT, HIERARCHICAL, "has no graph 'flat'; it has features, high, mid, low"),
    ],
)
def test_a_policy_of_other_levels_is_refused_and_the_old_one_goes_on(
    start: Start, tmp_path: Path, level: str, ours: tuple[str, ...], theirs: tuple[str, ...], message: str
) -> None:
    bundle = make_bundle(tmp_path / "ours", levels=ours)
    other = make_bundle(tmp_path / "theirs", levels=theirs, seed=1)
    bench = start(node(level, bundle))
    # The old policy is in memory: it goes on whatever has become of its folder.
    fingerprint_before = load_bundle(bundle).fingerprint
    for path in bundle.iterdir():
        path.unlink()
    answers, status = bench.listen(*OUTPUT[level]), bench.listen("policy_status", PolicyStatus)
    refused = bench.call(LoadPolicy, f"{LEVELS[level]}/load_policy", bundle=str(other))
    assert not refused.success and message in refused.message
    if level == ours[0]:
        bench.speaker("setup", Setup, qos.SETUP).publish(setup())
        bench.speaker("observation", Observation).publish(observation())
    else:
        bench.speaker({"mid": "skill", "low": "latent"}[level], type(above(level))).publish(above(level))
    bench.until(lambda: bool(answers) and bool(status))
    again = make_bundle(tmp_path / "again", levels=ours)
    field, expected = expected_answer(again, level)
    np.testing.assert_array_equal(getattr(answers[-1], field), expected)
    assert status[-1].manifest_sha256 == fingerprint_before


def expected_answer(folder: Path, level: str) -> tuple[str, Array]:
    """Return field and numbers of the answer of a level to the messages above."""
    bundle = load_bundle(folder)
    policy = Policy(bundle)
    policy.begin(SHAPES, (0, 2, 1))
    step = policy(*arrays())
    still = Seen(np.zeros(129, np.float32), np.zeros(126, np.float32))
    if level == "high":
        return "probabilities", step.probabilities
    if level == "flat":
        return "action", step.action
    if level == "low":
        return "action", LowLevel(bundle)(still.robot, np.zeros(8, np.float32))
    return "latent", MidLevel(bundle)(still, 2) if "high" in bundle.manifest.levels else step.latent
