"""The 2F-85's registers: six bytes out, six bytes in, as every transport carries them.

Source: Robotiq, 2F-85 instruction manual (control through Modbus RTU).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.problems import FAULTS, Problem

COMMAND_ADDRESS = 0x03E8
"""First of the three registers that are written."""
STATUS_ADDRESS = 0x07D0
"""First of the three registers that are read."""
REGISTERS = 3
DEVICE_ID = 9
BAUDRATE = 115200


class ObjectDetection(IntEnum):
    """gOBJ: what the fingers have met."""

    MOVING = 0
    """On their way to the requested position."""
    STOPPED_OPENING = 1
    """Stopped by contact while opening."""
    STOPPED_CLOSING = 2
    """Stopped by contact while closing: something is held."""
    AT_REQUEST = 3
    """At the requested position; nothing was met, or it was lost."""


ACTIVATED = 3
"""gSTA once activation is complete."""
_HARMLESS = (0x00, 0x09)
"""Fault codes that stop nothing: no communication for a second is over once it can be read."""


@dataclass(frozen=True, slots=True)
class CommandBytes:
    """What is written.

    Attributes:
        activate: rACT; falling and rising again makes the gripper calibrate its stroke.
        go: rGTO, whether it moves to the position.
        position: rPR, 0 (open) to 255 (closed).
        speed: rSP, 0 (slowest, not standing) to 255.
        force: rFR, 0 to 255.

    Raises:
        HelmsError: a number that is not a byte.
    """

    activate: bool
    go: bool = False
    position: int = 0
    speed: int = 0
    force: int = 0

    def __post_init__(self) -> None:
        """Refuse what does not fit the registers."""
        for name in ("position", "speed", "force"):
            if not 0 <= getattr(self, name) <= 255:
                raise HelmsError(f"gripper {name} must be from 0 to 255, got {getattr(self, name)!r}")

    def registers(self) -> list[int]:
        """Return the three registers: the bytes in pairs, high byte first."""
        flags = int(self.activate) | int(self.go) << 3
        return [flags << 8, self.position, self.speed << 8 | self.force]

    def echoed(self, read: "StatusBytes") -> bool:
        """Whether a status shows that the gripper has taken this command; speed and force are not echoed."""
        moving = not self.go or (read.going and read.requested == self.position)
        return read.active == self.activate and moving


@dataclass(frozen=True, slots=True)
class StatusBytes:
    """What is read.

    Attributes:
        active: gACT, echo of the activation bit.
        going: gGTO, echo of the go bit.
        state: gSTA; 3 is activated.
        detection: gOBJ.
        fault: gFLT; `problems.FAULTS` has the known ones.
        requested: gPR, echo of the requested position.
        position: gPO, 0 to 255.
        current: motor current, A.
    """

    active: bool
    going: bool
    state: int
    detection: ObjectDetection
    fault: int
    requested: int
    position: int
    current: float

    @staticmethod
    def of(registers: Sequence[int]) -> "StatusBytes":
        """Take the three registers apart.

        Raises:
            HelmsError: not three registers of 16 bits.
        """
        if len(registers) != REGISTERS or not all(0 <= value <= 0xFFFF for value in registers):
            raise HelmsError(f"the gripper's status is {REGISTERS} registers of 16 bits, got {registers!r}")
        flags, fault = registers[0] >> 8, registers[1] >> 8 & 0x0F
        return StatusBytes(
            active=bool(flags & 1),
            going=bool(flags >> 3 & 1),
            state=flags >> 4 & 3,
            detection=ObjectDetection(flags >> 6),
            fault=fault,
            requested=registers[1] & 0xFF,
            position=registers[2] >> 8,
            current=0.01 * (registers[2] & 0xFF),
        )

    @property
    def ready(self) -> bool:
        """Whether the gripper is activated and follows commands."""
        return self.active and self.state == ACTIVATED and self.fault in _HARMLESS

    @property
    def problem(self) -> str:
        """Message about activation or fault; empty for none."""
        if self.fault not in _HARMLESS:
            return FAULTS.get(self.fault, Problem.UNKNOWN.replace("NN", f"{self.fault:02X}"))
        if not self.active:
            return Problem.NOT_ACTIVATED
        return FAULTS[self.fault] if self.state == ACTIVATED else Problem.ACTIVATING
