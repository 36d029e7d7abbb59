"""Tipping an object onto a face whose opposite is level, by a push high on its side with closed fingers."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from helms_control.features.geometry import PARALLEL
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
from helms_control.robot import gripper
from helms_sim.expert import motion
from helms_sim.expert.motion import Actions
from helms_sim.expert.travel import travel
from helms_sim.expert.view import CENTRE, Solid, View, floor_height

Array = npt.NDArray[np.float64]

_TIP_REACH = gripper.reach(0.0)


@dataclass(frozen=True, slots=True)
class Push:
    """A straight push with closed fingers."""

    start: Array
    """(3,) pinch point beside the object, m, base frame."""
    direction: Array
    """(2,) unit vector to push along, base axes."""
    yaw: float
    """Rotation of the tool about base +z, rad: its broad side ahead."""
    angle: float
    """Tipping angle, rad."""


def lies_slanted(solid: Solid) -> bool:
    """Whether no face is parallel to the one that an object lies on, so that its top is slanted everywhere."""
    return bool((solid.directions @ solid.directions[solid.face(-1.0)]).min() > PARALLEL)


def plan_push(solid: Solid, others: Iterable[Solid], pinch: Array) -> Push | None:
    """Return the push with the smallest tipping angle to a level top; None if none has clearance.

    Args:
        solid: the object.
        others: obstacles of the tool.
        pinch: (3,) pinch point, m, for the travel cost.
    """
    blocked = np.concatenate([other.points for other in others])
    pushes = []
    for normal in solid.directions:
        angle = float(np.arccos(np.clip(-normal[2], -1.0, 1.0)))
        opposite = (solid.directions @ normal).min() < PARALLEL
        if opposite and LEAST < angle < MOST:
            push = _push(solid, blocked, normal[:2] / np.linalg.norm(normal[:2]), angle)
            if push is not None:
                pushes.append(push)
    return min(pushes, key=lambda push: push.angle + WAY * float(np.hypot(*(push.start - pinch)[:2])), default=None)


def _push(solid: Solid, blocked: Array, direction: Array, angle: float) -> Push | None:
    tip = max(solid.top - BITE, LOWEST_TIP)
    side = np.array([-direction[1], direction[0]])
    high = solid.points[solid.points[:, 2] > tip]
    if len(high) == 0:
        return None
    near = float((high[:, :2] @ direction).min())
    start = near - gripper.HALF_WIDTH - RUN_UP
    point = start * direction + float(solid.com[:2] @ side) * side
    position = np.array([*point, tip + _TIP_REACH])
    blade = [[a, b] for a in (-HALF_DEPTH, HALF_DEPTH) for b in (-HALF_BLADE, HALF_BLADE)]
    corners = point + np.array(blade) @ np.stack([direction, side])
    if np.abs(point - CENTRE).max() > REACH or (floor_height(corners) > tip).any():
        return None
    offset = blocked[:, :2] - point
    if ((np.abs(offset @ direction) < 0.016) & (np.abs(offset @ side) < 0.024) & (blocked[:, 2] > tip - UNDER)).any():
        return None
    yaw = float((np.arctan2(direction[1], direction[0]) + np.pi / 2) % np.pi - np.pi / 2)
    return Push(position, direction, yaw, angle)


def shove(view: View, item: int) -> tuple[Push, bool] | None:
    """Return the push of an object (red 0, green 1, blue 2), and whether the tool is in its lane.

    None if none has clearance.
    """
    push = plan_push(view.solid(item), view.others(item), view.pinch)
    if push is None:
        return None
    away = view.pinch - push.start
    ahead, aside = away[:2] @ push.direction, abs(away[0] * push.direction[1] - away[1] * push.direction[0])
    turned = abs((push.yaw - view.yaw + np.pi / 2) % np.pi - np.pi / 2)
    return push, bool(-BEHIND < ahead < BEYOND and aside < ASIDE and abs(away[2]) < ASIDE and turned < TURNED)


def topple(view: View, item: int) -> Actions:
    """Tip an object (red 0, green 1, blue 2) over; returns whether its top is level afterwards."""
    others = view.others(item)
    push = plan_push(view.solid(item), others, view.pinch)
    if push is None:
        return False
    above = max(solid.top for solid in (*others, view.solid(item))) + 0.03
    yield from travel(view, push.start, push.yaw, above, opening=0.0)
    yield from motion.go(view, push.start, push.yaw, opening=0.0, tolerance=0.006, patience=50)
    ahead = np.array([*push.direction, 0.0])
    for advance in np.arange(0.01, 0.08, 0.004):
        if view.solid(item).tilt(-1.0) > push.angle - 0.35 or view.solid(item).tilt(+1.0) < 0.15:
            break
        target = push.start + (advance + 0.02) * ahead
        yield motion.steer(view, target, push.yaw, 0.0)
        yield motion.steer(view, target, push.yaw, 0.0)
    yield from motion.go(
        view, view.pinch + np.array([0.0, 0.0, 0.05]) - 0.01 * ahead, push.yaw, tolerance=0.012, patience=20
    )
    return view.solid(item).tilt(+1.0) < 0.25
