"""What can go wrong with the emulated Sawyer, on demand."""

from collections.abc import Callable
from enum import StrEnum

from helms_control.errors import HelmsError, unknown
from helms_sim.emulation.arm import EmulatedArm
from helms_sim.emulation.gripper import MAJOR


class Fault(StrEnum):
    """Kinds of faults."""

    BUTTON = "button"
    """The emergency stop button is pressed; cleared: released, and the robot waits for a reset."""
    ERROR = "error"
    """A joint fails, and resets do not help; cleared: the next reset does."""
    DISABLED = "disabled"
    """The motors are switched off; they stay off until they are enabled, cleared or not."""
    UNHOMED = "unhomed"
    """The joints do not know where they are; the arm does not move."""
    COLLISION = "collision"
    """A collision is reported. The arm goes on moving: to stop is up to whoever commands it, as with the vendor's own
    trajectory server."""
    STALL = "stall"
    """Nothing is published and nothing is read; of what is sent meanwhile, the newest of each topic is read when it is
    over. The joints' controller runs on: velocities lapse."""
    LINKS = "links"
    """Every connection is closed and the robot is no longer known to the master; cleared: it comes back."""
    CLOCK = "clock"
    """Stamps are wrong by so many seconds."""
    RATE = "rate"
    """Joint states come at so many Hz, whatever was asked for."""
    MUTE = "mute"
    """Only joint states, objects and gripper are published; everything else, the robot's own state first, is not."""
    NAN = "nan"
    """One joint angle is not a number."""
    GRIPPER = "gripper"
    """The gripper stops and reports a fault code (gFLT); one from 0x0A on stays until a reset, cleared or not."""
    JAM = "jam"
    """The fingers do not move, although the gripper reports them as moving (gOBJ 0)."""
    SUPPLY = "supply"
    """The gripper's supply fails for an instant; its activation is lost, cleared or not."""
    SERIAL = "serial"
    """The gripper's answers are lost."""
    UNPLUGGED = "unplugged"
    """The gripper's serial port disappears; cleared: it is back."""


DEFAULTS = {Fault.CLOCK: 5.0, Fault.RATE: 5.0, Fault.GRIPPER: 14.0}
"""Values of faults that have one."""
_ALLOWED: dict[Fault, Callable[[float], bool]] = {
    Fault.CLOCK: lambda _: True,
    Fault.RATE: lambda value: value > 0.0,
    Fault.GRIPPER: lambda value: value in range(1, 16),
}


class Faults:
    """The faults that are active, and their effect on the robot's power and gripper.

    Attributes:
        active: values by fault; 1 where a value means nothing.
    """

    def __init__(self, arm: EmulatedArm) -> None:
        """Start with a robot that is well."""
        self.active: dict[Fault, float] = {}
        self._arm = arm

    def has(self, fault: Fault) -> bool:
        """Whether a fault is active."""
        return fault in self.active

    def inject(self, fault: Fault, value: float | None = None) -> None:
        """Let something go wrong.

        Args:
            fault: what.
            value: s for `CLOCK`, Hz for `RATE`, code for `GRIPPER`; by default that of `DEFAULTS`.

        Raises:
            HelmsError: a value for a fault that has none, a rate that is not positive, or a code that does not exist.
        """
        if value is not None and not (fault in DEFAULTS and _ALLOWED[fault](value)):
            raise HelmsError(
                f"fault {fault} got value {value!r}; only clock (s), rate (Hz, above 0) and gripper (code, 1 to 15) "
                "have one"
            )
        self.active[fault] = DEFAULTS.get(fault, 1.0) if value is None else value
        assembly, gripper = self._arm.assembly, self._arm.gripper
        if fault is Fault.BUTTON:
            assembly.press()
        elif fault is Fault.ERROR:
            assembly.fault()
        elif fault is Fault.DISABLED:
            assembly.enable(0.0, False)
        elif fault is Fault.UNHOMED:
            assembly.homed = False
        elif fault is Fault.GRIPPER:
            gripper.fault = int(self.active[fault])
        elif fault is Fault.JAM:
            gripper.jammed = True
        elif fault is Fault.SUPPLY:
            gripper.lose_power()

    def clear(self, fault: Fault) -> None:
        """Take a fault away; one that is not active stays so."""
        if self.active.pop(fault, None) is None:
            return
        assembly, gripper = self._arm.assembly, self._arm.gripper
        if fault is Fault.BUTTON:
            assembly.release()
        elif fault is Fault.ERROR:
            assembly.repair()
        elif fault is Fault.UNHOMED:
            assembly.homed = True
        elif fault is Fault.GRIPPER and gripper.fault < MAJOR:
            gripper.fault = 0
        elif fault is Fault.JAM:
            gripper.jammed = False


def fault_of(name: str) -> Fault:
    """Return the fault of that name.

    Raises:
        UnknownNameError: there is none.
    """
    try:
        return Fault(name)
    except ValueError as error:
        raise unknown("fault", name, Fault) from error
