"""From a finger speed to a position target: the law of the simulated cell's actuator.

There, a command is the rate of the target position: its sign alone counts (255 tics/s), zero holds, and the target is
kept in [0, 255]. Positions are in tics: 0 fully open, 255 fully closed; calibration maps them to the gripper's counts.
"""

import math
from dataclasses import dataclass

from helms_control.errors import HelmsError

FINGER_SPEED = 255.0
"""Rate of the finger target for any command that is not zero, tics/s."""
CLOSED = 255.0
"""Position of closed fingers, tics."""
SLOWEST = 60.0
"""Speed at rSP = 0, counts/s: about 20 mm/s."""
FASTEST = 450.0
"""Speed at rSP = 255, counts/s: about 150 mm/s; in between it is about linear."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What this gripper counts (gPO) where its fingers end; measured once with the empty gripper.

    Attributes:
        open: counts when fully open, 0 to 254.
        closed: counts when fully closed, above `open`, at most 255.

    Raises:
        HelmsError: the two are not in that order.
    """

    open: int = 3
    closed: int = 230

    def __post_init__(self) -> None:
        """Refuse a stroke that leads nowhere."""
        if not 0 <= self.open < self.closed <= 255:
            raise HelmsError(
                f"gripper calibration needs 0 <= open < closed <= 255 counts, got open {self.open!r}, closed "
                f"{self.closed!r}; read gPO with the fingers fully open and fully closed"
            )

    def counts(self, tics: float) -> float:
        """Return the gripper's counts, not rounded, for a position in tics."""
        return self.open + (self.closed - self.open) * tics / CLOSED

    def tics(self, counts: float) -> float:
        """Return the position in tics, in [0, 255], for the gripper's counts."""
        return min(max((counts - self.open) * CLOSED / (self.closed - self.open), 0.0), CLOSED)


def finger_rate(speed: float) -> float:
    """Return the rate of the finger target for a commanded speed, both in tics/s; NaN holds."""
    return math.copysign(FINGER_SPEED, speed) if speed > 0.0 or speed < 0.0 else 0.0


def advance(target: float, rate: float, dt: float, actual: float, lead: float) -> float:
    """Move the finger target on.

    Args:
        target: position target, tics.
        rate: tics/s, positive closes.
        dt: time that passes, s.
        actual: where the fingers are, tics.
        lead: how far the target may run ahead of the fingers, tics. Without it, a target that went on while an object
            held the fingers would first have to come back before they open.

    Returns:
        The new target, in [0, 255]; with rate 0 it stays where it is.
    """
    if rate == 0.0:
        return target
    moved = target + rate * dt
    # Never pulled back by a late reading: only the way ahead is bounded.
    ahead = min(moved, max(actual + lead, target)) if rate > 0.0 else max(moved, min(actual - lead, target))
    return min(max(ahead, 0.0), CLOSED)


def speed_byte(rate: float, margin: int = 20) -> int:
    """Return rSP for a rate in counts/s: a little faster than the target moves, so that the fingers keep up."""
    return min(max(round((abs(rate) - SLOWEST) * 255.0 / (FASTEST - SLOWEST)), 0) + margin, 255)
