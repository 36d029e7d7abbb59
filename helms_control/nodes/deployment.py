"""Deployment of a policy on the robot, all nodes in this process (`helms deploy`)."""

import gc
import threading
from collections.abc import Callable
from typing import Any

from helms_control.errors import HelmsError
from helms_control.graph import GraphSettings, describe
from helms_control.hardware.sawyer.enabling import Request
from helms_control.nodes.compose import ComposedGraph
from helms_control.nodes.episode_manager import EpisodeManagerNode
from helms_control.nodes.sawyer_driver import SawyerDriverNode
from helms_control.safety.state import Mode

SUMMARY = ("driver", "object_set", "task", "episodes", "aborted", "missed")
"""Reported fields of the summary; on a robot, success is judged by a person."""
PATIENCE_S = 20.0
"""Timeout for robot, gripper and tracker to respond, s."""


class Deployment:
    """Runs the episodes of a graph around a robot; arms it before each on request only.

    Attributes:
        graph: the running graph.
    """

    def __init__(self, settings: GraphSettings, say: Callable[[str], None]) -> None:
        """Start the graph; nothing moves.

        Args:
            settings: of the graph, with `robot` set.
            say: called with progress messages.

        Raises:
            HelmsError: a node failed to start.
        """
        self._say = say
        self.graph = ComposedGraph(describe(settings))
        driver, manager = self.graph.nodes["sawyer_driver"], self.graph.nodes["episode_manager"]
        assert isinstance(driver, SawyerDriverNode) and isinstance(manager, EpisodeManagerNode)  # for the type checker
        self._driver, self._manager = driver, manager
        # Exempt imported modules from garbage collection: a full collection would delay the driver by 80 ms.
        gc.collect()
        gc.freeze()

    def __enter__(self) -> "Deployment":
        """Return the deployment."""
        return self

    def __exit__(self, *_: object) -> None:
        """Brake to zero, leave velocity mode and shut down all nodes."""
        gc.unfreeze()
        self.graph.close()

    def enable(self) -> None:
        """Switch the motors on, resetting an earlier stop.

        Raises:
            HelmsError: the motors are not on in time.
        """
        driver = self._driver.driver
        self._wait_for(lambda: driver.loop.senses.assembly is not None, "the robot does not say anything")
        driver.ask(Request.ENABLE)
        self._wait_for(lambda: "under way" not in driver.power(), "the robot does not switch its motors on")
        if failure := driver.power():
            raise HelmsError(failure)

    def activate_gripper(self) -> None:
        """Activate the gripper, if there is one; its fingers move.

        Raises:
            HelmsError: it is not ready in time.
        """
        connection = self._driver.connection
        if connection.gripper is None:
            return
        connection.activate_gripper()
        self._wait_for(lambda: "being activated" not in connection.activation, "the gripper does not answer")
        if connection.activation:
            raise HelmsError(connection.activation)

    def run(self, arm: bool, confirm: Callable[[str], None] | None = None) -> dict[str, Any]:
        """Run the episodes to their end.

        Args:
            arm: arm the robot before each episode; otherwise an operator does, with the service `arm`.
            confirm: asks the operator before every episode but the first; returns after the answer.

        Returns:
            The episode manager's summary and the driver's statistics.

        Raises:
            HelmsError: the robot cannot be armed; the message says why.
        """
        driver, manager = self._driver.driver, self._manager
        total = manager.schedule.episodes
        while len(manager.ledger.outcomes) < total:
            done = len(manager.ledger.outcomes)
            if arm:
                if done and confirm is not None:
                    self._ask(confirm, f"episode {done + 1} of {total}: put everything in its place")
                self._wait_for(lambda: not driver.hindrances(), "")
                self._driver.arm()
                self._say(f"armed for episode {done + 1} of {total}{', dry run' if driver.dry_run else ''}")
            self.graph.spin_until(lambda done=done: self._over(done))  # type: ignore[misc]
        self.graph.spin_until(lambda: manager.done, PATIENCE_S)
        summary = manager.summary()
        # Without success, which nothing measures on the robot.
        return {name: summary[name] for name in SUMMARY} | self.sent()

    def sent(self) -> dict[str, Any]:
        """Return statistics of the commands sent so far; in a dry run, of those that would have been."""
        driver = self._driver.driver
        counts = driver.counts
        return {
            "dry_run": driver.dry_run,
            "commands": counts.sent,
            "late_cycles": counts.late,
            "worst_cycle_ms": counts.worst_ms,
            "fastest_joint": counts.fastest,
            "findings": {str(kind): count for kind, count in driver.loop.commander.layer.counts.items()},
        }

    def _over(self, done: int) -> bool:
        if self._driver.driver.broken:
            raise HelmsError(f"the driver is broken: {self._driver.driver.broken}; nothing is sent any more")
        loop = self._driver.driver.loop
        return len(self._manager.ledger.outcomes) > done and not loop.steps.running and loop.mode is not Mode.STOPPING

    def _wait_for(self, condition: Callable[[], bool], problem: str) -> None:
        if not self.graph.spin_until(condition, PATIENCE_S):
            raise HelmsError(problem or f"the robot cannot be armed: {self._driver.driver.hindrances()}")

    def _ask(self, confirm: Callable[[str], None], words: str) -> None:
        """Ask the operator while the graph keeps spinning."""
        thread = threading.Thread(target=confirm, args=(words,), name="question", daemon=True)
        thread.start()
        self.graph.spin_until(lambda: not thread.is_alive())
