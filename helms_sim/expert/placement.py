"""Where to set an object down: on another one's top face, or on free flat floor."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from helms_sim.expert.view import CENTRE, FLAT, Solid
from helms_sim.objects.geometry import centroid

Array = npt.NDArray[np.float64]


def top_centre(solid: Solid) -> Array:
    """Point (3,) to bring another object's centre of mass above: middle of the face that looks most upwards.

    It is drawn towards the object's own centre of mass, so that the pair does not topple.
    """
    polygon = solid.polygons[solid.face(+1.0)]
    middle = centroid(polygon)
    return np.array([*(0.5 * (middle[:2] + _clamp(solid.com[:2], polygon[:, :2], 0.5))), middle[2]])


def _clamp(point: Array, polygon: Array, shrink: float) -> Array:
    """Nearest point to `point` on the way to the polygon's middle that lies inside the polygon shrunk about it."""
    middle: Array = polygon.mean(axis=0)
    for part in np.linspace(0.0, 1.0, 21):
        candidate = point + part * (middle - point)
        if _inside(candidate, middle + shrink * (polygon - middle)):
            return np.asarray(candidate)
    return middle


def _inside(point: Array, polygon: Array) -> bool:
    edges = np.roll(polygon, -1, axis=0) - polygon
    to_point = point - polygon
    cross = edges[:, 0] * to_point[:, 1] - edges[:, 1] * to_point[:, 0]
    return bool((cross >= 0.0).all() or (cross <= 0.0).all())


def free_spot(solid: Solid, others: Iterable[Solid], finger_room: float = 0.03) -> Array:
    """Middle (2,) of the free place on the flat floor that is best for an object and for grasping it later.

    Args:
        solid: the object to set down.
        others: what lies in the basket.
        finger_room: space to leave around it, m.
    """
    radius = float(np.linalg.norm(solid.vertices[:, :2] - solid.com[:2], axis=1).max())
    reach = FLAT - min(radius, 0.06)
    grid = (
        np.stack(np.meshgrid(np.linspace(-1, 1, 13), np.linspace(-1, 1, 13)), axis=-1).reshape(-1, 2) * reach + CENTRE
    )
    clearance = np.full(len(grid), 0.2)
    for other in others:
        gaps = np.linalg.norm(grid[:, None] - other.points[None, ::4, :2], axis=2).min(axis=1)
        clearance = np.minimum(clearance, gaps)
    score = np.minimum(clearance - radius, finger_room) - 0.3 * np.linalg.norm(grid - solid.com[:2], axis=1)
    return np.asarray(grid[int(np.argmax(score))])


def landing(held: Solid, pinch: Array, target: Array, clearance: float) -> Array:
    """Pinch point (3,) that brings a held object's centre of mass above a target and its lowest corner just over it.

    Args:
        held: the object as it hangs in the gripper now.
        pinch: (3,) present pinch point.
        target: (3,) point to land on, m.
        clearance: height of the lowest corner above the target, m.
    """
    offset = np.array([*(pinch[:2] - held.com[:2]), pinch[2] - held.bottom])
    return np.asarray(target + offset + np.array([0.0, 0.0, clearance]))


def is_level(solid: Solid, tolerance: float = 0.25) -> bool:
    """Whether an object's upper face is level enough to stack on: within 14 degrees."""
    return solid.tilt(+1.0) < tolerance
