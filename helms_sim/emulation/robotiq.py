"""The emulated gripper behind the ROS 1 node of Robotiq's package, beside its serial port; use one of the two."""

import time
from typing import Any

from helms_control.hardware.gripper.registers import CommandBytes, StatusBytes
from helms_control.hardware.ros1.node import Node
from helms_sim.emulation.gripper import EmulatedGripper

PACKAGE = "robotiq_2f_gripper_control"
COMMAND = "/Robotiq2FGripperRobotOutput"
STATUS = "/Robotiq2FGripperRobotInput"


class GripperTopics:
    """Takes commands from one topic and publishes the status on the other."""

    def __init__(self, node: Node, gripper: EmulatedGripper) -> None:
        """Subscribe and advertise."""
        self._gripper = gripper
        self._status = node.publish(STATUS, f"{PACKAGE}/Robotiq2FGripper_robot_input")
        node.subscribe(COMMAND, f"{PACKAGE}/Robotiq2FGripper_robot_output", self._hear)

    def say(self) -> None:
        """Publish the status, if anybody listens."""
        if not self._status.connections:
            return
        read = StatusBytes.of(self._gripper.read(time.monotonic()))
        message = self._status.type.new(
            gACT=int(read.active),
            gGTO=int(read.going),
            gSTA=read.state,
            gOBJ=int(read.detection),
            gFLT=read.fault,
            gPR=read.requested,
            gPO=read.position,
            gCU=round(100.0 * read.current),
        )
        self._status.send(message)

    def _hear(self, message: Any) -> None:  # noqa: ANN401 - a Robotiq2FGripper_robot_output message
        command = CommandBytes(
            bool(message.rACT), bool(message.rGTO), int(message.rPR), int(message.rSP), int(message.rFR)
        )
        self._gripper.write(command.registers(), time.monotonic())
