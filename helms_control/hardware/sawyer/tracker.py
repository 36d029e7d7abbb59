"""Judgement of tracked poses: the arm must not act on a pose that no object can have."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from helms_control.control.workspace import Workspace
from helms_control.hardware.sawyer.shapes import SMALLEST, Hulls
from helms_control.robot import basket
from helms_control.safety.limits import SafetyLimits
from helms_control.spec import COLOURS

Array = npt.NDArray[np.float64]

NOISE = 0.006
"""Largest error of one coordinate of a sound pose, m: three standard deviations of 2 mm."""
OUTSIDE = 0.10
"""Largest distance of an object's origin beside the basket, or above the arm's workspace, m: a hand's breadth."""
UNDER = 0.005
"""Largest depth of an object's lowest point under the floor, m, mean of `AVERAGED` poses."""
AVERAGED = 10
CONFIRMED = 5
"""Consecutive poses that establish a new place after a jump."""
TOP = SafetyLimits().box_upper[2]
CARRIED = SafetyLimits().linear_speed
"""Largest speed of an object that the arm carries, m/s."""
_G = 9.81
FALL = math.sqrt(2.0 * _G * (Workspace().upper[2] - basket.FLOOR)) + CARRIED
"""Largest downward speed, m/s: free fall from the top of the workspace to the floor (2.1 m/s), plus the arm's speed."""
TOPPLE = math.sqrt(2.0 * _G * 0.06) + CARRIED
"""Largest speed in any other direction, m/s: the longest object (r6, 150 mm) topples, its centre falls by 60 mm."""


class Place(NamedTuple):
    """Position of an object, m, and its time, s."""

    position: Array
    stamp: float


class Track:
    """Motion of one object from pose to pose."""

    def __init__(self) -> None:
        """Begin without a place."""
        self._last: Place | None = None
        self._pending: list[Place] = []

    def follow(self, place: Place) -> str:
        """Accept a place and return an empty text, or return why no object moves there in that time.

        `CONFIRMED` consecutive places that agree with each other are accepted as the new place. Until then, only a
        place that the object reaches at the arm's speed ends a jump: time alone does not make one possible.
        """
        last, waiting = self._last, bool(self._pending)
        if last is not None and not _within_reach(last, place, *((CARRIED, CARRIED) if waiting else (TOPPLE, FALL))):
            agrees = waiting and _within_reach(self._pending[-1], place)
            self._pending = [*self._pending, place] if agrees else [place]
            if len(self._pending) < CONFIRMED:
                distance, time = np.linalg.norm(place.position - last.position), place.stamp - last.stamp
                return f"jumped by {1e3 * float(distance):.0f} mm within {1e3 * time:.0f} ms"
        self._last = place
        self._pending = []
        return ""

    def interrupt(self) -> None:
        """Forget the places that would confirm a jump."""
        self._pending = []


class Judge:
    """Judges the poses of red, green and blue as they arrive.

    Position and noise limits hold for poses with errors up to `NOISE`; see docs/robot.md for the words.
    """

    def __init__(self, hulls: Hulls | None) -> None:
        """Begin without poses.

        Args:
            hulls: shapes of the objects; None if unknown: then each counts as the largest ball within the smallest one.
        """
        self._hulls = hulls
        self._inradii = [SMALLEST] * len(COLOURS) if hulls is None else [hull.inradius for hull in hulls]
        # Refused positions included: of two objects in one place, either may be the one that is wrong.
        self._newest: list[Array | None] = [None] * len(COLOURS)
        self._heights: list[list[float]] = [[] for _ in COLOURS]
        self._tracks = [Track() for _ in COLOURS]

    def judge(self, index: int, pose: Array, stamp: float) -> str:
        """Return why a pose is not to be used; empty for a sound one.

        Args:
            index: of the object in `COLOURS`.
            pose: (7,) position m, quaternion wxyz, base frame.
            stamp: its time, s.
        """
        self._newest[index] = pose[:3]
        under = self._under(index, pose)
        if doubt := _outside(pose[:3]) or under or self._together(index, pose[:3]):
            self._tracks[index].interrupt()
        else:
            doubt = self._tracks[index].follow(Place(pose[:3], stamp))
        return f"the tracker is wrong: {COLOURS[index]} {doubt}" if doubt else ""

    def _under(self, index: int, pose: Array) -> str:
        lowest = -SMALLEST if self._hulls is None else self._hulls[index].lowest(pose[3:])
        height = float(pose[2]) + lowest - basket.FLOOR
        # Clipped, so that a single outlier does not outlast itself in the mean.
        self._heights[index] = [*self._heights[index][1 - AVERAGED :], max(height, -UNDER - NOISE)]
        mean = float(np.mean(self._heights[index])) if len(self._heights[index]) == AVERAGED else 0.0
        if height >= -UNDER - NOISE and mean >= -UNDER:
            return ""
        shape = "the smallest object" if self._hulls is None else self._hulls[index].name
        return f"lies {-1e3 * min(height, mean):.0f} mm under the basket's floor (shape: {shape})"

    def _together(self, index: int, position: Array) -> str:
        for other, place in enumerate(self._newest):
            if other == index or place is None:
                continue
            distance = float(np.linalg.norm(position - place))
            least = self._inradii[index] + self._inradii[other]
            if distance < least - 2.0 * NOISE:
                return f"and {COLOURS[other]} are {1e3 * distance:.0f} mm apart, possible are {1e3 * least:.0f}"
        return ""


def _outside(position: Array) -> str:
    beside = np.abs(position[:2] - basket.CENTRE) - basket.HALF_WIDTH
    distance = float(max(*beside, position[2] - TOP))
    return f"lies {distance:.2f} m outside the basket" if distance > OUTSIDE else ""


def _within_reach(before: Place, after: Place, speed: float = TOPPLE, fall: float = FALL) -> bool:
    """Whether an object can move from one place to the other in the time between them, at these speeds, m/s."""
    x, y, z = (after.position - before.position).tolist()
    time = max(after.stamp - before.stamp, 0.0)
    sideways = math.sqrt(x * x + y * y + max(z, 0.0) ** 2)
    return sideways <= speed * time + 2.0 * NOISE and -z <= fall * time + 2.0 * NOISE
