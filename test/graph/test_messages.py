"""Messages that violate the contract are refused and counted by the cell, and never executed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sensor_msgs.msg import JointState
from std_srvs.srv import SetBool, Trigger

from helms_control.errors import HelmsError
from helms_control.graph import GraphSettings, NodeSpec, describe
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.convert import doubles
from helms_control.spec import SPEC
from helms_msgs.msg import Action, Commanded, Observation
from helms_msgs.srv import Reset
from test.graph.conftest import Bench


@pytest.fixture
def cell(domain: int) -> Iterator[Bench]:
    """The simulation alone, in lockstep."""
    with ComposedGraph([NodeSpec("simulation", "simulation", {"lockstep": True})], domain) as graph:
        bench = Bench(graph)
        yield bench
        bench.close()


def action(**changes: Any) -> Action:  # noqa: ANN401
    fields: dict[str, Any] = {"episode": 1, "step": 1, "spec_hash": SPEC.hash, "action": doubles(np.full(5, 0.5))}
    return Action(**(fields | changes))


@pytest.mark.parametrize(
    "bad",
    [
        {"spec_hash": "0" * 64},
        {"action": doubles(np.zeros(4))},
        {"action": doubles(np.array([0.0, np.nan, 0.0, 0.0, 0.0]))},
        {"action": doubles(np.array([0.0, np.inf, 0.0, 0.0, 0.0]))},
        {"step": 0},
        {"step": 2},
        {"episode": 7},
    ],
    ids=["hash", "length", "nan", "infinity", "old step", "future step", "other episode"],
)
def test_the_cell_refuses_bad_actions_and_carries_out_the_next_good_one(cell: Bench, bad: dict[str, Any]) -> None:
    commanded, observed = cell.listen("commanded", Commanded), cell.listen("observation", Observation)
    speaker = cell.speaker("action", Action)
    assert cell.call(Reset, "reset", seed=1).success
    speaker.publish(action(step=0))
    cell.until(lambda: bool(observed) and observed[-1].step == 1)
    speaker.publish(action(**bad))
    cell.until(lambda: bool(commanded) and commanded[-1].refused == 1)
    assert commanded[-1].held == "no action yet"
    assert not commanded[-1].velocity.any()
    speaker.publish(action())
    cell.until(lambda: observed[-1].step == 2)
    carried_out = [message for message in commanded if not message.held]
    assert [message.step for message in carried_out] == [0, 1]


def test_what_lies_beyond_the_range_is_clipped_and_counted(cell: Bench) -> None:
    commanded = cell.listen("commanded", Commanded)
    speaker = cell.speaker("action", Action)
    cell.call(Reset, "reset", seed=1)
    speaker.publish(action(step=0, action=doubles(np.array([3.0, 0.0, -1.5, 0.0, 0.0]))))
    cell.until(lambda: bool(commanded) and commanded[-1].clipped == 2)
    np.testing.assert_allclose(commanded[-1].velocity, [0.07, 0.0, -0.07, 0.0, 0.0])


def test_an_emergency_stop_holds_the_arm_and_refuses_resets(cell: Bench) -> None:
    commanded, observed = cell.listen("commanded", Commanded), cell.listen("observation", Observation)
    speaker = cell.speaker("action", Action)
    cell.call(Reset, "reset", seed=1)
    assert cell.call(SetBool, "emergency_stop", data=True).success
    speaker.publish(action(step=0))
    cell.until(lambda: bool(commanded) and commanded[-1].held == "emergency stop")
    assert not any(message.velocity.any() for message in commanded)
    assert observed[-1].step == 0
    assert cell.call(Reset, "reset", seed=1).message == "no reset: emergency stop"
    cell.call(SetBool, "emergency_stop", data=False)
    cell.until(lambda: observed[-1].step == 1)


def test_resets_say_what_they_did_or_why_not(cell: Bench) -> None:
    good = cell.call(Reset, "reset", seed=5, object_set="1", episode=40)
    assert (good.success, good.episode, list(good.objects)) == (True, 40, ["r3", "s0", "b2"])
    assert (good.task, good.object_set, good.randomisation) == ("red_on_blue", "1", "off")
    bad = cell.call(Reset, "reset", seed=5, task="fly")
    assert not bad.success
    assert bad.message.startswith("unknown task 'fly'; choose one of: red_on_green")


def test_an_episode_can_be_ended(cell: Bench) -> None:
    observed = cell.listen("observation", Observation)
    assert cell.call(Trigger, "end_episode").message == "no episode is running"
    cell.call(Reset, "reset", seed=1)
    assert cell.call(Trigger, "end_episode").success
    cell.until(lambda: observed[-1].last)


def test_a_lost_observation_is_sent_again(cell: Bench) -> None:
    observed = cell.listen("observation", Observation)
    cell.call(Reset, "reset", seed=1)
    cell.until(lambda: len(observed) >= 3)
    assert {(message.episode, message.step) for message in observed} == {(1, 0)}
    assert len({bytes(message.proprioception) for message in observed}) == 1


def test_standard_messages_say_the_same(cell: Bench) -> None:
    joints, observed = cell.listen("joint_states", JointState), cell.listen("observation", Observation)
    cell.call(Reset, "reset", seed=1)
    cell.until(lambda: bool(joints) and bool(observed))
    np.testing.assert_allclose(joints[-1].position, observed[-1].proprioception[:7])
    assert joints[-1].name == [f"right_j{index}" for index in range(7)]
    assert joints[-1].header.stamp == observed[-1].header.stamp


def test_a_graph_with_a_broken_bundle_does_not_start(bundle: Path, domain: int) -> None:
    (bundle / "high_level.onnx").unlink()
    with pytest.raises(HelmsError, match=r"skill_selector: .*high_level.onnx is missing"):
        ComposedGraph(describe(GraphSettings(str(bundle))), domain)
