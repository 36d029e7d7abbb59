"""Where the objects are, from whoever tracks them: checked, and brought into the base frame."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from helms_control.control import quaternion
from helms_control.control.kinematics import Link
from helms_control.errors import HelmsError
from helms_control.spec import COLOURS

Array = npt.NDArray[np.float64]

BASE = ("base", "")
"""Names of the robot's own frame."""
FAR = 5.0
"""Nothing that the arm could touch is further away than this, m."""


@dataclass(frozen=True)
class Calibration:
    """Where the frame that poses are given in stands in the base frame.

    Attributes:
        frame: its name, such as "basket".
        place: of its origin, and its orientation.
    """

    frame: str = "basket"
    place: Link = field(default_factory=lambda: Link((0.0, 0.0, 0.0)))

    @staticmethod
    def of(frame: str, text: str) -> "Calibration":
        """Read six numbers: x y z in m, roll pitch yaw in rad.

        Raises:
            HelmsError: not six finite numbers.
        """
        try:
            x, y, z, roll, pitch, yaw = (float(word) for word in text.replace(",", " ").split())
        except ValueError as error:
            raise HelmsError(
                f"the frame {frame} must be given as x y z (m) and roll pitch yaw (rad), six numbers; got {text!r}"
            ) from error
        return Calibration(frame, Link((x, y, z), (roll, pitch, yaw)))


class Objects:
    """The newest pose of each object, base frame.

    Attributes:
        stamps: when each was seen, s; None before the first.
        refused: poses that were not taken.
    """

    def __init__(self, calibration: Calibration) -> None:
        """Begin with objects that nobody has seen."""
        self._calibration, turn = calibration, calibration.place.rotation()
        self._origin, self._turn = np.array(calibration.place.xyz), turn
        self._quaternion = quaternion.of_rotation(turn)
        # Each is replaced whole by the thread that hears of it.
        self._poses: list[Array] = [np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]) for _ in COLOURS]
        self.stamps: list[float | None] = [None] * len(COLOURS)
        self.refused = 0

    def see(self, index: int, pose: Array, frame: str, stamp: float) -> None:
        """Take a pose.

        Args:
            index: of the object in `COLOURS`.
            pose: (7,) position m, quaternion wxyz.
            frame: that it is given in: base, or the calibrated one.
            stamp: when it was so, s.

        Raises:
            HelmsError: another frame, or numbers that are no pose; it is not taken.
        """
        try:
            self._poses[index] = self._in_base(pose, frame)
        except HelmsError:
            self.refused += 1
            raise
        self.stamps[index] = stamp

    @property
    def poses(self) -> Array:
        """(3, 7) newest poses, base frame."""
        return np.stack(self._poses)

    @property
    def oldest(self) -> float | None:
        """When the object that was not seen for longest was seen, s; None while one was never seen."""
        seen = [stamp for stamp in self.stamps if stamp is not None]
        return min(seen) if len(seen) == len(self.stamps) else None

    def unseen(self) -> str:
        """Name the objects that nobody has seen yet."""
        return ", ".join(colour for colour, stamp in zip(COLOURS, self.stamps, strict=True) if stamp is None)

    def _in_base(self, pose: Array, frame: str) -> Array:
        if frame not in (*BASE, self._calibration.frame):
            raise HelmsError(
                f"an object's pose is given in frame {frame!r}; allowed are base and {self._calibration.frame!r}, "
                "the place of which the driver is told"
            )
        position, turn = pose[:3], pose[3:]
        length = math.sqrt(float(turn @ turn))
        if not (np.abs(position) <= FAR).all() or not 0.99 <= length <= 1.01:
            raise HelmsError(f"an object's pose must be near and its quaternion of length 1, got {pose.tolist()}")
        if frame in BASE:
            return np.concatenate([position, quaternion.positive(turn)])
        return np.concatenate([self._origin + self._turn @ position, quaternion.product(self._quaternion, turn)])
