"""The contract of nodes, for the simulation and for the driver with an emulated Sawyer.

What is to come is taken from the plain environment, which both must agree with.
"""

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.graph import NodeSpec
from helms_control.graph.leftovers import clean_shared_memory
from helms_control.graph.processes import ProcessGraph
from helms_control.spec import ACTION, EPISODE_STEPS, FRAMES, OBJECTS, PROPRIOCEPTION, SPEC
from helms_sim.benchmark.stack import DriverStack
from helms_sim.env import StackEnv
from helms_sim.nodes.driver_peer import Answer, DriverPeer
from test.graph.conftest import DOMAINS, shared_files

Array = npt.NDArray[np.float64]

SEED = 1
DOMAIN = 20 + os.getpid() % DOMAINS
PATIENCE_S = 10.0
STILL = (0.0,) * 5
DOWN = (0.0, 0.0, -0.5, 0.0, 0.0)
TOPICS = {
    "/observation": "helms_msgs/msg/Observation",
    "/commanded": "helms_msgs/msg/Commanded",
    "/progress": "helms_msgs/msg/Progress",
    "/heartbeat": "helms_msgs/msg/Heartbeat",
    "/diagnostics": "diagnostic_msgs/msg/DiagnosticArray",
    "/joint_states": "sensor_msgs/msg/JointState",
    "/tcp_pose": "geometry_msgs/msg/PoseStamped",
    "/tcp_twist": "geometry_msgs/msg/TwistStamped",
    "/wrench": "geometry_msgs/msg/WrenchStamped",
    "/objects/red/pose": "geometry_msgs/msg/PoseStamped",
    "/objects/green/pose": "geometry_msgs/msg/PoseStamped",
    "/objects/blue/pose": "geometry_msgs/msg/PoseStamped",
    "/camera/image": "sensor_msgs/msg/Image",
}
SERVICES = {
    "/reset": "helms_msgs/srv/Reset",
    "/end_episode": "std_srvs/srv/Trigger",
    "/emergency_stop": "std_srvs/srv/SetBool",
}
TOLERANCES = {"rad": 0.02, "rad/s": 0.05, "Nm": 0.5, "N": 0.5, "m/s, rad/s": 0.02, "tics": 2.0, "tics/s": 5.0}
"""Of the first observation, by unit; the arm settles differently behind a position controller. Lengths: 2 mm."""


class Side(Protocol):
    """One of the two."""

    node: str
    peer: DriverPeer

    def begin(self, answer: Answer) -> int:
        """Begin an episode of `SEED`, whatever was before; return its number."""

    def close(self) -> None:
        """End it."""


class SimulationSide:
    """The simulation's node."""

    node = "simulation"

    def __init__(self) -> None:
        os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
        self.graph, self.peer = ProcessGraph([NodeSpec(self.node, self.node)], DOMAIN), DriverPeer(DOMAIN)

    def begin(self, answer: Answer) -> int:
        self.peer.call("emergency_stop", data=False)
        self.peer.answer = answer
        response = self.peer.call("reset", seed=SEED, object_set="4")
        assert response.success, response.message
        return int(response.episode)

    def close(self) -> None:
        self.graph.close()
        self.peer.close()
        gc.collect()
        clean_shared_memory()


class DriverSide(DriverStack):
    """The driver's node, the emulated Sawyer behind it."""

    node = "sawyer_driver"

    def __init__(self) -> None:
        super().__init__(DOMAIN)


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """As elsewhere, but for all tests here together: they share the processes."""
    before = shared_files()
    yield
    gc.collect()
    assert shared_files() - before == set()


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SimulationSide, id="simulation"),
        pytest.param(DriverSide, id="driver", marks=pytest.mark.needs_ros1),
    ],
)
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    made: Side = request.param()
    yield made
    made.close()


@pytest.fixture(scope="module")
def env() -> Iterator[StackEnv]:
    made = StackEnv(object_set=4)
    yield made
    made.close()


