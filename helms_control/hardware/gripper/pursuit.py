"""The finger target that follows the commanded speed, whatever carries the bytes."""

import math
from dataclasses import dataclass, field, fields

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.registers import CommandBytes, StatusBytes
from helms_control.hardware.gripper.target import (
    CLOSED,
    FINGER_SPEED,
    Calibration,
    advance,
    finger_rate,
    speed_byte,
)


@dataclass(frozen=True, kw_only=True)
class PursuitConfig:
    """How the fingers are moved, whatever carries the bytes.

    Raises:
        HelmsError: a length or time, here or in a class made of this one, that is not positive, or a force that is not
            a byte.
    """

    force: int = 50
    """rFR, 0 to 255: about 20 to 235 N."""
    calibration: Calibration = field(default_factory=Calibration)
    """Counts at the ends of the stroke."""
    lead: float = 20.0
    """How far the finger target may run ahead of the fingers, tics."""
    command_age_s: float = 0.2
    """Age at which a command that is not repeated lapses, s."""
    stale_s: float = 0.1
    """Age from which a status is no longer fresh, s."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        for name in (each.name for each in fields(self) if each.type is float):
            if not 0.0 < getattr(self, name) < float("inf"):
                raise HelmsError(f"gripper {name} must be a positive number, got {getattr(self, name)!r}")
        if not 0 <= self.force <= 255:
            raise HelmsError(f"gripper force must be from 0 to 255, got {self.force!r}")


class Pursuit:
    """The finger target follows the commanded speed. It reads no clock."""

    def __init__(self, config: PursuitConfig) -> None:
        """Start without a command and without a target."""
        self._config = config
        calibration = config.calibration
        self._speed = speed_byte(FINGER_SPEED * (calibration.closed - calibration.open) / CLOSED)
        # Replaced whole: another thread commands.
        self._command = (0.0, -math.inf)
        self._asked, self._target, self._stepped = False, 0.0, math.inf

    def command(self, speed: float, now: float) -> None:
        """Ask for a finger speed, tics/s, at a time in s; only its sign counts."""
        self._command = (finger_rate(speed), now)

    def follow(self, read: StatusBytes, now: float) -> CommandBytes | None:
        """Move the target on to a time in s, and return what to write for it.

        None before the first speed that is not zero: the gripper keeps request, speed and force that it has, be they of
        another program or from before a broken line.
        """
        config, calibration = self._config, self._config.calibration
        actual = calibration.tics(read.position)
        rate, stamp = self._command
        if now - stamp > config.command_age_s:
            rate = 0.0
        if not self._asked:
            # What it was last asked for keeps its grip on an object; where it is would let go.
            request = calibration.tics(read.requested) if read.going else actual
            self._target = min(max(request, actual - config.lead), actual + config.lead)
            if rate == 0.0:
                self._stepped = now
                return None
            self._asked = True
        # A pause of the exchange must not become a jump of the fingers.
        dt = min(max(now - self._stepped, 0.0), config.stale_s)
        self._target = advance(self._target, rate, dt, actual, config.lead)
        self._stepped = now
        position = min(max(round(calibration.counts(self._target)), 0), 255)
        return CommandBytes(True, True, position, self._speed, config.force)
