"""Reward primitives of stacking, each in [0, 1] (HeLMS, appendix F).

Formulas and numbers are those of the RGB-stacking environment (DeepMind) for red on blue, for any pair of objects.
Objects are indices into `CellState.positions`.
"""

import math

from helms_sim.tasks import constants as c
from helms_sim.tasks.shaping import DistanceShape, shaped_distance, tanh2
from helms_sim.tasks.state import CellState, Point


def reach(state: CellState, obj: int) -> float:
    """Reward the pinch point for being at the object: full within 0.02 m, 0.05 at 0.15 m."""
    x, y, z = state.positions[obj]
    pinch_x, pinch_y, pinch_z = state.pinch
    return shaped_distance(x - pinch_x, y - pinch_y, z - pinch_z, c.REACH)


def close_fingers(state: CellState) -> float:
    """Reward closing: 0.05 when the fingers are open (0 tics), 1 when they are closed (255 tics)."""
    return 1.0 - tanh2(c.GRIPPER_CLOSED - state.gripper, c.GRIPPER_CLOSED)


def grasp(state: CellState) -> float:
    """Reward a grasp: 1 when the sensor reports one, at most a half for closing the fingers otherwise."""
    return 1.0 if state.grasp else 0.5 * close_fingers(state)


def reach_grasp(state: CellState, obj: int) -> float:
    """Reward reaching the object, then grasping: half the reach, and the grasp counts once reach exceeds 0.9."""
    reached = reach(state, obj)
    if reached > c.REACHED:
        return (0.5 + 0.5 * grasp(state)) * reached
    return 0.5 * reached


def lift(state: CellState, obj: int) -> float:
    """Reward a grasped object's height, linear from 0.055 to 0.1 m above the basket's floor.

    Zero outside the ellipsoid inscribed in the workspace, so that lifting along the basket's slopes does not pay.
    """
    x, y, z = state.positions[obj]
    height = (z - c.LIFT_Z_MIN) / (c.LIFT_Z_MAX - c.LIFT_Z_MIN)
    if height <= 0.0:
        return 0.0
    centre_x, centre_y, centre_z = c.WORKSPACE_CENTRE
    half_x, half_y, half_z = c.WORKSPACE_HALF_SIZE
    if math.hypot((x - centre_x) / half_x, (y - centre_y) / half_y, (z - centre_z) / half_z) > 1.0:
        return 0.0
    return grasp(state) * min(height, 1.0)


def hover_at(state: CellState, top: int, target: Point, shape: DistanceShape) -> float:
    """Reward an object that is above z = 0.1 m for being 0.04 m over a target point.

    Args:
        state: the cell.
        top: the object that hovers.
        target: point below it, base frame, metres.
        shape: tolerance and margin.
    """
    x, y, z = state.positions[top]
    if z < c.HOVER_Z_MIN:
        return 0.0
    target_x, target_y, target_z = target
    return shaped_distance(target_x - x, target_y - y, target_z - z + c.STACK_HEIGHT, shape)


def hover(state: CellState, top: int, bottom: int) -> float:
    """Reward holding one object 0.04 m over another: full within 0.01 m, 0.05 at 0.2 m."""
    return hover_at(state, top, state.positions[bottom], c.HOVER)


def stack(state: CellState, top: int, bottom: int) -> float:
    """Return 1 when one object is 0.04 +- 0.01 m over another, within 0.03 m sideways, and nothing is grasped."""
    if state.grasp:
        return 0.0
    x, y, z = state.positions[top]
    bottom_x, bottom_y, bottom_z = state.positions[bottom]
    level = abs(z - bottom_z - c.STACK_HEIGHT) <= c.STACK_VERTICAL
    return 1.0 if level and math.hypot(x - bottom_x, y - bottom_y) <= c.STACK_HORIZONTAL else 0.0


def above(state: CellState, obj: int) -> float:
    """Reward the pinch point for being 0.1 m over an object: full within 0.03 m of that height."""
    x, y, z = state.positions[obj]
    pinch_x, pinch_y, pinch_z = state.pinch
    return shaped_distance(x - pinch_x, y - pinch_y, z - pinch_z + c.ABOVE_HEIGHT, c.ABOVE)


def stack_leave(state: CellState, top: int, bottom: int) -> float:
    """Reward leaving a finished stack upwards: stack times above."""
    return above(state, top) if stack(state, top, bottom) else 0.0
