"""Geometry of an object's convex hull that depends on its shape alone; computed once an episode."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.spatial import ConvexHull, QhullError

from helms_control.errors import HelmsError

Array = npt.NDArray[np.float64]

CORNERS, FACES, PAIRS = 24, 24, 8
"""Largest numbers of corners, faces, and pairs of parallel faces."""
PARALLEL = -0.98
"""Cosine between the outward normals of two faces that count as parallel, or below."""
_FLAT = 1e-6
"""Difference of plane equations below which two triangles belong to one face."""
POINTS = CORNERS + 1 + 2 * FACES + PAIRS
"""Number of vectors that turn with an object."""
SIZE = 3 * POINTS + PAIRS
"""Numbers of `Geometry.packed` for each object."""


class ShapeError(HelmsError):
    """A shape that no features can be computed of."""


class Geometry(NamedTuple):
    """One object in its own frame, m. Lists are padded: corners and faces by repetition, pairs by zeros.

    Attributes:
        corners: (24, 3).
        com: (3,), centre of mass at uniform density.
        middles: (24, 3), centroids of the faces.
        normals: (24, 3), outward unit normals of the faces.
        pairs: (8, 3), an outward normal of each pair of parallel faces.
        widths: (8,), distance between the faces of each pair.
    """

    corners: Array
    com: Array
    middles: Array
    normals: Array
    pairs: Array
    widths: Array

    @property
    def packed(self) -> Array:
        """All numbers, (SIZE,): the vectors, then the widths."""
        vectors = [self.corners, self.com[None], self.middles, self.normals, self.pairs]
        return np.concatenate([np.concatenate(vectors).ravel(), self.widths])


def geometry_of(vertices: npt.ArrayLike) -> Geometry:
    """Return the geometry of the convex hull of vertices (V, 3), m, in the object's frame.

    Raises:
        ShapeError: no solid, numbers that are not finite, or more corners, faces or pairs than 24, 24 and 8.
    """
    given = np.asarray(vertices, np.float64)
    if given.ndim != 2 or given.shape[1:] != (3,) or len(given) < 4 or not np.isfinite(given).all():
        raise ShapeError(f"a shape is (V, 3) finite vertices, 4 or more, in metres; got an array of {given.shape}")
    try:
        hull = ConvexHull(given)
    except QhullError as error:
        raise ShapeError(f"the {len(given)} vertices span no solid: {str(error).splitlines()[0]}") from error
    corners = given[np.sort(hull.vertices)]
    com, volume = _com(given, hull)
    normals, middles = _faces(given, hull)
    pairs = _pairs(normals)
    widths = np.ptp(corners @ pairs.T, axis=0)
    for name, rows, most in (("corners", corners, CORNERS), ("faces", normals, FACES), ("pairs", pairs, PAIRS)):
        if len(rows) > most:
            raise ShapeError(f"the hull has {len(rows)} {name}, but features know {most}; simplify the shape")
    if volume <= 0.0:
        raise ShapeError("the hull has no volume; give the vertices in metres")
    missing = PAIRS - len(pairs)
    return Geometry(
        _repeated(corners, CORNERS),
        com,
        _repeated(middles, FACES),
        _repeated(normals, FACES),
        np.vstack([pairs, np.zeros((missing, 3))]),
        np.concatenate([widths, np.zeros(missing)]),
    )


def pack(shapes: Sequence[npt.ArrayLike]) -> npt.NDArray[np.float32]:
    """Return `Geometry.packed` of several shapes, (n, SIZE), the features' input.

    Raises:
        ShapeError: as for `geometry_of`.
    """
    return np.stack([_packed(np.asarray(shape, np.float64)) for shape in shapes])


def _packed(vertices: Array) -> npt.NDArray[np.float32]:
    return _packed_once(vertices.tobytes(), vertices.shape)


@lru_cache(maxsize=512)
def _packed_once(content: bytes, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    return geometry_of(np.frombuffer(content).reshape(shape)).packed.astype(np.float32)


def _com(points: Array, hull: ConvexHull) -> tuple[Array, float]:
    """Return centre of mass and volume: the sum over the tetrahedra between a point inside and the triangles."""
    inside = points[hull.vertices].mean(axis=0)
    corners = points[hull.simplices] - inside
    volumes = np.abs(np.linalg.det(corners)) / 6.0
    return inside + (volumes[:, None] * corners.sum(axis=1)).sum(axis=0) / (4.0 * volumes.sum()), float(volumes.sum())


def _faces(points: Array, hull: ConvexHull) -> tuple[Array, Array]:
    """Return normals and centroids of the faces, triangles in one plane merged."""
    normals: list[Array] = []
    middles: list[Array] = []
    planes, left = hull.equations, np.ones(len(hull.equations), bool)
    triangles = points[hull.simplices]
    areas = np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1)
    for index, plane in enumerate(planes):
        if not left[index]:
            continue
        same = left & (np.abs(planes - plane).max(axis=1) < _FLAT)
        left &= ~same
        normals.append(plane[:3])
        middles.append(np.average(triangles[same].mean(axis=1), axis=0, weights=areas[same]))
    return np.array(normals), np.array(middles)


def _pairs(normals: Array) -> Array:
    """Return one outward normal, (P, 3), of each pair of parallel faces."""
    found: list[Array] = []
    for normal in normals:
        opposite = (normals @ normal).min() < PARALLEL
        if opposite and not any(normal @ known < PARALLEL for known in found):
            found.append(normal)
    return np.array(found).reshape(-1, 3)


def _repeated(rows: Array, count: int) -> Array:
    """Return rows (n, 3) padded to a number by repetition, which changes neither minima nor maxima."""
    return np.asarray(rows[np.arange(count) % len(rows)])
