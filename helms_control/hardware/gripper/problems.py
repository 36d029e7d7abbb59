"""Messages about a gripper that does not work: what is wrong, then what to do. docs/robot.md has them as a table."""

from enum import StrEnum
from types import MappingProxyType


class Problem(StrEnum):
    """A message; `FAULTS` has the fault codes' ones."""

    NOT_ACTIVATED = "not activated: call activate_gripper"
    ACTIVATING = "activation in progress: if it does not end, look for what blocks the fingers"
    STANDING = (
        "the fingers stand short of their target and no object is reported: look for what blocks them, "
        "then call activate_gripper"
    )
    HOLDING = (
        "the fingers hold something that an activation would drop: bring it by hand to where it may fall, switch the "
        "gripper's 24 V supply off and on, then call activate_gripper"
    )
    DELAYED = "fault 0x05, motion before the activation was complete: call activate_gripper"
    NO_ACTIVATION_BIT = "fault 0x07, motion without activation: call activate_gripper"
    HOT = "fault 0x08, above 85 °C: let it cool down"
    NO_COMMUNICATION = "fault 0x09, no communication for a second: nothing to do, it passes with the next command"
    LOW_VOLTAGE = "fault 0x0A, supply voltage too low: check the 24 V supply, then call activate_gripper"
    RELEASING = "fault 0x0B, automatic release in progress: wait for its end, then call activate_gripper"
    INTERNAL = "fault 0x0C, internal fault: call activate_gripper; if it comes back, ask Robotiq's support"
    BLOCKED = "fault 0x0D, activation failed: look for what blocks the fingers, then call activate_gripper"
    OVERCURRENT = "fault 0x0E, overcurrent: look for what blocks the fingers, then call activate_gripper"
    RELEASED = "fault 0x0F, automatic release complete: call activate_gripper"
    UNKNOWN = "fault 0xNN, not in Robotiq's manual: call activate_gripper; if it comes back, ask Robotiq's support"
    NO_PORT = "there is no such port: plug the adapter in"
    NO_PERMISSION = "no permission to open the port: sudo usermod -aG dialout $USER, then log in anew"
    PORT_BUSY = "the port cannot be opened: end the other program that uses it"
    SILENT = "nothing comes in: check the 24 V supply and the RS-485 wires"
    DAMAGED = "what comes in is damaged: check the RS-485 cable, its shield and termination"
    OTHER_DEVICE = "another Modbus address answers: set the gripper's address back to 9"
    LATE = (
        "answers come too late: connect the adapter without a hub, and end other programs that use this machine's time"
    )
    REFUSED = "the answer is not that of a 2F-85: connect nothing else to this port"
    NO_STATUS = "no status comes in: start Robotiq's ROS 1 node on the robot's master, and check its topic's name"


FAULTS = MappingProxyType(
    {
        0x00: "",
        0x05: Problem.DELAYED,
        0x07: Problem.NO_ACTIVATION_BIT,
        0x08: Problem.HOT,
        0x09: Problem.NO_COMMUNICATION,
        0x0A: Problem.LOW_VOLTAGE,
        0x0B: Problem.RELEASING,
        0x0C: Problem.INTERNAL,
        0x0D: Problem.BLOCKED,
        0x0E: Problem.OVERCURRENT,
        0x0F: Problem.RELEASED,
    }
)
"""Messages of the fault codes (gFLT). 5 and 7 are refused motions, 8 and 9 pass by themselves, 0xA and above need a new
activation."""
