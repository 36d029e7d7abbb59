"""Features of grasp candidates: rotation of the tool and clearance of the fingers.

The fingers close across pairs of parallel faces. The clearance of the open fingers beside an object is computed for a
fan of tool angles: to its neighbours, by separating axes every 30 degrees, and to the basket's sloping sides. That of a
candidate is interpolated between the two nearest angles.
"""

from typing import Any

import numpy as np

from helms_control.features.arrays import Array, columns, flat, like, rows_at, where
from helms_control.features.geometry import PAIRS
from helms_control.features.plan import ASKEW, FINGER, GROUND, PATCH, WIDEST, WRIST
from helms_control.features.scene import DIRECTIONS, OUTWARD, Scene
from helms_control.robot import basket, gripper

CHOICES = 2
"""Number of grasps for each object."""
SIZE = 3 * (5 * CHOICES + DIRECTIONS + 1) + 3
"""Number of features."""
AIM = 0.2
"""Fine scale of angles, rad."""
_UPRIGHT = 0.95
"""Horizontal length of a vertical face's normal, at least; a missing unit costs 20 rad."""
_ROOM = 0.01
"""Scale of clearance, m."""
_BLOCKED = 200.0
"""Cost of missing clearance, rad per m."""
_WORSE = 3.5
"""Cost of a grasp askew, rad."""
_NEVER = 9.0
"""Cost of an impossible grasp, rad; distance that excludes an object, m."""
_SPARE = 0.004
"""Clearance between the fingertips and objects below them, m."""
_LOW = max(basket.FLOOR + GROUND, gripper.LOWEST_PINCH - gripper.reach(0.05))
"""Lowest height of the fingertips, m, base frame."""
_INNER, _OUTER = 0.5 * gripper.FULL_GAP - 0.002, 0.5 * gripper.FULL_GAP + gripper.THICKNESS
_OTHER = (_NEVER * np.eye(3)).tolist()

