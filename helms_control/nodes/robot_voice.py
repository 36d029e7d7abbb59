"""Messages of the driver on each control step, on the same topics as the simulated cell."""

import time
from typing import Any

from helms_control.hardware.sawyer.observation import Vector
from helms_control.hardware.sawyer.outcome import Command, Instant
from helms_control.hardware.sawyer.shapes import Hulls
from helms_control.hardware.sawyer.steps import Steps
from helms_control.nodes import qos
from helms_control.nodes.convert import doubles, fill, floats, header
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.setup import SetupPublisher
from helms_control.nodes.standard import BASE, StandardTopics
from helms_control.spec import SPEC
from helms_msgs.msg import Commanded, Observation, Progress

DRY_RUN = "dry run: nothing was sent"


class RobotVoice:
    """Publishers of the driver."""

    def __init__(self, node: ManagedNode, dry_run: bool) -> None:
        """Create the publishers; in a dry run, every step counts as held."""
        self._observation = node.speak(Observation, "observation", qos.SAID)
        self._progress = node.speak(Progress, "progress", qos.SAID)
        self._commanded = node.speak(Commanded, "commanded", qos.SAID)
        self._setup = SetupPublisher(node)
        self._standard = StandardTopics(node)
        self._command, self._judged, self._seen = Commanded(), Progress(), Observation(spec_hash=SPEC.hash)
        self._dry_run, self._began_ns = dry_run, time.time_ns()

    def begin(self, episode: int, task: str, hulls: Hulls | None) -> None:
        """Publish the setup of an episode that begins; without hulls the shapes are unknown."""
        names, shapes = ([hull.name for hull in hulls or ()], [hull.vertices for hull in hulls or ()])
        self._setup.publish(time.time_ns(), episode, task, names, shapes)

    def tell(self, command: Command, steps: Steps) -> None:
        """Publish the command of a step."""
        held = command.held or (DRY_RUN if self._dry_run else "")
        self._commanded.publish(
            fill(
                self._command,
                header=header(self._began_ns),
                episode=command.episode,
                step=command.step,
                velocity=doubles(command.velocity),
                held=held,
                missed=steps.missed,
                refused=steps.refused,
                clipped=steps.clipped,
            )
        )

    def say(self, now: Instant) -> None:
        """Publish an observation, and progress without reward: on the robot, success is judged by a person."""
        self._began_ns = time.time_ns()
        at = header(self._began_ns, BASE)
        place: dict[str, Any] = {"header": at, "episode": now.episode, "step": now.step, "last": now.last}
        self._observation.publish(fill(self._seen, **place, proprioception=floats(now.own), objects=floats(now.seen)))
        self._progress.publish(fill(self._judged, **place, reason=now.reason))
        self._standard.publish(at.stamp, now.own[0], now.seen[0])

    def show(self, own: Vector, seen: Vector) -> None:
        """Publish standard messages outside of episodes, from proprioception (43,) and objects (42,)."""
        self._standard.publish(header(time.time_ns(), BASE).stamp, own, seen)
