"""Object poses from a tracker: validated, transformed to the base frame, judged."""

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from helms_control.control import quaternion
from helms_control.control.kinematics import Link
from helms_control.errors import HelmsError
from helms_control.hardware.sawyer.resting import SAMPLES, WARN, height_errors, mean_error
from helms_control.hardware.sawyer.shapes import Hulls, hulls_of
from helms_control.hardware.sawyer.tracker import Judge
from helms_control.spec import COLOURS

Array = npt.NDArray[np.float64]

BASE = ("base", "")
"""Names of the robot's own frame."""
FAR = 5.0
"""Largest valid distance of an object along an axis, m; beyond the arm's reach."""


@dataclass(frozen=True)
class Calibration:
    """Pose of the tracker's frame in the base frame.

    Attributes:
        frame: its name, such as "basket".
        place: its origin and orientation in base.
    """

    frame: str = "basket"
    place: Link = field(default_factory=lambda: Link((0.0, 0.0, 0.0)))

    @staticmethod
    def of(frame: str, text: str) -> "Calibration":
        """Parse six numbers: x y z in m, roll pitch yaw in rad.

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

    def lowered(self, distance: float) -> str:
        """Return the text for `of` of the same frame, `distance` lower, m."""
        x, y, z = self.place.xyz
        return " ".join(f"{number:.5f}" for number in (x, y, z - distance, *self.place.rpy))

    def remedy(self, error: float, frame: str) -> str:
        """Return how to correct a height error, m, of poses in a frame."""
        if frame in BASE:
            return f"correct the tracker, whose poses are in base, by {-1e3 * error:+.1f} mm in z"
        return f'--set "basket_frame={self.lowered(error)}"'


class Objects:
    """The newest sound pose of each object, base frame.

    Attributes:
        stamps: time of each pose, s; None before the first.
        refused: number of refused poses.
    """

    def __init__(self, calibration: Calibration, object_set: str = "") -> None:
        """Begin without poses.

        Args:
            calibration: of the tracker's frame.
            object_set: as for `hulls_of`.
        """
        self._calibration, turn = calibration, calibration.place.rotation()
        self._origin, self._turn = np.array(calibration.place.xyz), turn
        self._quaternion = quaternion.of_rotation(turn)
        # Each is replaced atomically by the receiving thread.
        self._poses: list[Array] = [np.array([0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]) for _ in COLOURS]
        self.stamps: list[float | None] = [None] * len(COLOURS)
        self.refused = 0
        self._object_set, self._hulls = object_set, hulls_of(object_set)
        self._judge, self._doubts = Judge(self._hulls), [""] * len(COLOURS)
        self._recent: list[list[Array]] = [[] for _ in COLOURS]
        self._frame = ""

    def use(self, object_set: str) -> None:
        """Judge poses by the shapes of an object set, as for `hulls_of`."""
        if object_set != self._object_set:
            self._object_set, self._hulls = object_set, hulls_of(object_set)
            self._judge = Judge(self._hulls)

    def see(self, index: int, pose: Array, frame: str, stamp: float) -> None:
        """Store a pose; one that the judge refuses sets `doubt` instead.

        Args:
            index: of the object in `COLOURS`.
            pose: (7,) position m, quaternion wxyz.
            frame: frame of the pose: base, or the calibrated one.
            stamp: time of the pose, s.

        Raises:
            HelmsError: another frame, or an invalid pose; the old one stays.
        """
        try:
            found = self.in_base(pose, frame)
        except HelmsError:
            self.refused += 1
            raise
        # Refused ones included: a wrong height may be the reason.
        self._recent[index], self._frame = [*self._recent[index][1 - SAMPLES :], found], frame
        self._doubts[index] = doubt = self._judge.judge(index, found, stamp)
        if doubt:
            self.refused += 1
            return
        self._poses[index] = found
        self.stamps[index] = stamp

    @property
    def hulls(self) -> Hulls | None:
        """Shapes of the objects; None where they are unknown."""
        return self._hulls

    @property
    def doubt(self) -> str:
        """Why newest poses were refused; empty when all are sound."""
        return "; ".join(filter(None, self._doubts))

    def height_warning(self, pinch: Array | None) -> str:
        """Return by how much resting objects miss the floor, and the remedy; empty below `WARN`, or without shapes.

        Args:
            pinch: see `height_errors`.
        """
        errors = height_errors(self._recent, self._hulls, pinch) if self._hulls else {}
        mean = mean_error(errors)
        if abs(mean) < WARN:
            return ""
        each = ", ".join(f"{colour} {1e3 * error.mean:+.1f}" for colour, error in errors.items())
        remedy = self._calibration.remedy(mean, self._frame)
        return f"resting objects miss the basket's floor by {1e3 * mean:+.1f} mm ({each}); {remedy}"

    @property
    def poses(self) -> Array:
        """(3, 7) newest poses, base frame."""
        return np.stack(self._poses)

    @property
    def oldest(self) -> float | None:
        """Time of the oldest pose, s; None while one is missing."""
        seen = [stamp for stamp in self.stamps if stamp is not None]
        return min(seen) if len(seen) == len(self.stamps) else None

    def unseen(self) -> str:
        """Return the names of the objects without a pose."""
        return ", ".join(colour for colour, stamp in zip(COLOURS, self.stamps, strict=True) if stamp is None)

    def in_base(self, pose: Array, frame: str) -> Array:
        """Return a pose (7,) in the base frame.

        Raises:
            HelmsError: another frame, or an invalid pose.
        """
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
