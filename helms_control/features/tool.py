"""Features of the objects in the tool's frame, from poses and shapes.

- Frame: the gripper's, in which a grasp is independent of the object's position and rotation about the vertical.
- Points: centres of mass, lowest points of carried objects, and the faces that they are placed on.
- Scales: three for each position. The 2 mm that decide whether the fingers can close are small against the basket.
- Orientations: rotation matrices. With a positive scalar part, quaternions jump at a tool that points down.
"""

from helms_control.features.arrays import SCALES, Array, flat, like, scaled
from helms_control.features.scene import DIRECTIONS, Scene
from helms_control.robot import basket

LEVEL = 0.03
"""Tolerance of a level face: 1 - cosine between its normal and the vertical."""
_ONTO = ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1))
"""Ordered pairs (carried, below) of objects."""
_DIFFERENCES = [[float(item == above) - float(item == 3 + below) for item in range(6)] for above, below in _ONTO]

SIZE = 3 * (3 + len(_ONTO)) * len(SCALES) + 9 + 9 + 27 + 3 * (2 * DIRECTIONS + 2) + 6
"""Number of features."""


def tool(scene: Scene) -> Array:
    """Return offsets on three scales, centres of mass, places, orientations, outlines and level tops, (..., SIZE)."""
    xp, slope = scene.xp, 1.0 - scene.level
    return xp.concat(
        [
            *scaled(xp, _offsets(scene)),
            flat(scene.com) / 0.01,
            flat(scene.places) / SCALES[0],
            flat(scene.matrices, 3),
            _outlines(scene),
            slope / (3.0 * LEVEL),
            xp.tanh((slope - LEVEL) / (0.3 * LEVEL)),
        ],
        axis=-1,
    )


def _offsets(scene: Scene) -> Array:
    """Return offsets from pinch point to centres of mass, and from upper faces to lowest points, flat."""
    xp = scene.xp
    com, top = scene.com + scene.away, scene.top + scene.away
    lowest = scene.lowest + scene.away[..., 2]
    feet = xp.concat([com[..., :2], lowest[..., None]], axis=-1)
    # One matrix product instead of six differences.
    apart = like(xp, _DIFFERENCES, feet) @ xp.concat([feet, top], axis=-2)
    return flat(xp.concat([com, apart], axis=-2))


def _outlines(scene: Scene) -> Array:
    """Return width and middle of each object along each direction, and its lowest and highest point."""
    xp = scene.xp
    rise = xp.stack([scene.lowest, scene.highest], axis=-1) + (scene.places[..., 2] - basket.FLOOR)[..., None]
    high, low = scene.extent[..., :DIRECTIONS], -scene.extent[..., DIRECTIONS:]
    wide, middle = (high - low) / 0.05 - 1.0, (high + low) / 0.04
    return flat(xp.concat([wide, middle, rise / 0.05], axis=-1))
