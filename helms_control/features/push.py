"""Features of the push that tips a slanted object over: start and direction, as the demonstrator plans them.

The object is tipped onto a face that has a parallel one, which is then level, by the smallest angle. The faces follow
from the shape, the position of the tool beside the object from its outline.
"""

from typing import Any

import numpy as np

from helms_control.features.arrays import Array, flat, like, rows_at, scaled, where
from helms_control.features.plan import (
    ASIDE,
    BEHIND,
    BEYOND,
    BITE,
    HALF_BLADE,
    HALF_DEPTH,
    LEAST,
    LOWEST_TIP,
    MOST,
    REACH,
    RUN_UP,
    TURNED,
    UNDER,
    WAY,
)
from helms_control.features.room import AIM, turn_within_wrist
from helms_control.features.scene import OUTWARD, Scene
from helms_control.robot import basket, gripper

SIZE = 3 * 17
"""Number of features."""
_BESIDE = gripper.HALF_WIDTH + RUN_UP
"""Distance from the pinch point to the object's side at the start, m."""
_EDGE = 0.003
"""Scale of the distance to the lane's edge, m."""
_LEVER = 0.03
"""Weight of the angle between tool and lane, m/rad."""
_UNPAIRED = 0.05
"""Scale of the difference in cosines between the lowest face and the most horizontal paired face."""
_LEAN = 0.03
"""Largest horizontal offset of a side between the height of the push and its top, m."""
_ROOM = 0.02
"""Half the width of the closed fingers with clearance, m."""
_NEVER = 9.0
"""Cost of an impossible direction, rad; distance that excludes an object, m."""
_EYE = (_NEVER * np.eye(3)).tolist()
_TIP_REACH = gripper.reach(0.0)


def push(scene: Scene) -> Array:
    """Return the push of each object, (..., SIZE).

    Returns:
        For each object: start relative to the pinch point, tool axes, three scales; direction; rotation of the tool,
        rad, and the same on a fine scale; tipping angle, rad; clearance; margin of the tool within the push's lane, -1
        to 1; and whether the object lies slanted, near 0 or 1.
    """
    xp, away, places = scene.xp, scene.away, scene.places
    # Both faces of each pair.
    normals = xp.concat([scene.pairs, -scene.pairs], axis=-2)
    upright = normals[..., 2]
    squares = xp.sum(normals[..., :2] ** 2, axis=-1)
    across = xp.sqrt(squares + 1e-6)
    ways, slope = normals[..., :2] / across[..., None], upright / across
    tips = 0.5 * np.pi + xp.atan(slope)
    top = places[..., 2] + scene.highest
    tip = xp.clip(top - BITE, min=LOWEST_TIP)
    under = where(xp, scene.corners[..., 2] < (tip - places[..., 2])[..., None], _NEVER, tip)
    near = xp.min(scene.corners[..., :2] @ ways.swapaxes(-1, -2) + under[..., None], axis=-2)
    # The pushed side is inclined by pi / 2 minus the tipping angle: it is nearer to the tool lower down.
    near = near - xp.clip((tip - top)[..., None] * slope, 0.0, _LEAN)
    com = scene.com[..., None, :2]
    begin = com + (near - _BESIDE - xp.sum(com * ways, axis=-1))[..., None] * ways
    plane = scene.turned[..., None, :2, :2]
    place = places[..., None, :2] + begin @ plane
    outside = xp.clip(xp.max(xp.abs(place), axis=-1) - REACH, min=0.0)
    floor = _floor(xp, place, ways @ plane)
    wrong = (floor > tip[..., None]) | (tips < LEAST) | (tips > MOST) | (squares + upright**2 < 0.5)
    start = begin + away[..., None, :2]
    way = xp.sqrt(xp.sum(start * start, axis=-1) + 1e-6)
    cost = tips + WAY * way + 100.0 * outside + where(xp, wrong, _NEVER, tips)
    # The push of least cost (angle and travel); the second where the first has no clearance.
    known = xp.concat([start, ways, tips[..., None]], axis=-1)
    first, second = _two_best(xp, cost, known)
    room = _room(scene, xp.stack([first[..., :2], second[..., :2]], axis=-2), top, tip)
    clear = room[..., :1] > -0.5 * _ROOM
    best, free = xp.where(clear, first, second), xp.where(clear, room[..., :1], room[..., 1:])
    height = (tip + _TIP_REACH - places[..., 2] + away[..., 2])[..., None]
    begin = xp.concat([best[..., :2], height], axis=-1)
    turn = turn_within_wrist(xp, xp.atan(best[..., 3:4] / (best[..., 2:3] + 1e-6)), scene.angle)
    aim, free = xp.tanh(turn / AIM), xp.tanh(free / _ROOM)
    lane = xp.tanh(_within_lane(xp, begin, best[..., 2:4], turn) / _EDGE)
    parts = [*scaled(xp, begin), best[..., 2:4], turn, aim, best[..., 4:], free, lane, _slanted(scene)]
    return flat(xp.concat(parts, axis=-1))


