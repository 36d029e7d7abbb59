"""A 2F-85 at its registers: fingers that move, meet an object, and can lose their power.

Speeds, detection and activation follow Robotiq's 2F-85 manual as far as the driver can see them.
"""

import math

from helms_control.hardware.gripper.registers import ObjectDetection
from helms_control.hardware.gripper.target import FASTEST, SLOWEST

ALONE, MAJOR = 0x09, 0x0A
"""Fault code of a second without communication, and the lowest one that only a reset clears."""


class EmulatedGripper:
    """Fingers, counts from open (3) to closed (230) unless told otherwise; advanced by whoever reads or writes it.

    Attributes:
        position: of the fingers, counts.
        ends: counts when fully open and fully closed.
        obstacle: counts at which an object stops closing fingers; None without one.
        fault: fault code that is reported; other than 0 and 9 it stops the fingers, from 0x0A on until a reset.
        jammed: the fingers do not move, and are reported as moving.
        activation_s: time that activation takes, s; the real one takes seconds, infinity never ends.
    """

    def __init__(self, ends: tuple[int, int] = (3, 230), obstacle: float | None = None) -> None:
        """Start without power on the fingers: not activated, open."""
        self.ends, self.obstacle, self.fault, self.activation_s = ends, obstacle, 0, 0.2
        self.jammed = False
        self.position = float(ends[0])
        self._bytes = [0] * 6
        self._activated_at = math.inf
        self._now = 0.0

    @property
    def activated(self) -> bool:
        """Whether activation is complete."""
        return self._now >= self._activated_at

    @property
    def requested(self) -> tuple[int, int, int]:
        """Position, speed and force bytes of the last write."""
        return self._bytes[3], self._bytes[4], self._bytes[5]

    @property
    def follows(self) -> bool:
        """Whether the fingers go where they are requested to be."""
        return self.activated and bool(self._bytes[0] & 8) and not self.jammed and self.fault in (0, ALONE)

    def lose_power(self) -> None:
        """Lose the supply for an instant: activation and every command are forgotten."""
        self._bytes = [0] * 6
        self._activated_at = math.inf

    def write(self, registers: list[int], now: float) -> None:
        """Take the three command registers at a time, s."""
        self.advance(now)
        self._bytes = [byte for register in registers for byte in divmod(register, 256)]
        if not self._bytes[0] & 1:
            self._activated_at = math.inf
            self.fault = self.fault if self.fault < MAJOR else 0
        elif math.isinf(self._activated_at):
            self._activated_at = now + self.activation_s

    def read(self, now: float) -> list[int]:
        """Return the three status registers at a time, s."""
        self.advance(now)
        flags = self._bytes[0] & 0b1001
        state = 3 if self.activated else 1 if flags & 1 else 0
        flags |= state << 4 | self._detection() << 6
        return [flags << 8, self.fault << 8 | self._bytes[3], round(self.position) << 8 | 10]

    def advance(self, now: float) -> None:
        """Let the fingers move until a time, s."""
        dt, self._now = max(now - self._now, 0.0), now
        if not self.follows:
            return
        speed = SLOWEST + (FASTEST - SLOWEST) * self._bytes[4] / 255.0
        goal = min(max(float(self._bytes[3]), self.ends[0]), self._closest())
        step = min(max(goal - self.position, -speed * dt), speed * dt)
        self.position += step

    def _closest(self) -> float:
        """Return how far the fingers can close, counts."""
        return self.ends[1] if self.obstacle is None else max(self.obstacle, self.ends[0])

    def _detection(self) -> ObjectDetection:
        if self.jammed:
            return ObjectDetection.MOVING
        request = min(max(self._bytes[3], self.ends[0]), self.ends[1])
        if self.obstacle is not None and request > self.obstacle and self.position >= self.obstacle:
            return ObjectDetection.STOPPED_CLOSING
        return ObjectDetection.AT_REQUEST if abs(request - self.position) < 0.5 else ObjectDetection.MOVING
