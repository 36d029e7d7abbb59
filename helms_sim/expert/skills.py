"""Pick, place and topple: what the demonstrator strings together."""

from helms_sim.expert import gripper, motion
from helms_sim.expert.grasp import Grasp, plan_grasps
from helms_sim.expert.motion import Actions
from helms_sim.expert.placement import landing
from helms_sim.expert.view import Array, View

import numpy as np

_COLOURS = (0, 1, 2)
_CLEAR = 0.025
"""Height kept above obstacles while the tool travels, m."""
_HIGHEST = 0.265


def pick(view: View, item: int, rank: int = 0) -> Actions:
    """Grasp an object and lift it a little.

    Args:
        view: the cell.
        item: red 0, green 1, blue 2.
        rank: how many of the best grasps to skip, after failed attempts.
    """
    grasps = plan_grasps(view.solid(item), [view.solid(other) for other in _COLOURS if other != item], view.yaw)
    if not grasps:
        return False
    grasp = grasps[min(rank * 7, len(grasps) - 1)]
    yield from approach(view, item, grasp)
    if not (yield from motion.squeeze(view)):
        return False
    target = view.pinch + np.array([0.0, 0.0, 0.03])
    yield from motion.go(view, target, view.yaw, closed=True, tolerance=0.012, patience=20)
    return view.grasp and view.robot_touches(item)


def approach(view: View, item: int, grasp: Grasp) -> Actions:
    """Come down over an object with open fingers, at a height that clears what lies in between."""
    above = max(view.solid(item).top, _height_on_way(view, grasp.position, ())) + gripper.reach(grasp.opening) + _CLEAR
    yield from travel(view, grasp.position, grasp.yaw, above, grasp.opening)
    return (yield from motion.go(view, grasp.position, grasp.yaw, grasp.opening, tolerance=0.004, patience=60))


def travel(
    view: View, target: Array, yaw: float, height: float, opening: float | None = None, closed: bool = False
) -> Actions:
    """Move over a point: straight there when high enough, else up first, then across; a descent is part of the way."""
    height = min(height, _HIGHEST)
    if view.pinch[2] < height - 0.008:
        up = np.array([*view.pinch[:2], height])
        yield from motion.go(view, up, yaw, opening, closed, tolerance=0.008, turn_tolerance=9.0, patience=60)
    over = np.array([*target[:2], max(height, target[2])])
    return (yield from motion.go(view, over, yaw, opening, closed, tolerance=0.006, turn_tolerance=0.08))


def place(view: View, item: int, target: Array, clearance: float = 0.002) -> Actions:
    """Set a held object down with its centre of mass over a point, let go and move up.

    Args:
        view: the cell.
        item: the held object.
        target: (3,) point to land on, m.
        clearance: height above it to aim for, m; contact ends the descent.
    """
    held = view.solid(item)
    hang = view.pinch[2] - held.bottom
    way = _height_on_way(view, target, (item,))
    yield from travel(view, target + (view.pinch - held.com) * (1, 1, 0), view.yaw, max(way, target[2]) + hang + 0.02, closed=True)
    if not view.robot_touches(item):
        return False
    for part in (0.015, clearance):
        goal = landing(view.solid(item), view.pinch, target, part)
        yield from motion.go(view, goal, view.yaw, closed=True, tolerance=0.003, patience=40)
    yield from lower(view, item)
    yield from motion.release(view, min(gripper.gap(view.tics) + 0.030, gripper.FULL_GAP))
    return (yield from retreat(view))


def lower(view: View, item: int, patience: int = 12) -> Actions:
    """Move down until a held object meets something or stops following."""
    for _ in range(patience):
        if any(view.touch(item, other) for other in _COLOURS if other != item):
            return True
        yield motion.steer(view, view.pinch - np.array([0.0, 0.0, 0.006]), view.yaw, 1.0)
    return False


def retreat(view: View, height: float = 0.07) -> Actions:
    """Move straight up."""
    target = view.pinch + np.array([0.0, 0.0, height])
    target[2] = min(target[2], _HIGHEST)
    return (yield from motion.go(view, target, view.yaw, tolerance=0.01, patience=40))


def _height_on_way(view: View, target: Array, ignored: tuple[int, ...]) -> float:
    """Greatest height of the objects near the straight line from the tool to a point."""
    start, end = view.pinch[:2], target[:2]
    heights = [0.0]
    for item in _COLOURS:
        if item in ignored:
            continue
        points = view.solid(item).vertices
        line = end - start
        length = float(line @ line) + 1e-9
        along = np.clip((points[:, :2] - start) @ line / length, 0.0, 1.0)
        away = np.linalg.norm(points[:, :2] - start - along[:, None] * line, axis=1)
        if (away < 0.09).any():
            heights.append(float(points[:, 2].max()))
    return max(heights)
