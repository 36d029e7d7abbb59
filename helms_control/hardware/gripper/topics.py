"""The 2F-85 behind the ROS 1 node of Robotiq's package, which speaks Modbus itself: the same bytes as messages.

Source: ros-industrial robotiq, robotiq_2f_gripper_control. Each status that comes in is answered with a command, so
this side has no thread and keeps the pace of the other.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from helms_control.hardware.gripper.problems import Problem
from helms_control.hardware.gripper.pursuit import PursuitConfig
from helms_control.hardware.gripper.registers import CommandBytes, ObjectDetection, StatusBytes
from helms_control.hardware.gripper.twofinger import TwoFinger
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


class TopicsGripper(TwoFinger):
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
        super().__init__(config, clock)
        self.config, self._node = config, node
        self.received = 0
        self._publisher: Publisher | None = None
        self.trouble = f"no answer on {config.status}: {Problem.NO_STATUS}"

    def start(self) -> None:
        """See `Gripper.start`."""
        self._publisher = self._node.publish(self.config.command, f"{PACKAGE}/Robotiq2FGripper_robot_output")
        self._node.subscribe(self.config.status, f"{PACKAGE}/Robotiq2FGripper_robot_input", self._receive)

    def close(self) -> None:
        """See `Gripper.close`; the topics end with the node."""
        self._quit.set()

    def _receive(self, message: Any) -> None:  # noqa: ANN401 - a Robotiq2FGripper_robot_input message
        if self._quit.is_set() or self._publisher is None:
            return
        self.received += 1
        command = self.hear(status_bytes(message), self._clock())
        if command is not None:
            self._publisher.send(self._publisher.type.new(**output_fields(command)))


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
