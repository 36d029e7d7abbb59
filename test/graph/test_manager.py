"""Episodes as a ROS action, and series that go on where they stopped."""

from pathlib import Path
from typing import Any

import pytest
from action_msgs.msg import GoalStatus
from rclpy.action import ActionClient

from helms_control.graph import GraphSettings, describe
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.episode_manager import EpisodeManagerNode
from helms_msgs.action import RunEpisode
from helms_sim.env import StackEnv
from helms_sim.evaluation import make_driver, run_episode
from test.graph.conftest import Listener


def goal(listener: Listener, **fields: Any) -> tuple[Any, list[Any]]:  # noqa: ANN401
    """Send a goal and return its handle and the list that feedback goes to."""
    client: Any = ActionClient(listener.node, RunEpisode, "run_episode")
    feedback: list[Any] = []
    assert listener.wait(client.server_is_ready)
    sent = client.send_goal_async(RunEpisode.Goal(**fields), feedback_callback=lambda m: feedback.append(m.feedback))
    assert listener.wait(sent.done)
    return sent.result(), feedback


@pytest.fixture
def waiting(domain: int, listener: Listener) -> Any:  # noqa: ANN401
    """A graph that waits for goals, run from the listener's waits."""
    settings = GraphSettings(episodes=0, lockstep=True)
    with ComposedGraph(describe(settings), domain) as graph:
        wait = listener.wait

        def both(condition: Any, timeout_s: float = 20.0) -> bool:  # noqa: ANN401
            def work() -> Any:  # noqa: ANN401
                graph.spin_some()
                return condition()

            return wait(work, timeout_s)

        listener.wait = both  # type: ignore[method-assign]
        yield graph
        listener.wait = wait  # type: ignore[method-assign]


def test_a_goal_runs_the_episode_of_its_seed(waiting: ComposedGraph, listener: Listener) -> None:
    handle, feedback = goal(listener, seed=1, object_set="1")
    assert handle.accepted
    done = handle.get_result_async()
    assert listener.wait(done.done, 60.0)
    env = StackEnv(object_set="1")
    expected = run_episode(env, make_driver("expert", env), 1)
    result = done.result()
    assert result.status == GoalStatus.STATUS_SUCCEEDED
    assert (result.result.success, result.result.steps) == (expected.success, 400)
    assert result.result.episode_return == pytest.approx(expected.episode_return)
    assert max(item.stage for item in feedback) == expected.best_stage
    assert feedback[-1].skill == -1


def test_a_second_goal_is_rejected_and_the_first_can_be_cancelled(waiting: ComposedGraph, listener: Listener) -> None:
    handle, _ = goal(listener, seed=1)
    assert not goal(listener, seed=2)[0].accepted
    cancelled = handle.cancel_goal_async()
    done = handle.get_result_async()
    assert listener.wait(lambda: cancelled.done() and done.done())
    assert (done.result().status, done.result().result.reason) == (GoalStatus.STATUS_CANCELED, "cancelled")
    assert listener.messages("episode_events")[-1].kind == 3


def test_an_impossible_goal_is_aborted_with_the_reason(waiting: ComposedGraph, listener: Listener) -> None:
    handle, _ = goal(listener, seed=1, task="fly")
    done = handle.get_result_async()
    assert listener.wait(done.done)
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
