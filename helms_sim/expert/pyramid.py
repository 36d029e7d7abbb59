"""Pyramid: one object next to another, a third across both."""

import numpy as np
import numpy.typing as npt

from helms_sim.expert import motion, skills
from helms_sim.expert.grasp import Failure, closing_axis
from helms_sim.expert.motion import Actions, wrapped
from helms_sim.expert.placement import free_spot, is_level
from helms_sim.expert.topple import lies_slanted, topple
from helms_sim.expert.view import CENTRE, FLOOR, Solid, View

Array = npt.NDArray[np.float64]

_GAP = 0.006
"""Gap between the two bases, m."""
_NEAR = 0.08
"""Largest distance of the centres of adjacent objects, m."""


def build_pyramid(view: View, moved: int, fixed: int, top: int) -> Actions:
    """Bring `moved` next to `fixed` and set `top` across both; repeats until it stands.

    Args:
        view: the cell.
        moved: red 0, green 1, blue 2.
        fixed: another one.
        top: the third.
    """
    failures: list[Failure] = []
    levelled = 0
    while True:
        if _stands(view, moved, fixed, top):
            yield from skills.leave(view, top)
            continue
        yield from motion.wait(view, 1)
        slanted = [item for item in (fixed, moved) if not is_level(view.solid(item))]
        if slanted and levelled < 3:
            levelled += 1
            yield from _level(view, slanted[0])
        elif not _side_by_side(view, moved, fixed):
            if (yield from skills.pick(view, moved, failures)):
                target, yaw = _beside(view, moved, fixed, top)
                yield from skills.place(view, moved, target, yaw=yaw)
                failures.clear()
        elif (yield from skills.pick(view, top, failures)):
            first, second = view.solid(moved), view.solid(fixed)
            middle = 0.5 * (first.com + second.com)
            height = max(first.top, second.top)
            yaw = _across(view, top, second.com[:2] - first.com[:2])
            yield from skills.place(view, top, np.array([*middle[:2], height]), yaw=yaw)
            failures.clear()


def _stands(view: View, moved: int, fixed: int, top: int) -> bool:
    above, bases = view.solid(top), (view.solid(moved), view.solid(fixed))
    middle = 0.5 * (bases[0].origin + bases[1].origin)
    near = np.hypot(*(above.origin - middle)[:2]) < 0.05
    higher = all(above.origin[2] - base.origin[2] > 0.02 for base in bases)
    return bool(near and higher and view.touch(top, moved) and view.touch(top, fixed) and not view.grasp)


def _side_by_side(view: View, moved: int, fixed: int) -> bool:
    offset = view.solid(moved).origin - view.solid(fixed).origin
    return bool(np.hypot(*offset[:2]) < _NEAR and abs(offset[2]) < 0.02)


def _beside(view: View, moved: int, fixed: int, top: int) -> tuple[Array, float]:
    """Placement of the held object along the fingers' broad side, so that no finger is in between."""
    held, base, other = view.solid(moved), view.solid(fixed), view.solid(top)
    options = []
    for yaw in np.linspace(-np.pi / 2, np.pi / 2, 13):
        turn = wrapped(float(yaw) - view.yaw)
        axis = closing_axis(float(yaw))
        for direction in (np.array([-axis[1], axis[0]]), np.array([axis[1], -axis[0]])):
            reach = _extent(held, _turned(direction, -turn), -1.0) + _extent(base, direction, +1.0) + _GAP
            spot = base.com[:2] + reach * direction
            clear = np.linalg.norm(other.points[::4, :2] - spot, axis=1).min()
            score = (
                -abs(reach)
                - 0.02 * abs(turn)
                - 2.0 * max(np.abs(spot - CENTRE).max() - 0.09, 0.0)
                - 2.0 * max(0.07 - clear, 0.0)
            )
            options.append((score, np.array([*spot, FLOOR]), float(yaw)))
    _, target, yaw = max(options, key=lambda option: option[0])
    return target, yaw


def _across(view: View, top: int, line: Array) -> float:
    """Rotation of the tool with which the held object's longest extent lies along a line (2,)."""
    held = view.solid(top)
    angles = np.linspace(0.0, np.pi, 36, endpoint=False)
    lengths = [np.ptp(held.vertices[:, :2] @ np.array([np.cos(angle), np.sin(angle)])) for angle in angles]
    turn = np.arctan2(line[1], line[0]) - angles[int(np.argmax(lengths))]
    return float((view.yaw + turn + np.pi / 2) % np.pi - np.pi / 2)


def _extent(solid: Solid, direction: Array, sign: float) -> float:
    return float((sign * ((solid.vertices[:, :2] - solid.com[:2]) @ direction)).max())


def _turned(vector: Array, angle: float) -> Array:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([cosine * vector[0] - sine * vector[1], sine * vector[0] + cosine * vector[1]])


def _level(view: View, item: int) -> Actions:
    """Bring an object's upper face level: tip it over where it lies flat, else carry it to free flat floor."""
    solid = view.solid(item)
    if lies_slanted(solid) and (yield from topple(view, item)):
        return True
    spot = free_spot(view.others(item))
    if (yield from skills.pick(view, item, [])):
        return (yield from skills.place(view, item, np.array([*spot, FLOOR]), clearance=0.004))
    return False
