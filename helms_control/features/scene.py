"""Object geometry in the tool frame; all object features derive from it."""

from typing import Any, NamedTuple

import numpy as np

from helms_control.features.arrays import Array, like, rows_at
from helms_control.features.geometry import CORNERS, FACES, PAIRS, POINTS
from helms_control.features.rotation import matrices_of, turned_by
from helms_control.robot import basket

DIRECTIONS = 12
"""Number of directions of outlines, over half a turn from the tool's first axis."""
_STEP = np.pi / DIRECTIONS
OUTWARD = [[f(a) for a in np.arange(2 * DIRECTIONS) * _STEP] for f in (np.cos, np.sin)]
"""(2, 24): unit vectors, the outline's directions and their opposites; tool axes."""
_CENTRE = [*basket.CENTRE, 0.0]
_PREFERENCE = (1e-5 * np.arange(FACES)).tolist()
"""Of two upper faces that are equally steep, the first: rounding must not decide where an object is placed."""


class Scene(NamedTuple):
    """Geometry of the objects in their roles and of the tool, about the objects' origins where nothing else is said.

    Attributes:
        xp: namespace of the arrays.
        corners: (..., 3, 24, 3), tool axes, m.
        com: (..., 3, 3), centres of mass, m.
        top: (..., 3, 3), centroids of the faces whose normals point most upwards, m.
        level: (..., 3), cosines between these faces' normals and the vertical.
        under: (..., 3), largest cosines between face normals and the downward vertical.
        pairs: (..., 3, 8, 3), an outward normal of each pair of parallel faces; zero where an object has fewer.
        widths: (..., 3, 8), distance between the faces of each pair, m.
        extent: (..., 3, 24), largest extent of the corners along `OUTWARD`, m.
        away: (..., 3, 3), origins of the objects relative to the pinch point, tool axes, m.
        places: (..., 3, 3), origins of the objects, base axes, m: x and y relative to the basket's centre.
        matrices: (..., 3, 3, 3), rotation from the objects' axes to tool axes.
        turned: (..., 3, 3), rotation matrix from base to tool axes.
        angle: (..., 1), rotation of the tool about base +z, rad.
        lowest: (..., 3), height of each object's lowest point above its origin, m.
        highest: (..., 3), height of its highest point, m.
        reach: (..., 3, 24), largest extent of the objects from the pinch point along `OUTWARD`, m.
    """

    xp: Any
    corners: Array
    com: Array
    top: Array
    level: Array
    under: Array
    pairs: Array
    widths: Array
    extent: Array
    away: Array
    places: Array
    matrices: Array
    turned: Array
    angle: Array
    lowest: Array
    highest: Array
    reach: Array


def scene_of(xp: Any, poses: Array, shapes: Array, heading: Array, angle: Array) -> Scene:  # noqa: ANN401 - a namespace
    """Return the scene.

    Args:
        xp: namespace of the arrays.
        poses: (..., 6, 7), those of the stream `objects`.
        shapes: (..., 3, SIZE), `geometry.pack`.
        heading: (..., 2), cosine and sine of the tool's rotation about base +z.
        angle: (..., 1), that rotation, rad.
    """
    turned = turned_by(xp, heading)
    matrices = turned[..., None, :, :] @ matrices_of(xp, poses[..., :3, 3:])
    vectors = shapes[..., : 3 * POINTS].reshape(*shapes.shape[:-1], POINTS, 3)
    points = vectors @ matrices.swapaxes(-1, -2)
    corners, com = points[..., :CORNERS, :], points[..., CORNERS, :]
    middles = points[..., CORNERS + 1 : CORNERS + 1 + FACES, :]
    normals = points[..., CORNERS + 1 + FACES : CORNERS + 1 + 2 * FACES, :]
    pairs = points[..., POINTS - PAIRS :, :]
    upright = normals[..., 2]
    upper = xp.argmax(upright - like(xp, _PREFERENCE, upright), axis=-1, keepdims=True)
    top = rows_at(xp, middles, xp.broadcast_to(upper[..., None], (*upper.shape, 3)), -2)
    outward = like(xp, OUTWARD, corners)
    extent = xp.max(corners[..., :2] @ outward, axis=-2)
    away = poses[..., 3:, :3] @ turned.swapaxes(-1, -2)
    return Scene(
        xp,
        corners,
        com,
        top[..., 0, :],
        xp.max(upright, axis=-1),
        -xp.min(upright, axis=-1),
        pairs,
        shapes[..., 3 * POINTS :],
        extent,
        away,
        poses[..., :3, :3] - like(xp, _CENTRE, poses),
        matrices,
        turned,
        angle,
        xp.min(corners[..., 2], axis=-1),
        xp.max(corners[..., 2], axis=-1),
        extent + away[..., :2] @ outward,
    )