_LOOKS = 6
_ANGLES = [index * np.pi / _LOOKS for index in range(_LOOKS)]
_MIDDLES = [0.5 * (_INNER + _OUTER) * np.cos(a) for a in _ANGLES]
_REACHES = [0.5 * (_OUTER - _INNER) * abs(np.cos(a)) + FINGER * abs(np.sin(a)) for a in _ANGLES]
_NEAR = [middle - reach for middle, reach in zip(_MIDDLES, _REACHES, strict=True)]
_FAR = [middle + reach for middle, reach in zip(_MIDDLES, _REACHES, strict=True)]
"""Extent of the finger on the positive side along each direction, m; the other one mirrors it."""
_FINGERS = [[0.5 * gripper.FULL_GAP + 0.015, gripper.HALF_WIDTH], [gripper.HALF_WIDTH, 0.5 * gripper.FULL_GAP + 0.015]]
"""Half the extent of both fingers along x and y (columns), by component of the closing direction (rows), m."""
_STEP = np.pi / DIRECTIONS
_TURNS = (np.arange(DIRECTIONS) * _STEP).tolist()
_FAN = [[-np.sin(a), np.cos(a)] for a in _TURNS]
"""(12, 2): closing direction of the fingers for each rotation of the tool, +y for none; tool axes."""
_BEGIN = DIRECTIONS // 2
_INDEX = np.array(
    [
        [(_BEGIN + turn + DIRECTIONS // _LOOKS * look) % (2 * DIRECTIONS) for look in range(_LOOKS)]
        for turn in range(DIRECTIONS)
    ]
)
"""(12, 6): indices into `scene.OUTWARD` of the separating axes, for each rotation of the tool."""
_BOTH = np.concatenate([_INDEX.ravel(), ((_INDEX + DIRECTIONS) % (2 * DIRECTIONS)).ravel()]).tolist()
"""(144,): those of the axes, then those of their opposites."""
_EITHER = [-np.pi, 0.0, np.pi]
_CANDIDATES = [0.0] * PAIRS + [-ASKEW] * PAIRS + [ASKEW] * PAIRS
"""Deviation of each candidate from the faces' normal, rad."""
_ASKEW_COST = [_WORSE * (deviation != 0.0) for deviation in _CANDIDATES]


def room(scene: Scene) -> Array:
    """Return the grasps and their clearance, (..., SIZE).

    Returns:
        For each object two grasps, of least cost with and without regard to clearance: rotation of the tool, rad, the
        same on a fine scale, the tool's angle afterwards, the horizontal length of the faces' normals, and the
        clearance. Then for each object the clearance with the tool rotated by 0, 15, ..., 165 degrees, and unrotated on
        a coarse scale; and for each object the clearance of the fingers at their current position.
    """
    xp, up, away = scene.xp, scene.places[..., 2], scene.away[..., 2]
    tops = scene.highest + away
    tips = xp.clip(up + scene.com[..., 2] - PATCH, min=_LOW)
    above = (tips - _SPARE - up + away)[..., :, None] - tops[..., None, :] + like(xp, _OTHER, tops)
    beside, landing = _neighbours(scene, above)
    free = xp.minimum(beside, _walls(scene, tips))
    landing = xp.tanh(xp.maximum(landing, -tops) / _ROOM)
    fan = flat(xp.tanh(free / _ROOM))
    return xp.concat([_grasps(scene, free), fan, free[..., 0] / 0.05, landing], axis=-1)


def either_way(xp: Any, turn: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return rotations (..., n), rad, and those half a turn away, (..., n, 3), which give the same grasp."""
    return turn[..., None] + like(xp, _EITHER, turn)


def turn_within_wrist(xp: Any, turn: Array, angle: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return rotations (..., 3, n), rad, modulo half a turn: the smallest that the wrist reaches from (..., 1)."""
    turns = either_way(xp, turn)
    cost = xp.abs(turns) + beyond_wrist(xp, turns, angle)
    return rows_at(xp, turns, xp.argmin(cost, axis=-1, keepdims=True))[..., 0]


def beyond_wrist(xp: Any, turns: Array, angle: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return the cost of rotations (..., 3, n, 3) beyond the wrist's range, rad."""
    return 100.0 * xp.clip(xp.abs(turns + angle[..., None, None]) - WRIST, min=0.0)


def _neighbours(scene: Scene, above: Array) -> tuple[Array, Array]:
    """Return the clearance to the other objects, (..., 3, 12), and that at the current position, (..., 3), m."""
    xp, lead = scene.xp, scene.away.shape[:-2]
    # (..., 3, 2, 12, 6): extents along the axes and their opposites.
    reach = columns(xp, scene.reach, _BOTH).reshape(*lead, 3, 2, DIRECTIONS, _LOOKS)
    com = (scene.com + scene.away)[..., :2] @ like(xp, OUTWARD, scene.com)
    middle = columns(xp, com, _BOTH).reshape(*lead, 3, 2, DIRECTIONS, _LOOKS)
    # Extent of each object (third last but one) about each other one's centre (fourth last but one).
    about = reach[..., None, :, :, :, :] - middle[..., :, None, :, :, :]
    beside = _gap(xp, about[..., 0, :, :], about[..., 1, :, :])
    landing = _gap(xp, reach[..., 0, 0, :], reach[..., 1, 0, :])
    return xp.min(xp.maximum(beside, above[..., None]), axis=-2), landing


def _gap(xp: Any, high: Array, opposite: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return the clearance of both fingers, m; negative: overlap.

    Args:
        xp: namespace of the arrays.
        high: (..., 6), extents along six directions.
        opposite: (..., 6), along their opposites, the negated smallest extents.
    """
    near, far = like(xp, _NEAR, high), like(xp, _FAR, high)
    first = xp.max(xp.maximum(-opposite - far, near - high), axis=-1)
    second = xp.max(xp.maximum(near - opposite, -far - high), axis=-1)
    return xp.minimum(first, second)


def _walls(scene: Scene, tips: Array) -> Array:
    """Return the clearance to the basket's sides, (..., 3, 12), m."""
    xp, plane = scene.xp, scene.turned[..., :2, :2]
    along = xp.abs(like(xp, _FAN, plane) @ plane) @ like(xp, _FINGERS, plane)
    com = xp.abs(scene.places[..., :2] + scene.com[..., :2] @ plane)
    reach = xp.max(com[..., :, None, :] + along[..., None, :, :], axis=-1)
    rise = (tips + (0.001 - basket.FLOOR)) / basket.SLOPE + basket.FLAT
    return rise[..., None] - reach


def _grasps(scene: Scene, free: Array) -> Array:
    """Return the two grasps of each object, (..., 3 * 5 * CHOICES)."""
    xp, lead = scene.xp, free.shape[:-1]
    x, y = scene.pairs[..., 0], scene.pairs[..., 1]
    lies = xp.sqrt(x * x + y * y + 1e-6)
    cost = 20.0 * xp.clip(_UPRIGHT - lies, min=0.0) + where(xp, scene.widths > WIDEST, _NEVER, lies)
    turn = xp.atan(-x / (y + 1e-6))
    # Across the faces, or askew by `ASKEW` either way.
    turn, lies, cost = (xp.concat([each, each, each], axis=-1) for each in (turn, lies, cost))
    turn, cost = turn + like(xp, _CANDIDATES, turn), cost + like(xp, _ASKEW_COST, cost)
    # Linear interpolation over the fan, which has a period of half a turn.
    apart = xp.abs(turn[..., None] - like(xp, _TURNS, turn))
    apart = xp.minimum(apart, xp.abs(apart - np.pi))
    free = (xp.clip(1.0 - apart / _STEP, min=0.0) @ free[..., None])[..., 0]
    turns = either_way(xp, turn)
    way = xp.abs(turns) + beyond_wrist(xp, turns, scene.angle) + cost[..., None]
    blocked = way + (_BLOCKED * xp.clip(-free, 0.0, 0.03))[..., None]
    best = xp.argmin(xp.stack([flat(blocked), flat(way)], axis=-2), axis=-1)
    turn = rows_at(xp, flat(turns), best)
    # Three ways to turn for each candidate.
    candidate = best // len(_EITHER)
    lies, free = (rows_at(xp, each, candidate) for each in (lies, free))
    parts = [turn, xp.tanh(turn / AIM), turn + scene.angle[..., None], lies, xp.tanh(free / _ROOM)]
    return xp.concat(parts, axis=-1).reshape(*lead[:-1], -1)
