"""Faults on a live graph with a process for each node: the arm stops, and the graph recovers."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lifecycle_msgs.srv import GetState

from helms_control.bags import check_bag, open_bag, read_episodes, repair
from helms_control.graph import GraphSettings, NodeSpec, describe
from helms_control.graph.processes import ProcessGraph
from test.graph.conftest import Listener

STEPS = 3
"""Control steps, 50 ms each, within which the arm must stand still."""
MOVING = 10


def moving(listener: Listener) -> bool:
    """Whether the arm has carried out actions for a while."""
    newest = listener.messages("commanded")[-MOVING:]
    return len(newest) == MOVING and not any(message.held for message in newest)


def held_after(listener: Listener, step: int) -> Any:  # noqa: ANN401 - a message
    """Return the first command after a step that held the arm."""
    return next((m for m in listener.messages("commanded") if m.step > step and m.held), None)


def begun(graph: ProcessGraph, listener: Listener) -> int:
    """Wait until the arm moves; return the newest step."""
    logs = "".join(graph.log(name) for name in graph.processes)
    assert listener.wait(lambda: moving(listener)), f"the episode never began: {logs}"
    return int(listener.messages("commanded")[-1].step)


@pytest.fixture
def policy_graph(bundle: Path, domain: int) -> Iterator[ProcessGraph]:
    """Three levels in real time."""
    with ProcessGraph(describe(GraphSettings(str(bundle), episodes=2)), domain) as graph:
        yield graph


@pytest.fixture
def recording_graph(tmp_path: Path, domain: int) -> Iterator[ProcessGraph]:
    """The random driver in real time, recorded."""
    settings = GraphSettings("random", episodes=2, record=str(tmp_path / "bag"))
    with ProcessGraph(describe(settings), domain) as graph:
        yield graph


def assert_stands_still_and_goes_on(graph: ProcessGraph, listener: Listener, name: str) -> None:
    step = begun(graph, listener)
    graph.kill(name)
    assert listener.wait(lambda: held_after(listener, step), 5.0), "the arm was never held"
    first = held_after(listener, step)
    # The kill falls into the step after the newest one heard of, and what was sent before still counts.
    assert first.step - (step + 1) <= STEPS
    assert not any(first.velocity)
    assert listener.wait(lambda: not graph.respawn() and moving(listener)), graph.log(name)
    assert listener.messages("commanded")[-1].episode == first.episode or name == "episode_manager"


@pytest.mark.parametrize("name", ["skill_selector", "latent_policy", "action_decoder"])
def test_a_killed_level_holds_the_arm_and_comes_back(policy_graph: ProcessGraph, listener: Listener, name: str) -> None:
    assert_stands_still_and_goes_on(policy_graph, listener, name)


@pytest.mark.parametrize("name", ["demonstrator", "recorder", "episode_manager"])
def test_a_killed_driver_recorder_or_manager_holds_the_arm_too(
    recording_graph: ProcessGraph, listener: Listener, name: str
) -> None:
    assert_stands_still_and_goes_on(recording_graph, listener, name)


def test_a_killed_simulation_ends_the_episode_with_its_reason(policy_graph: ProcessGraph, listener: Listener) -> None:
    begun(policy_graph, listener)
    policy_graph.kill("simulation")
    heard = len(listener.messages("commanded"))
    assert listener.wait(lambda: any(e.kind == e.ABORTED for e in listener.messages("episode_events")), 5.0)
    # Nothing is carried out any more: there is no arm, and the last velocity dies with it.
    assert len(listener.messages("commanded")) - heard <= 2
    assert listener.messages("episode_events")[-1].reason == "simulation is silent"
    policy_graph.start("simulation")
    assert listener.wait(lambda: moving(listener) and listener.messages("commanded")[-1].episode == 2), (
        policy_graph.log("simulation")
    )


def test_a_level_stopped_for_two_seconds_holds_the_arm_meanwhile(
    policy_graph: ProcessGraph, listener: Listener
) -> None:
    step = begun(policy_graph, listener)
    policy_graph.kill("latent_policy", signal.SIGSTOP)
    assert listener.wait(lambda: listener.messages("commanded")[-1].step > step + 40)
    policy_graph.kill("latent_policy", signal.SIGCONT)
    stopped = [m for m in listener.messages("commanded") if step + 1 + STEPS < m.step < step + 38]
    assert stopped
    assert all(m.held == "no action in time" and not any(m.velocity) for m in stopped)
    assert listener.wait(lambda: moving(listener))
    assert listener.messages("commanded")[-1].missed >= 35


def test_a_killed_recorder_loses_the_running_episode_at_most(tmp_path: Path, listener: Listener, domain: int) -> None:
    settings = GraphSettings("random", episodes=6, lockstep=True, record=str(tmp_path / "bag"))
    with ProcessGraph(describe(settings), domain) as graph:
        assert listener.wait(lambda: any(o.episode == 3 and o.step > 99 for o in listener.messages("observation")[-9:]))
        graph.kill("recorder")
    bag = repair(tmp_path / "bag.partial").path
    with open_bag(bag) as opened:
        episodes = read_episodes(opened)
    whole = [record for record in episodes if record.finished and not record.drops]
    assert len(whole) >= 2
    assert all(len(record.observed) == 401 and len(record.acted) == 400 for record in whole)


def test_a_recorder_that_comes_back_goes_on_with_the_same_bag(tmp_path: Path, listener: Listener, domain: int) -> None:
    settings = GraphSettings("random", episodes=4, lockstep=True, record=str(tmp_path / "bag"))
    with ProcessGraph(describe(settings), domain) as graph:
        assert listener.wait(lambda: len(listener.messages("episode_events")) >= 3)
        graph.kill("recorder")
        assert listener.wait(lambda: not graph.respawn() and graph.processes["episode_manager"].poll() == 0, 40.0)
    with open_bag(tmp_path / "bag") as opened:
        records = read_episodes(opened)
    finished = [record for record in records if record.finished and not record.drops]
    assert len(list((tmp_path / "bag").glob("*.mcap"))) == 2
    # The one that ran when it was killed may have a gap; in lockstep the cell waited for the recorder.
    assert len(finished) >= 3, [(record.number, record.reason, record.drops[:3]) for record in records]
    problems = check_bag(tmp_path / "bag")
    assert all("episode" in problem for problem in problems)


def test_a_node_with_a_broken_bundle_stays_unconfigured(bundle: Path, listener: Listener, domain: int) -> None:
    (bundle / "mid_level.onnx").write_bytes(b"torn")
    with ProcessGraph([NodeSpec("skill_selector", "skill_selector", {"bundle": str(bundle)})], domain) as graph:
        assert listener.wait(lambda: "stays inactive" in graph.log("skill_selector"))
        state = listener.ask(GetState, "skill_selector/get_state")
        assert state.current_state.label == "unconfigured"
        assert "mid_level.onnx is not the file that the manifest describes" in graph.log("skill_selector")
        assert graph.processes["skill_selector"].poll() is None
