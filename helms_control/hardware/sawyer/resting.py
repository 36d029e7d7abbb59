"""Height error of the tracker, from objects that rest level on the basket's flat floor.

Such an object's origin is as high above the floor as the face on which it rests is below the origin.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.control.quaternion import rotation_of
from helms_control.hardware.sawyer.shapes import Hull, Hulls
from helms_control.robot import basket
from helms_control.spec import COLOURS

Array = npt.NDArray[np.float64]

SAMPLES = 50
"""Poses over which an object must rest."""
WARN = 0.002
"""Mean height error that is reported as a warning, m."""
DRIFT = 0.002
"""Largest difference between the mean positions in the two halves of the poses of a resting object, m."""
SPREAD = 0.005
"""Largest standard deviation of a resting object's position, m."""
LEVEL = math.cos(math.radians(2.0))
"""Smallest cosine of the tilt of a face on which an object rests; the basket's sides have 25.5 degrees."""
MARGIN = 0.005
"""Distance of a supporting face from the edge of the flat floor, m."""
HIGHEST = 0.025
"""Largest height error, m; an object on another one rests at least 29 mm higher."""
GRIPPED = 0.1
"""Distance from the pinch point below which an object may be held by the fingers, m."""


@dataclass(frozen=True, slots=True)
class HeightError:
    """Height of a resting object's lowest face above the floor, m: mean and standard deviation of the poses."""

    mean: float
    spread: float


def height_error(poses: Array, hull: Hull) -> HeightError | None:
    """Return the height error of an object; None unless it rests level on the flat floor.

    Args:
        poses: (n, 7) successive poses, position m, quaternion wxyz, base frame.
        hull: the object's shape.
    """
    if len(poses) < SAMPLES:
        return None
    position, middle = poses[:, :3].mean(axis=0), len(poses) // 2
    drift = poses[:middle, :3].mean(axis=0) - poses[middle:, :3].mean(axis=0)
    spread = poses[:, :3].std(axis=0)
    if np.linalg.norm(drift) > DRIFT or spread.max() > SPREAD:
        return None
    # A quaternion and its negative are the same rotation: all are turned to the side of the first.
    turns = poses[:, 3:] * np.where(poses[:, 3:] @ poses[0, 3:] < 0.0, -1.0, 1.0)[:, None]
    turn = turns.mean(axis=0)
    rotation = rotation_of(turn / np.linalg.norm(turn))
    down = -hull.normals @ rotation[2]
    face = int(down.argmax())
    support = hull.vertices[hull.vertices @ hull.normals[face] > hull.offsets[face] - 1e-4] @ rotation.T + position
    beside = np.abs(support[:, :2] - basket.CENTRE).max() - basket.FLAT
    error = float(position[2] - hull.offsets[face] - basket.FLOOR)
    if down[face] < LEVEL or beside > -MARGIN or abs(error) > HIGHEST:
        return None
    return HeightError(error, float(spread[2]))


def height_errors(poses: Sequence[Sequence[Array]], hulls: Hulls, pinch: Array | None = None) -> dict[str, HeightError]:
    """Return the height error of each object that rests level on the floor.

    Args:
        poses: successive poses (7,) of red, green and blue, base frame.
        hulls: their shapes.
        pinch: (3,) pinch point of the arm, m; objects near it may be held and are left out.
    """
    found = {}
    for colour, recent, hull in zip(COLOURS, poses, hulls, strict=True):
        if not recent or (pinch is not None and np.linalg.norm(recent[-1][:3] - pinch) < GRIPPED):
            continue
        if (error := height_error(np.array(recent), hull)) is not None:
            found[colour] = error
    return found


def mean_error(errors: dict[str, HeightError]) -> float:
    """Return the mean over the objects, m; 0 without any."""
    return float(np.mean([error.mean for error in errors.values()])) if errors else 0.0
