"""Placement: on another object's top face, or on free flat floor."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from helms_control.features import plan
from helms_sim.expert.view import CENTRE, Solid
from helms_sim.objects.geometry import centroid

Array = npt.NDArray[np.float64]

SPOTS: Array = CENTRE + np.array(plan.SPOTS)
"""Placements on the floor, (9, 2), m, base frame."""


def top_centre(solid: Solid) -> Array:
    """Target (3,) below another object's centre of mass: middle of the top face.

    It is shifted towards the object's own centre of mass, for the stability of the pair.
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


def free_spot(others: Iterable[Solid]) -> Array:
    """Return the one of `SPOTS`, (2,), that is furthest from the other objects.

    It depends on the other objects' poses only, so that it can be learned from observations and stays the same on the
    way.

    Args:
        others: the other objects in the basket.
    """
    middles = np.array([other.com[:2] for other in others])
    apart = np.linalg.norm(SPOTS[:, None] - middles, axis=2).min(axis=1)
    return np.asarray(SPOTS[int(np.argmax(apart))])


def landing(held: Solid, pinch: Array, target: Array, clearance: float) -> Array:
    """Pinch point (3,) that brings a held object's centre of mass above a target and its lowest corner just over it.

    Args:
        held: the object in the gripper.
        pinch: (3,) present pinch point.
        target: (3,) point to land on, m.
        clearance: height of the lowest corner above the target, m.
    """
    offset = np.array([*(pinch[:2] - held.com[:2]), pinch[2] - held.bottom])
    return np.asarray(target + offset + np.array([0.0, 0.0, clearance]))


def is_level(solid: Solid, tolerance: float = 0.25) -> bool:
    """Whether an object's upper face is level enough to stack on: within 14 degrees."""
    return solid.tilt(+1.0) < tolerance