def until(condition: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def observed(side: Side, episode: int) -> dict[int, Any]:
    """Return the observations of an episode by step."""
    return {seen.step: seen for seen in list(side.peer.observed) if seen.episode == episode}


def told(side: Side, episode: int) -> dict[int, Any]:
    """Return what the arm was told in an episode, by step."""
    return {said.step: said for said in list(side.peer.commanded) if said.episode == episode}


def run(side: Side, answer: Answer, steps: int) -> tuple[int, dict[int, Any], dict[int, Any]]:
    """Begin an episode and let it run; return its number, observations and commands."""
    episode = side.begin(answer)
    until(lambda: steps in observed(side, episode) and steps - 1 in told(side, episode))
    return episode, observed(side, episode), told(side, episode)


def own(seen: Any) -> Array:  # noqa: ANN401 - an Observation message
    """Return proprioception (3, 43)."""
    return np.array(seen.proprioception, np.float64).reshape(FRAMES, PROPRIOCEPTION.size)


def test_it_says_and_offers_the_same(side: Side) -> None:
    side.begin(lambda _: STILL)
    node = side.peer.node
    said = {name: kinds[0] for name, kinds in node.get_publisher_names_and_types_by_node(side.node, "/")}
    # Of the whole graph: the driver has a node of its own for its emergency stop.
    offered = {name: kinds[0] for name, kinds in node.get_service_names_and_types()}
    assert TOPICS.items() <= said.items()
    assert SERVICES.items() <= offered.items()


def test_its_first_observation_is_that_of_the_environment(side: Side, env: StackEnv) -> None:
    _, seen, _ = run(side, lambda _: None, 1)
    expected, _ = env.reset(seed=SEED)
    assert (seen[0].spec_hash, seen[0].header.frame_id, seen[0].last) == (SPEC.hash, "base", False)
    vectors = {"proprioception": PROPRIOCEPTION, "objects": OBJECTS}
    for name, layout in vectors.items():
        numbers = np.array(getattr(seen[0], name), np.float64).reshape(FRAMES, layout.size)
        # Nothing was before: every frame is the first.
        assert (numbers == numbers[0]).all()
        got, wanted = layout.unpack(numbers[0]), layout.unpack(expected[name][0])
        for field in layout.fields:
            error = np.abs(got[field.name] - wanted[field.name])
            # A pose: position, then quaternion.
            allowed = np.array([0.002] * 3 + [0.01] * 4) if field.size == 7 and field.unit.startswith("m,") else 0.0
            assert (error <= np.maximum(allowed, TOLERANCES.get(field.unit, 0.0))).all(), (field.name, error)


def test_frames_are_stacked_newest_first(side: Side) -> None:
    _, seen, _ = run(side, lambda _: DOWN, 6)
    for step in range(2, 6):
        np.testing.assert_array_equal(own(seen[step])[1:], own(seen[step - 1])[:2])
    heights = [own(seen[step])[0][PROPRIOCEPTION.slices["tcp_pose"]][2] for step in (2, 6)]
    assert heights[1] < heights[0] - 0.002


OPENING, CLOSING, AXIS, FROM = 20, 12, 12, 4
"""Steps in which the fingers get to where they have a way before them while the tool goes down from the ceiling of its
workspace, steps along one axis, and after how many of those it moves evenly."""


def along(axis: int, sign: float) -> Callable[[int], Sequence[float]]:
    """Return actions that get to a place with room on all sides, and then move along one axis alone."""

    def answer(step: int) -> Sequence[float]:
        if step < OPENING + CLOSING:
            # Opening begins with the fingers nearly closed, closing with them nearly open.
            fingers = -1.0 if step < OPENING else float(sign < 0.0 or step < OPENING + 4)
            return (0.0, 0.0, -0.4, 0.0, fingers)
        return tuple(0.8 * sign if index == axis else 0.0 for index in range(ACTION.size))

    return answer


def moved(before: Array, after: Array) -> Array:
    """Return how tool and fingers moved (5,): m, base frame; rad about base z; tics."""
    a, b = PROPRIOCEPTION.unpack(before), PROPRIOCEPTION.unpack(after)
    turn = heading(b["tcp_pose"]) - heading(a["tcp_pose"])
    turn = (turn + np.pi) % (2.0 * np.pi) - np.pi
    return np.array([*(b["tcp_pose"] - a["tcp_pose"])[:3], turn, (b["gripper_angle"] - a["gripper_angle"])[0]])


def heading(pose: Array) -> float:
    """Return the angle about base z of a pose (7,), rad."""
    w, x, y, z = pose[3:]
    return float(np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z)))


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("axis", range(ACTION.size), ids=ACTION.names)
def test_every_axis_of_an_action_means_the_same(side: Side, env: StackEnv, axis: int, sign: float) -> None:
    answer, begin = along(axis, sign), OPENING + CLOSING
    seen, _ = env.reset(seed=SEED)
    plain = [seen["proprioception"][0].astype(np.float64)]
    for step in range(begin + AXIS):
        plain.append(env.step(np.array(answer(step)))[0]["proprioception"][0].astype(np.float64))
    _, live, commands = run(side, answer, begin + AXIS)
    expected = moved(plain[begin + FROM], plain[begin + AXIS])
    got = moved(own(live[begin + FROM])[0], own(live[begin + AXIS])[0])
    # The environment itself goes the right way, at the speed that the contract gives (a lag evens out).
    nominal = 0.8 * sign * ACTION.high[axis] * (AXIS - FROM) / SPEC.control_hz
    if axis == ACTION.size - 1:
        # As the 2F-85's fingers do: towards the sign, at one speed.
        assert np.sign(expected[axis]) == sign
    else:
        assert expected[axis] == pytest.approx(nominal, rel=0.2)
    # 1.5 mm of 22 mm, 0.02 rad of 0.32 rad; 13 of 108 tics: the gripper's last answer may be one control step old.
    assert (np.abs(got - expected) <= [0.0015, 0.0015, 0.0015, 0.02, 13.0]).all(), (got, expected)
    last = np.array(commands[begin + AXIS - 1].velocity)
    assert commands[begin + AXIS - 1].held == ""
    assert last[axis] == pytest.approx(0.8 * sign * ACTION.high[axis], rel=0.3)


