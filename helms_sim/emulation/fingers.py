"""The emulated gripper's registers on one side, the cell's fingers on the other."""

from helms_control.hardware.gripper.registers import ObjectDetection
from helms_control.hardware.gripper.target import CLOSED, FASTEST, SLOWEST, Calibration
from helms_sim.cell.cell import FINGER_SPEED
from helms_sim.emulation.gripper import EmulatedGripper

GRIP = 16.0
"""How far the cell's finger target leads the fingers when their force reaches its limit, tics."""
_AT_REQUEST = 1.0


class CellGripper(EmulatedGripper):
    """A 2F-85 whose fingers are the cell's: it says where they shall go, and is told where they are.

    Registers are read and written by the thread of its server, fingers by that of the cell; each number is replaced
    whole, so neither waits for the other. Speed is bounded by the cell's fingers (255 tics/s), the force is theirs.

    Attributes:
        gripped: whether both fingertips touch something.
    """

    def __init__(self) -> None:
        """Start without power on the fingers."""
        super().__init__()
        self.gripped = False
        self._calibration = Calibration(*self.ends)

    def advance(self, now: float) -> None:
        """Take note of the time, s; the cell moves the fingers."""
        self._now = max(now, self._now)

    def see(self, tics: float, gripped: bool) -> None:
        """Take where the cell's fingers are, tics, and whether both fingertips touch something."""
        self.gripped = gripped
        if not self.jammed:
            self.position = self._calibration.counts(tics)

    def rate(self, target: float, dt: float) -> float:
        """Return the rate at which the cell's finger target shall move for the next `dt`, tics/s.

        Args:
            target: of the cell's fingers, tics.
            dt: s.
        """
        _, _, _, position, speed, _ = self._bytes
        if not self.follows:
            return 0.0
        fingers = self._calibration.tics(self.position)
        # Fingers that are blocked press with all their force, however far beyond them the request is.
        goal = CLOSED if self.holds else self._calibration.tics(position)
        goal = min(max(goal, fingers - GRIP), fingers + GRIP)
        counts = SLOWEST + (FASTEST - SLOWEST) * speed / 255.0
        fastest = min(counts * CLOSED / (self.ends[1] - self.ends[0]), FINGER_SPEED)
        return min(max((goal - target) / dt, -fastest), fastest)

    @property
    def holds(self) -> bool:
        """Whether something stops the fingers from closing."""
        return self.gripped and min(self._bytes[3], self.ends[1]) > self.position

    def _detection(self) -> ObjectDetection:
        if self.jammed:
            return ObjectDetection.MOVING
        if self.holds:
            return ObjectDetection.STOPPED_CLOSING
        request = min(max(self._bytes[3], self.ends[0]), self.ends[1])
        return ObjectDetection.AT_REQUEST if abs(request - self.position) < _AT_REQUEST else ObjectDetection.MOVING
