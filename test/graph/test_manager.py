"""Episodes as a ROS action, and series that are continued."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from action_msgs.msg import GoalStatus

from helms_control.graph import GraphSettings, describe
from helms_control.nodes import qos
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.episode_manager import EpisodeManagerNode
from helms_msgs.action import RunEpisode
from helms_msgs.msg import EpisodeEvent
from helms_sim.env import StackEnv
from helms_sim.rollout.actors import make_actor
from helms_sim.rollout.evaluation import Record
from helms_sim.rollout.rollout import rollout
from test.graph.conftest import Bench


def goal(bench: Bench, **fields: Any) -> tuple[Any, list[Any]]:  # noqa: ANN401
    """Send a goal and return its handle and the list that feedback goes to."""
    client = bench.action_client(RunEpisode, "run_episode")
    feedback: list[Any] = []
    sent = client.send_goal_async(RunEpisode.Goal(**fields), feedback_callback=lambda m: feedback.append(m.feedback))
    bench.until(sent.done)
    return sent.result(), feedback


@pytest.fixture
def bench(domain: int) -> Iterator[Bench]:
    """A graph that waits for goals."""
    with ComposedGraph(describe(GraphSettings(episodes=0, lockstep=True)), domain) as graph:
        made = Bench(graph)
        yield made
        made.close()


def test_a_goal_runs_the_episode_of_its_seed(bench: Bench) -> None:
    handle, feedback = goal(bench, seed=1, object_set="1")
    assert handle.accepted
    done = handle.get_result_async()
    bench.until(done.done, 60.0)
    env = StackEnv(object_set="1")
    expected = Record.of(rollout(env, make_actor("expert", env), 1))
    result = done.result()
    assert result.status == GoalStatus.STATUS_SUCCEEDED
    assert (result.result.success, result.result.steps) == (expected.success, 400)
    assert result.result.episode_return == pytest.approx(expected.episode_return)
    assert max(item.stage for item in feedback) == expected.best_stage
    assert feedback[-1].skill == -1


def test_a_second_goal_is_rejected_and_the_first_can_be_cancelled(bench: Bench) -> None:
    events = bench.listen("episode_events", EpisodeEvent, qos.LATCHED)
    handle, _ = goal(bench, seed=1)
    assert not goal(bench, seed=2)[0].accepted
    cancelled = handle.cancel_goal_async()
    done = handle.get_result_async()
    bench.until(lambda: cancelled.done() and done.done())
    assert (done.result().status, done.result().result.reason) == (GoalStatus.STATUS_CANCELED, "cancelled")
    bench.until(lambda: bool(events) and events[-1].kind == EpisodeEvent.ABORTED)


def test_an_impossible_goal_is_aborted_with_the_reason(bench: Bench) -> None:
    handle, _ = goal(bench, seed=1, task="fly")
    done = handle.get_result_async()
    bench.until(done.done)
    assert done.result().status == GoalStatus.STATUS_ABORTED
    assert done.result().result.reason.startswith("unknown task 'fly'")


def test_an_interrupted_series_goes_on_where_it_stopped(tmp_path: Path, domain: int) -> None:
    results = tmp_path / "results.jsonl"
    for episodes in (1, 3):
        settings = GraphSettings("random", episodes=episodes, seed=5, lockstep=True, results=str(results))
        with ComposedGraph(describe(settings), domain) as graph:
            manager = graph.nodes["episode_manager"]
            assert isinstance(manager, EpisodeManagerNode)
            assert graph.spin_until(lambda: manager.done, 60.0)  # noqa: B023 - of this turn
            assert manager.summary()["episodes"] == episodes
    seeds = [line.split('"seed": ')[1].split(",")[0] for line in results.read_text().splitlines()]
    assert seeds == ["5", "6", "7"]