def _two_best(xp: Any, cost: Array, known: Array) -> tuple[Array, Array]:  # noqa: ANN401 - a namespace
    """Return the rows of least and second least cost (..., n) of `known` (..., n, k)."""
    index = xp.argmin(cost, axis=-1, keepdims=True)
    chosen = xp.arange(cost.shape[-1], device=cost.device) == index
    other = xp.argmin(xp.where(chosen, 1e6, cost), axis=-1, keepdims=True)
    shape = (*index.shape, known.shape[-1])
    rows = [rows_at(xp, known, xp.broadcast_to(at[..., None], shape), -2) for at in (index, other)]
    return rows[0][..., 0, :], rows[1][..., 0, :]


def _within_lane(xp: Any, start: Array, way: Array, turn: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return the margin of the tool within a push's lane, (..., 1), m; negative outside."""
    ahead = -xp.sum(start[..., :2] * way, axis=-1, keepdims=True)
    aside = start[..., :1] * way[..., 1:] - start[..., 1:2] * way[..., :1]
    inside = [ahead + BEHIND, BEYOND - ahead, ASIDE - xp.abs(aside), ASIDE - xp.abs(start[..., 2:])]
    return xp.min(xp.concat([*inside, _LEVER * (TURNED - xp.abs(turn))], axis=-1), axis=-1, keepdims=True)


def _slanted(scene: Scene) -> Array:
    """Return whether the face that an object lies on has no parallel face, (..., 3, 1)."""
    xp = scene.xp
    paired = xp.max(xp.abs(scene.pairs[..., 2]), axis=-1)
    return xp.tanh((scene.under - paired) / _UNPAIRED)[..., None]


def _floor(xp: Any, points: Array, ways: Array) -> Array:  # noqa: ANN401 - a namespace
    """Return the highest floor, m, under the closed fingers at points (..., n, 2) with directions (..., n, 2)."""
    ways = xp.abs(ways)
    corners = xp.abs(points) + HALF_DEPTH * ways + HALF_BLADE * xp.flip(ways, axis=-1)
    return basket.FLOOR + basket.SLOPE * xp.clip(xp.max(corners, axis=-1) - basket.FLAT, min=0.0)


def _room(scene: Scene, starts: Array, top: Array, tip: Array) -> Array:
    """Return the clearance (..., 3, 2), m, at points (..., 3, 2, 2) to other objects that reach the fingertips."""
    xp = scene.xp
    beyond = (starts @ like(xp, OUTWARD, starts))[..., None, :] - scene.reach[..., None, None, :, :]
    free = where(xp, top[..., None, :] < (tip - UNDER)[..., :, None], _NEVER, top) + like(xp, _EYE, top)
    return xp.min(xp.max(beyond, axis=-1) + free[..., :, None, :], axis=-1) - _ROOM
