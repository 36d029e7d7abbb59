"""Travel above the obstacles in between."""

import numpy as np

from helms_sim.expert import motion
from helms_sim.expert.motion import Actions
from helms_sim.expert.view import Array, View

HIGHEST = 0.265
"""Highest travel height of the pinch point, m: just below the workspace's top."""


def travel(
    view: View, target: Array, yaw: float, height: float, opening: float | None = None, closed: bool = False
) -> Actions:
    """Move above a point: directly when high enough, else up first, then across, with the descent included."""
    height = min(height, HIGHEST)
    if view.pinch[2] < height - 0.008:
        up = np.array([*view.pinch[:2], height])
        yield from motion.go(view, up, yaw, opening, closed, tolerance=0.008, turn_tolerance=9.0, patience=60)
    over = np.array([*target[:2], max(height, target[2])])
    return (yield from motion.go(view, over, yaw, opening, closed, tolerance=0.015, turn_tolerance=0.15))


def height_on_way(view: View, target: Array, ignored: tuple[int, ...]) -> float:
    """Greatest height of the objects near the straight line from the tool to a point."""
    start, end = view.pinch[:2], target[:2]
    heights = [0.0]
    for item in (0, 1, 2):
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
