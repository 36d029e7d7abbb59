"""State machine of one episode: wait until all nodes are ready, reset, follow, end."""

import time
from collections.abc import Callable
from typing import Any, ClassVar

from rclpy.action.server import ServerGoalHandle
from rclpy.client import Client
from rclpy.task import Future
from rclpy.time import Time
from std_srvs.srv import Trigger

from helms_control.episodes import Outcome, Request, Tally
from helms_control.nodes.guard import Guard
from helms_control.spec import SPEC
from helms_msgs.action import RunEpisode
from helms_msgs.msg import Commanded, EpisodeEvent, Progress
from helms_msgs.srv import Reset

AGAIN_S = 0.25
"""Delay before the one repetition of a refused reset, s; by then a heartbeat tells whether the arm is ready."""


class EpisodeRun:
    """Takes one request from waiting to its outcome; `look` is called periodically.

    Attributes:
        waiting: what it waits for before it begins; empty from then on.
        skill: newest choice of the high level; -1 without one.
    """

    CANCELLED: ClassVar[str] = "cancelled"

    def __init__(
        self,
        request: Request,
        driver: str,
        number: int,
        clients: tuple[Client[Any, Any], Client[Any, Any]],
        needs: Guard,
        timeout_s: float,
        publish: Callable[[EpisodeEvent], None],
        now: Callable[[], Time],
        on_done: Callable[[Outcome], None],
        goal: ServerGoalHandle[Any, Any, Any] | None,
    ) -> None:
        """Wait to begin.

        Args:
            request: the episode.
            driver: source of actions, for the events.
            number: smallest number of the episode.
            clients: of the services `reset` and `end_episode`.
            needs: watchdog of the nodes that must be ready.
            timeout_s: timeout without progress, s.
            publish: publishes an event.
            now: returns the time for stamps.
            on_done: called once, with the outcome.
            goal: receives feedback; None without an action goal.
        """
        self._request, self._driver, self._number = request, driver, number
        self._reset, self._end = clients
        self._needs, self._timeout_s, self._goal = needs, timeout_s, goal
        self._publish, self._now, self._on_done = publish, now, on_done
        self.waiting, self.skill = "everything", -1
        self._tally: Tally | None = None
        self._last: Progress | None = None
        self._answer: Future[Any] | None = None
        self._objects: list[str] | None = None
        self._missed, self._heard, self._over = 0, time.monotonic(), False
        self._refused, self._not_before = False, 0.0

    def look(self, arm_missing: str) -> None:
        """Begin as soon as all nodes are ready; abort on a timeout or when the arm's node is gone."""
        if self._over:
            return
        if self._goal is not None and self._goal.is_cancel_requested:
            self.abort(self.CANCELLED)
        elif self._answer is None:
            self._try_to_begin()
        elif arm_missing and self._tally is not None:
            self.abort(arm_missing)
        elif time.monotonic() - self._heard > self._timeout_s:
            self.abort(f"no progress for {self._timeout_s:g} s")

    def on_progress(self, progress: Progress) -> None:
        """Receive progress of the episode."""
        if self._answer is None or progress.episode < self._number or self._over:
            return
        if self._tally is None:
            self._tally = Tally(progress.episode)
        if progress.episode != self._tally.episode:
            self.abort("another episode began")
            return
        moved = progress.step > self._tally.step
        self._tally.add(progress.step, progress.reward, progress.stage, progress.success)
        if moved or progress.last:
            self._heard = time.monotonic()
            self._feed_back()
        if progress.last:
            self._last = progress
            self._finish()

    def on_commanded(self, commanded: Commanded) -> None:
        """Count the steps in which the arm was held."""
        if self._tally is not None and commanded.episode == self._tally.episode:
            self._missed = commanded.missed

    def abort(self, reason: str) -> None:
        """End the episode now."""
        if self._over:
            return
        if self._answer is not None and self._end.service_is_ready():
            self._end.call_async(Trigger.Request())
        self._conclude(reason, finished=False)

    def _try_to_begin(self) -> None:
        if time.monotonic() < self._not_before:
            return
        self.waiting = (
            self._needs.missing()
            or self._needs.apart()
            or ("" if self._reset.service_is_ready() else "no reset service")
        )
        if self.waiting:
            self._refused = False
            return
        wanted = self._request
        self._heard = time.monotonic()
        self._answer = self._reset.call_async(
            Reset.Request(
                seed=wanted.seed,
                task=wanted.task,
                object_set=wanted.object_set,
                randomisation=wanted.randomisation,
                episode=self._number,
            )
        )
        self._answer.add_done_callback(self._on_answer)

    def _on_answer(self, future: Future[Any]) -> None:
        if self._over:
            return
        response: Any = future.result()
        if not response.success:
            if self._refused:
                self._conclude(response.message, finished=False)
                return
            # Between an episode's end and the next heartbeat, a robot that must be armed again still appears ready.
            self._refused, self._answer, self.waiting = True, None, response.message
            self._not_before = time.monotonic() + AGAIN_S
            return
        if self._tally is None:
            self._tally = Tally(response.episode)
        self._objects = list(response.objects)
        self._request = Request(self._request.seed, response.task, response.object_set, response.randomisation)
        self._publish(self._event(EpisodeEvent.STARTED))
        if self._last is not None:
            self._finish()

    def _finish(self) -> None:
        # The reset's response and progress arrive independently; STARTED is published before the end.
        if self._last is not None and self._objects is not None:
            self._conclude(self._last.reason, finished=self._last.reason == "time")

    def _conclude(self, reason: str, finished: bool) -> None:
        self._over, self.waiting = True, ""
        tally = self._tally if self._tally is not None else Tally(self._number)
        outcome = tally.outcome(reason, finished, self._missed)
        event = self._event(EpisodeEvent.FINISHED if finished else EpisodeEvent.ABORTED)
        event.success, event.episode_return = outcome.success, outcome.episode_return
        event.steps, event.reason = outcome.steps, reason
        self._publish(event)
        self._on_done(outcome)

    def _event(self, kind: int) -> EpisodeEvent:
        wanted = self._request
        event = EpisodeEvent(
            kind=kind,
            episode=self._tally.episode if self._tally is not None else self._number,
            seed=wanted.seed,
            driver=self._driver,
            task=wanted.task,
            object_set=wanted.object_set,
            randomisation=wanted.randomisation,
            objects=self._objects or [],
            spec_version=SPEC.version,
            spec_hash=SPEC.hash,
        )
        event.header.stamp = self._now().to_msg()
        return event

    def _feed_back(self) -> None:
        if self._goal is not None and self._tally is not None:
            tally = self._tally
            self._goal.publish_feedback(
                RunEpisode.Feedback(step=tally.step, stage=tally.stage, reward=tally.reward, skill=self.skill)
            )
