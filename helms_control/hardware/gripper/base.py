"""What the driver needs of a gripper, whatever carries its bytes."""

from dataclasses import dataclass
from typing import Protocol

from helms_control.hardware.gripper.registers import ObjectDetection


@dataclass(frozen=True, slots=True)
class GripperStatus:
    """The newest that is known.

    Attributes:
        stamp: when it was read, s, monotonic clock.
        position: of the fingers, tics: 0 open, 255 closed.
        velocity: of the fingers, tics/s, positive while closing; from the last two readings.
        detection: what the fingers have met.
        current: motor current, A.
        ready: whether the gripper is activated and follows commands.
        problem: why it is not ready, or its fault; empty if there is none.
    """

    stamp: float
    position: float
    velocity: float
    detection: ObjectDetection
    current: float
    ready: bool
    problem: str

    @property
    def grasp(self) -> bool:
        """Whether something was met while closing, and is held."""
        return self.detection is ObjectDetection.STOPPED_CLOSING


class Gripper(Protocol):
    """A gripper that is commanded by finger speed. No method but `start`, `close` and `activate` may wait."""

    def start(self) -> None:
        """Begin to talk to the gripper, in the background."""

    def activate(self, timeout_s: float) -> None:
        """Make the gripper ready; its fingers move over the whole stroke.

        Raises:
            HelmsError: it did not become ready in time.
        """

    def command(self, speed: float) -> None:
        """Ask for a finger speed, tics/s, positive closes; it lapses when it is not repeated."""

    def status(self) -> GripperStatus | None:
        """Return the newest status; None before the first."""

    def fresh(self, now: float) -> bool:
        """Whether the newest status is recent at a time, s, monotonic clock."""

    def close(self) -> None:
        """Stop talking to it; the fingers stay where they are."""
