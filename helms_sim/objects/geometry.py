"""Faces, widths and mass properties of prisms, for physics and for planning grasps.

Every function takes the vertices (2 N, 3) of a convex prism, m, ordered as by `helms_sim.objects.shape.vertices`:
bottom ring, then top ring, both counterclockwise from above, each top vertex the same way from its bottom vertex.

Shape letters: N sides of the cross-section, T tetrahedra.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A flat side of a prism; the frame is that of the vertices."""

    normal: Array
    """Outward unit normal (3,)."""
    offset: float
    """Distance of its plane from the origin along the normal, m: normal . x = offset on the face."""
    area: float
    """Area, m2."""
    polygon: Array
    """Corners (k, 3), m, counterclockwise seen from outside."""


def faces(vertices: Array) -> tuple[Face, ...]:
    """Return the N + 2 faces: bottom, top, then the sides in the order of the bottom ring's edges.

    Raises:
        HelmsError: vertices that are not ordered as a prism.
    """
    bottom, top = _rings(vertices)
    sides = np.stack((bottom, np.roll(bottom, -1, axis=0), np.roll(top, -1, axis=0), top), axis=1)
    return tuple(_face(polygon) for polygon in (bottom[::-1], top, *sides))


def centroid(polygon: Array) -> Array:
    """Return the centroid (3,) of a flat convex polygon (k, 3), m."""
    first, areas, centres = polygon[0], [], []
    for second, third in pairwise(polygon[1:]):
        areas.append(np.linalg.norm(np.cross(second - first, third - first)))
        centres.append((first + second + third) / 3.0)
    return np.asarray(np.average(centres, axis=0, weights=areas))


def width(vertices: Array, direction: npt.ArrayLike) -> float:
    """Return the extent along a direction, m: the least opening of two parallel plates across it.

    Args:
        vertices: (2 N, 3), m.
        direction: (3,), of any length but zero, in the vertices' frame.

    Raises:
        HelmsError: a direction without length, or not of three finite numbers.
    """
    axis = np.asarray(direction, dtype=np.float64)
    length = float(np.linalg.norm(axis))
    if axis.shape != (3,) or not 0.0 < length < np.inf:
        raise HelmsError(f"a direction is three finite numbers, not all zero; got {direction!r}.")
    return float(np.ptp(vertices @ axis)) / length


def volume_and_com(vertices: Array) -> tuple[float, Array]:
    """Return the volume, m3, and the centre of mass (3,), m, at uniform density.

    Raises:
        HelmsError: vertices that are not ordered as a prism.
    """
    corners, sixfold = _tetrahedra(vertices)
    volume = float(sixfold.sum()) / 6.0
    return volume, np.einsum("t,tij->j", sixfold, corners) / (24.0 * volume)


def inertia(vertices: Array, mass: float) -> Array:
    """Return the inertia (3, 3), kg m2, about the centre of mass and along the vertices' axes, at uniform density.

    Args:
        vertices: (2 N, 3), m.
        mass: kg.

    Raises:
        HelmsError: a mass that is not > 0, or vertices that are not ordered as a prism.
    """
    if not 0.0 < mass < np.inf:
        raise HelmsError(f"a mass must be a finite number > 0, kg; got {mass!r}.")
    volume, com = volume_and_com(vertices)
    corners, sixfold = _tetrahedra(vertices - com)
    # Second moment of a tetrahedron over the origin: det / 120 (sum of c c' + s s'), s the sum of its corners c.
    moments = np.einsum("tki,tkj->tij", corners, corners) + np.einsum("tki,tlj->tij", corners, corners)
    second = np.einsum("t,tij->ij", sixfold, moments) * (mass / (120.0 * volume))
    return np.asarray(np.trace(second) * np.eye(3) - second)


def _face(polygon: Array) -> Face:
    around = polygon - polygon[0]
    vector = 0.5 * np.cross(around[1:-1], around[2:]).sum(axis=0)
    area = float(np.linalg.norm(vector))
    normal = vector / area
    return Face(normal, float(polygon.mean(axis=0) @ normal), area, polygon)


def _tetrahedra(vertices: Array) -> tuple[Array, Array]:
    """Split into tetrahedra over the origin: their other corners (T, 3, 3) and their signed volumes times 6 (T,)."""
    polygons = [face.polygon for face in faces(vertices)]
    corners = np.array([polygon[[0, i, i + 1]] for polygon in polygons for i in range(1, len(polygon) - 1)])
    return corners, np.linalg.det(corners)


def _rings(vertices: Array) -> tuple[Array, Array]:
    """Return the bottom and the top ring, (N, 3) each."""
    if vertices.ndim != 2 or vertices.shape[1] != 3 or len(vertices) < 6 or len(vertices) % 2:
        raise HelmsError(f"a prism has (2 N, 3) vertices with N >= 3; got {vertices.shape}.")
    bottom, top = np.split(vertices, 2)
    if not np.allclose(top - bottom, top[0] - bottom[0], atol=1e-9) or top[0, 2] <= bottom[0, 2]:
        raise HelmsError("these vertices are no prism: give the bottom ring, then the top ring in the same order.")
    return bottom, top
