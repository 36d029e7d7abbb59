"""Episode manager node: runs episodes in sequence, publishes their events and counts successes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rclpy.action import ActionServer, CancelResponse, GoalResponse
from rclpy.action.server import ServerGoalHandle
from rclpy.client import Client
from rclpy.task import Future
from std_srvs.srv import Trigger

from helms_control.episodes import Ledger, Outcome, Request, Schedule, object_sets_of
from helms_control.nodes import qos
from helms_control.nodes.episode_run import EpisodeRun
from helms_control.nodes.guard import Guard, names_of
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_control.statistics import wilson_interval
from helms_msgs.action import RunEpisode
from helms_msgs.msg import Commanded, EpisodeEvent, Heartbeat, Progress, SkillSelection
from helms_msgs.srv import Reset

LOOK_S = 0.01
LINGER_S = 0.3
"""Time for the last event to reach the recorder before the series is done, s."""


@dataclass(frozen=True)
class EpisodeManagerSettings:
    """Parameters of the episode manager."""

    episodes: int = setting(0, "Number of episodes to run; 0 waits for goals of run_episode.", 0, 1_000_000)
    seed: int = setting(0, "Seed of the first episode; it increases by 1 for each further one.", 0, 2**31)
    task: str = setting("", "Task of the episodes; empty for the cell's own setting.")
    object_sets: str = setting("", "Object sets in rotation, such as 1..5; empty for the cell's own setting.")
    randomisation: str = setting("", "Domain randomisation: off, training or hard; empty for the cell's own setting.")
    driver: str = setting("", "Source of actions, for the events: expert, random, keyboard, joy or a bundle.")
    arm: str = setting("simulation", "Node that executes actions.")
    needs: str = setting("", "Other nodes that must be ready before an episode begins, separated by commas.")
    timeout_s: float = setting(30.0, "Timeout without progress, after which an episode is aborted, s.", 0.5, 3600.0)
    results: str = setting("", "JSON Lines file of outcomes, from which an interrupted series resumes; empty for none.")
    exit_when_done: bool = setting(False, "End the process after the last episode.")
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class EpisodeManagerNode(ManagedNode):
    """Runs a schedule of episodes, or single ones as goals of the action `run_episode`.

    Attributes:
        ledger: outcomes so far.
        done: whether the schedule is finished.
    """

    SETTINGS = EpisodeManagerSettings
    BEAT_S = 0.02

    def prepare(self) -> None:
        """Create publisher, subscriptions, service clients and action server."""
        s: EpisodeManagerSettings = self.settings
        self.schedule = Schedule(s.episodes, s.seed, s.task, object_sets_of(s.object_sets), s.randomisation)
        self.ledger = Ledger(Path(s.results) if s.results else None)
        self.done, self._number, self._ended = s.episodes == 0, 1, 0.0
        self._run: EpisodeRun | None = None
        self._arm, self._needs = Guard([s.arm], 1.0), Guard([s.arm, *names_of(s.needs), self.get_name()], 1.0)
        self._events = self.speak(EpisodeEvent, "episode_events", qos.LATCHED)
        self.listen(Progress, "progress", self._on_progress)
        self.listen(Commanded, "commanded", self._on_commanded)
        self.listen(SkillSelection, "skill", self._on_skill, needed=False)
        self.listen(Heartbeat, "heartbeat", self._on_beat, qos.BEAT, needed=False)
        self._reset: Client[Any, Any] = self.create_client(Reset, "reset")
        self._end: Client[Any, Any] = self.create_client(Trigger, "end_episode")
        self._server = ActionServer(
            self,
            RunEpisode,
            "run_episode",
            self._execute,
            goal_callback=self._on_goal,
            cancel_callback=lambda _: CancelResponse.ACCEPT,
        )
        self.every(LOOK_S, self._look)

    def pause(self) -> None:
        """Abort the running episode."""
        if self._run is not None:
            self._run.abort("the episode manager was deactivated")

    def release(self) -> None:
        """Destroy action server and clients."""
        self._server.destroy()
        self.destroy_client(self._reset)
        self.destroy_client(self._end)

    def report(self) -> tuple[str, dict[str, object]]:
        """Return successes so far; warn while an episode waits to begin."""
        outcomes = self.ledger.outcomes
        waiting = self._run.waiting if self._run is not None else ""
        return waiting, {"episodes": len(outcomes), "successes": sum(outcome.success for outcome in outcomes)}

    def summary(self) -> dict[str, object]:
        """Return episodes, successes with their Wilson 95 % interval, mean return, mean steps to success."""
        outcomes = self.ledger.outcomes
        successes, count = sum(outcome.success for outcome in outcomes), len(outcomes)
        low, high = wilson_interval(successes, count) if count else (None, None)
        times = [outcome.steps_to_success for outcome in outcomes if outcome.steps_to_success is not None]
        return {
            "driver": self.settings.driver,
            "object_set": self.settings.object_sets,
            "task": self.settings.task,
            "episodes": count,
            "seed": self.settings.seed,
            "success": successes / count if count else None,
            "success_low": low,
            "success_high": high,
            "return_mean": sum(outcome.episode_return for outcome in outcomes) / count if count else None,
            "steps_to_success_mean": sum(times) / len(times) if times else None,
            "aborted": sum(not outcome.finished for outcome in outcomes),
            "missed": sum(outcome.missed for outcome in outcomes),
        }

    # The schedule.

    def _look(self) -> None:
        if not self.active:
            return
        if self._run is not None:
            self._run.look(self._arm.missing())
        elif len(self.ledger.outcomes) < self.schedule.episodes:
            self._begin(self.schedule[len(self.ledger.outcomes)], lambda outcome: None)
        elif not self.done and time.monotonic() - self._ended > LINGER_S:
            self.done = True
            self.get_logger().info(f"done: {self.summary()}")
            if self.settings.exit_when_done:
                self.exit_code = 0

    def _begin(
        self, request: Request, on_done: Callable[[Outcome], None], goal: ServerGoalHandle[Any, Any, Any] | None = None
    ) -> None:
        def finished(outcome: Outcome) -> None:
            self._run, self._ended = None, time.monotonic()
            self._number = max(self._number, outcome.episode) + 1
            if goal is None:
                self.ledger.add(request, outcome)
            on_done(outcome)

        s: EpisodeManagerSettings = self.settings
        clients = (self._reset, self._end)
        publish, now = self._events.publish, self.get_clock().now
        self._run = EpisodeRun(
            request, s.driver, self._number, clients, self._needs, s.timeout_s, publish, now, finished, goal
        )

    # Subscriptions.

    def _on_progress(self, progress: Progress) -> None:
        if self._run is not None:
            self._run.on_progress(progress)

    def _on_commanded(self, commanded: Commanded) -> None:
        if self._run is not None:
            self._run.on_commanded(commanded)

    def _on_skill(self, skill: SkillSelection) -> None:
        if self._run is not None:
            self._run.skill = skill.skill

    def _on_beat(self, beat: Heartbeat) -> None:
        self._arm.hear(beat)
        self._needs.hear(beat)

    # The action.

    def _on_goal(self, request: RunEpisode.Goal) -> GoalResponse:
        busy = self._run is not None or not self.done or not self.active
        return GoalResponse.REJECT if busy else GoalResponse.ACCEPT

    async def _execute(self, goal: ServerGoalHandle[Any, Any, Any]) -> RunEpisode.Result:
        wanted, future = goal.request, Future[Outcome](executor=self.executor)
        request = Request(wanted.seed, wanted.task, wanted.object_set, wanted.randomisation)
        self._begin(request, future.set_result, goal)
        outcome = await future
        assert outcome is not None  # for the type checker: a future without a result has an exception
        if outcome.reason == EpisodeRun.CANCELLED:
            goal.canceled()
        elif outcome.finished:
            goal.succeed()
        else:
            goal.abort()
        return RunEpisode.Result(
            success=outcome.success,
            episode_return=outcome.episode_return,
            steps=outcome.steps,
            episode=outcome.episode,
            reason=outcome.reason,
        )