def test_what_is_beyond_the_range_is_clipped_and_counted(side: Side) -> None:
    _, _, commands = run(side, lambda _: (0.0, 0.0, -3.0, 0.0, 7.0), 10)
    assert commands[9].clipped == 20
    assert commands[9].velocity[2] == pytest.approx(ACTION.low[2], rel=0.1)
    assert not any(said.held for step, said in commands.items() if step > 1)


BAD: dict[str, Sequence[float]] = {
    "not finite": (float("nan"), 0.0, -0.5, 0.0, 0.0),
    "infinite": (0.0, float("inf"), -0.5, 0.0, 0.0),
    "too short": (0.0, 0.0, -0.5, 0.0),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_bad_action_is_refused_and_the_arm_stands(side: Side, bad: Sequence[float]) -> None:
    _, seen, commands = run(side, lambda step: DOWN if step < 10 else bad, 25)
    assert commands[24].refused == 15
    assert {commands[step].held for step in range(10, 25)} == {"no action in time"}
    assert not any(commands[24].velocity)
    assert np.abs(moved(own(seen[20])[0], own(seen[25])[0])[:3]).max() < 0.001


def test_without_an_action_it_stands_and_goes_on_by_itself(side: Side) -> None:
    _, _, commands = run(side, lambda step: None if 10 <= step < 20 else DOWN, 30)
    assert {commands[step].held for step in range(10, 20)} == {"no action in time"}
    assert not any(commands[19].velocity)
    assert {commands[step].held for step in range(22, 30)} == {""}
    assert commands[29].missed - commands[9].missed in (10, 11)


def test_an_action_for_another_step_is_refused(side: Side) -> None:
    episode = side.begin(lambda _: DOWN)
    until(lambda: 5 in told(side, episode))
    # The answers of an episode that is over are for steps that do not wait any more.
    again = side.peer.call("reset", seed=SEED, episode=episode + 7)
    assert (again.success, again.episode) == (True, episode + 7)
    until(lambda: 3 in told(side, episode + 7))
    assert told(side, episode + 7)[3].refused <= 1
    assert min(observed(side, episode + 7)) == 0


def test_an_episode_is_over_after_its_time(side: Side) -> None:
    episode = side.begin(lambda step: (0.0, 0.0, 0.3 if step % 20 < 10 else -0.3, 0.0, 0.0))
    until(lambda: EPISODE_STEPS in observed(side, episode), 30.0)
    seen, commands = observed(side, episode), told(side, episode)
    assert sorted(seen) == list(range(EPISODE_STEPS + 1))
    assert sorted(commands) == list(range(EPISODE_STEPS))
    assert [step for step, each in seen.items() if each.last] == [EPISODE_STEPS]
    until(lambda: side.peer.ended)
    assert side.peer.ended == "time"
    stamps = [each.header.stamp.sec + 1e-9 * each.header.stamp.nanosec for _, each in sorted(seen.items())]
    assert np.median(np.diff(stamps)) == pytest.approx(1.0 / SPEC.control_hz, rel=0.05)


def test_an_episode_can_be_ended(side: Side) -> None:
    episode, _, _ = run(side, lambda _: DOWN, 5)
    assert side.peer.call("end_episode").success
    until(lambda: any(each.last for each in observed(side, episode).values()))
    until(lambda: side.peer.ended == "ended on request")
    refused = side.peer.call("end_episode")
    assert (refused.success, refused.message) == (False, "no episode is running")


def test_an_emergency_stop_stands_still_until_it_is_undone(side: Side) -> None:
    episode, _, _ = run(side, lambda _: DOWN, 10)
    assert side.peer.call("emergency_stop", data=True).success
    until(lambda: any("emergency stop" in said.held for said in told(side, episode).values()))
    refused = side.peer.call("reset", seed=SEED)
    assert not refused.success
    assert "no reset" in refused.message or "no episode" in refused.message
    # Undone, each in its way (the robot is enabled and armed), it goes on.
    _, _, commands = run(side, lambda _: DOWN, 10)
    assert commands[9].held == "" and commands[9].velocity[2] < -0.02
