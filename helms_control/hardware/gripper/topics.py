"""The 2F-85 behind the ROS 1 node of Robotiq's package, which speaks Modbus itself: the same bytes as messages.

Source: ros-industrial robotiq, robotiq_2f_gripper_control. Each status that comes in is answered with a command, so
this side has no thread and keeps the pace of the other.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.gripper.pursuit import Pursuit, PursuitConfig, status_of
from helms_control.hardware.gripper.registers import CommandBytes, ObjectDetection, StatusBytes
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.publisher import Publisher

PACKAGE = "robotiq_2f_gripper_control"


@dataclass(frozen=True, kw_only=True)
class TopicsConfig(PursuitConfig):
    """How the gripper's node is spoken to; see `PursuitConfig`."""

    command: str = "/Robotiq2FGripperRobotOutput"
    """Topic of the commands."""
    status: str = "/Robotiq2FGripperRobotInput"
    """Topic of the status."""


class Follower:
    """Decides what to write for each status. It reads no clock.

    Attributes:
        activating: whether somebody asked for activation and it is not complete.
    """

    def __init__(self, config: TopicsConfig) -> None:
        """Start without a command."""
        self.activating, self._fallen = False, False
        self._pursuit = Pursuit(config)

    def command(self, speed: float, now: float) -> None:
        """Ask for a finger speed, tics/s, at a time in s; only its sign counts."""
        self._pursuit.command(speed, now)

    def activate(self) -> None:
        """Make the gripper ready with the next statuses."""
        self.activating, self._fallen = True, False

    def answer(self, read: StatusBytes, now: float) -> CommandBytes | None:
        """Return what to write for a status that came at a time in s; None for nothing."""
        if read.ready:
            self.activating = False
            return self._pursuit.follow(read, now)
        self._pursuit.forget()
        if not self.activating:
            return None
        # The bit must fall before it rises: a gripper that lost its power kept neither.
        self._fallen = self._fallen or not read.active
        return CommandBytes(activate=self._fallen)


class TopicsGripper:
    """A `Gripper` on two topics.

    Attributes:
        config: as given.
        received: statuses that came.
    """

    def __init__(self, config: TopicsConfig, node: Node, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare; nothing is subscribed to yet.

        Args:
            config: how it is spoken to.
            node: of the driver.
            clock: gives the time of receipt, s.
        """
        self.config, self._node, self._clock = config, node, clock
        self.received = 0
        self._follower = Follower(config)
        self._status: GripperStatus | None = None
        self._ready, self._quit = threading.Event(), False
        self._publisher: Publisher | None = None
        self._written: CommandBytes | None = None

    def start(self) -> None:
        """See `Gripper.start`."""
        self._publisher = self._node.publish(self.config.command, f"{PACKAGE}/Robotiq2FGripper_robot_output")
        self._node.subscribe(self.config.status, f"{PACKAGE}/Robotiq2FGripper_robot_input", self._hear)

    def activate(self, timeout_s: float = 10.0) -> None:
        """See `Gripper.activate`; a gripper that is ready stays as it is."""
        status = self._status
        if status is not None and status.ready and self.fresh(self._clock()):
            return
        self._ready.clear()
        self._follower.activate()
        if not self._ready.wait(timeout_s):
            self._follower.activating = False
            raise HelmsError(
                f"the gripper is not ready after {timeout_s:g} s: {self.problem()}. Check its power supply and cable, "
                "its ROS 1 node, and that nothing blocks the fingers."
            )

    def command(self, speed: float) -> None:
        """See `Gripper.command`; only the sign of the speed counts, as in the simulated cell."""
        self._follower.command(speed, self._clock())

    def status(self) -> GripperStatus | None:
        """See `Gripper.status`."""
        return self._status

    def fresh(self, now: float) -> bool:
        """See `Gripper.fresh`."""
        status = self._status
        return status is not None and now - status.stamp <= self.config.stale_s

    def problem(self) -> str:
        """Say what is wrong with the gripper; empty if nothing is."""
        status = self._status
        return f"no status on {self.config.status}" if status is None else status.problem

    def close(self) -> None:
        """See `Gripper.close`; the topics end with the node."""
        self._quit = True

    def _hear(self, message: Any) -> None:  # noqa: ANN401 - a Robotiq2FGripper_robot_input message
        if self._quit or self._publisher is None:
            return
        now, read = self._clock(), status_bytes(message)
        self.received += 1
        self._status = status_of(read, now, self._status, self.config.calibration, self._follower.activating)
        answer = self._follower.answer(read, now)
        # A command that got lost on its way is not echoed, and sent again.
        if answer is not None and (answer != self._written or not _echoed(answer, read)):
            self._publisher.send(self._publisher.type.new(**output_fields(answer)))
        self._written = answer
        if read.ready and not self._follower.activating:
            self._ready.set()


def status_bytes(message: Any) -> StatusBytes:  # noqa: ANN401 - a Robotiq2FGripper_robot_input message
    """Take a status message apart."""
    return StatusBytes(
        active=bool(message.gACT),
        going=bool(message.gGTO),
        state=int(message.gSTA),
        detection=ObjectDetection(message.gOBJ & 3),
        fault=int(message.gFLT),
        requested=int(message.gPR),
        position=int(message.gPO),
        current=0.01 * message.gCU,
    )


def output_fields(command: CommandBytes) -> dict[str, int]:
    """Return the fields of a command message."""
    return {
        "rACT": int(command.activate),
        "rGTO": int(command.go),
        "rATR": 0,
        "rPR": command.position,
        "rSP": command.speed,
        "rFR": command.force,
    }


def _echoed(command: CommandBytes, read: StatusBytes) -> bool:
    moving = not command.go or (read.going and read.requested == command.position)
    return read.active == command.activate and moving
