"""Pick, place and topple as sequences, for the pyramid."""

import numpy as np

from helms_control.robot import gripper
from helms_sim.expert import motion
from helms_sim.expert.grasp import Failure, Grasp, candidate_yaws, plan_grasps
from helms_sim.expert.motion import STILL, Actions
from helms_sim.expert.placement import landing
from helms_sim.expert.topple import topple
from helms_sim.expert.travel import HIGHEST, height_on_way, travel
from helms_sim.expert.view import Array, View

_COLOURS = (0, 1, 2)
_THINKING = 3
"""Control steps over which planning is spread, so that none exceeds the action timeout."""
_CLEAR = 0.025
"""Height kept above obstacles while the tool travels, m."""


def pick(view: View, item: int, failures: list[Failure]) -> Actions:
    """Grasp an object and lift it a little.

    Args:
        view: the cell.
        item: red 0, green 1, blue 2.
        failures: failed grasps so far; extended on failure.
    """
    solid, others, grasps = view.solid(item), view.others(item), list[Grasp]()
    for yaws in np.array_split(candidate_yaws(solid), _THINKING):
        grasps += plan_grasps(solid, others, view.yaw, yaws)
        yield STILL
    grasps.sort(key=lambda grasp: -grasp.score)
    fresh = [grasp for grasp in grasps if not any(failure.repeats(grasp, solid) for failure in failures)]
    if not grasps:
        # No grasp has clearance: push the object away from its neighbours.
        yield from topple(view, item)
        return False
    grasp = (fresh or grasps)[0]
    failures.append(Failure.of(grasp, solid))
    yield from approach(view, item, grasp)
    if not (yield from motion.squeeze(view)):
        return False
    target = view.pinch + np.array([0.0, 0.0, 0.03])
    yield from motion.go(view, target, view.yaw, closed=True, tolerance=0.012, patience=20)
    return view.grasp and view.robot_touches(item)


def approach(view: View, item: int, grasp: Grasp) -> Actions:
    """Approach from above with open fingers, at a height that clears obstacles."""
    above = max(view.solid(item).top, height_on_way(view, grasp.position, ())) + gripper.reach(grasp.opening) + _CLEAR
    yield from travel(view, grasp.position, grasp.yaw, above, grasp.opening)
    return (yield from motion.go(view, grasp.position, grasp.yaw, grasp.opening, tolerance=0.004, patience=60))


def place(view: View, item: int, target: Array, clearance: float = 0.002, yaw: float | None = None) -> Actions:
    """Set a held object down with its centre of mass over a point, let go and move up.

    Args:
        view: the cell.
        item: the held object.
        target: (3,) point to land on, m.
        clearance: height above it to aim for, m; contact ends the descent.
        yaw: rotation of the tool to set it down with, rad; None keeps the present one.
    """
    held, yaw = view.solid(item), view.yaw if yaw is None else yaw
    hang = view.pinch[2] - held.bottom
    over = np.array([*(target + view.pinch - held.com)[:2], target[2]])
    height = max(height_on_way(view, target, (item,)), target[2]) + hang + 0.02
    yield from travel(view, over, yaw, height, closed=True)
    if not view.robot_touches(item):
        return False
    for part in (0.015, clearance):
        # Planned again: the object's pose in the gripper changes when it is lifted and turned.
        goal = landing(view.solid(item), view.pinch, target, part)
        yield from motion.go(view, goal, yaw, closed=True, tolerance=0.003, patience=40)
    yield from lower(view, item)
    yield from motion.release(view, min(gripper.gap(view.tics) + 0.030, gripper.FULL_GAP))
    return (yield from retreat(view))


def lower(view: View, item: int, patience: int = 12) -> Actions:
    """Move down until a held object has contact or stops following."""
    for _ in range(patience):
        if any(view.touch(item, other) for other in _COLOURS if other != item):
            return True
        yield motion.steer(view, view.pinch - np.array([0.0, 0.0, 0.006]), view.yaw, 1.0)
    return False


def retreat(view: View, height: float = 0.03) -> Actions:
    """Move straight up."""
    target = view.pinch + np.array([0.0, 0.0, height])
    target[2] = min(target[2], HIGHEST)
    return (yield from motion.go(view, target, view.yaw, tolerance=0.012, patience=40))


def leave(view: View, item: int) -> Actions:
    """Take one step towards 0.1 m above an object, the last stage of the reward."""
    target = np.array([*view.pinch[:2], min(view.solid(item).origin[2] + 0.1, HIGHEST)])
    yield motion.steer(view, target, view.yaw)
    return True
