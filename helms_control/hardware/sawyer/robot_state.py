"""Robot state from /robot/state, in both generations of its message.

intera_core_msgs/AssemblyState up to firmware 5.2; RobotAssemblyState, which has `homed` as well, from 5.3.
"""

from dataclasses import dataclass
from typing import Any

UNPRESSED, PRESSED, UNKNOWN, RELEASED = range(4)
"""Emergency stop button: RELEASED was pressed before, and waits for a reset."""
NO_SOURCE = 0
"""Source of a stop: none."""

_BUTTON = ("unpressed", "pressed", "unknown", "released")
_SOURCE = ("none", "user", "unknown", "fault", "engine")


@dataclass(frozen=True, slots=True)
class Assembly:
    """The robot's own state.

    Attributes:
        stamp: reception time, s.
        enabled: the motors are on.
        stopped: it was stopped and needs a reset.
        error: a part reports a fault.
        low_voltage: its supply voltage is too low.
        homed: all joints are homed; True where the firmware does not report it.
        estop_button: UNPRESSED to RELEASED.
        estop_source: source of the stop; NO_SOURCE for none.
    """

    stamp: float
    enabled: bool
    stopped: bool
    error: bool
    low_voltage: bool
    homed: bool
    estop_button: int
    estop_source: int

    @staticmethod
    def of(message: Any, stamp: float) -> "Assembly":  # noqa: ANN401 - either message
        """Convert a message of either generation, received at `stamp`, s."""
        return Assembly(
            stamp,
            enabled=bool(message.enabled),
            stopped=bool(message.stopped),
            error=bool(message.error),
            low_voltage=bool(message.lowVoltage),
            homed=bool(getattr(message, "homed", True)),
            estop_button=int(message.estop_button),
            estop_source=int(message.estop_source),
        )

    @property
    def estop(self) -> bool:
        """Whether it is stopped, or its button is pressed or in an unknown state."""
        return self.stopped or self.estop_button in (PRESSED, UNKNOWN) or self.estop_source != NO_SOURCE

    @property
    def faulty(self) -> bool:
        """Whether it reports a fault that forbids motion."""
        return self.error or self.low_voltage or not self.homed

    @property
    def clear(self) -> bool:
        """Whether no reset is needed."""
        return not (self.stopped or self.error or self.estop_button or self.estop_source)

    def __str__(self) -> str:
        """Return the state as text."""
        words = ["enabled" if self.enabled else "disabled"]
        flags = (("stopped", self.stopped), ("error", self.error), ("low voltage", self.low_voltage))
        words += [name for name, set_ in (*flags, ("not homed", not self.homed)) if set_]
        if self.estop_button != UNPRESSED:
            words.append(f"emergency stop button {_word(_BUTTON, self.estop_button)}")
        if self.estop_source != NO_SOURCE:
            words.append(f"stopped by {_word(_SOURCE, self.estop_source)}")
        return ", ".join(words)


def _word(words: tuple[str, ...], code: int) -> str:
    return words[code] if 0 <= code < len(words) else f"code {code}"
