"""Reward primitives of the pyramid, each in [0, 1]: two bases side by side and a top across them.

Source of the stages: HeLMS, appendix F; of the tolerances: `constants`. The appendix lets the latest stage with a
reward count whatever came before. Here the stages that handle the top demand that the bases are in place: otherwise
reaching for the top at once would earn more than building the base.
"""

import math

from helms_sim.tasks import constants as c
from helms_sim.tasks import primitives
from helms_sim.tasks.state import CellState, Point


def hover_near(state: CellState, obj: int, base: int) -> float:
    """Reward holding an object 0.04 m higher than its future neighbour, within 0.08 m sideways."""
    return primitives.hover_at(state, obj, state.positions[base], c.HOVER_NEAR)


def place_near(state: CellState, obj: int, base: int) -> float:
    """Return 1 when two objects lie within 0.08 m of each other sideways and 0.02 m in height."""
    x, y, z = state.positions[obj]
    base_x, base_y, base_z = state.positions[base]
    level = abs(z - base_z) <= c.NEAR_VERTICAL
    return 1.0 if level and math.hypot(x - base_x, y - base_y) <= c.NEAR_HORIZONTAL else 0.0


def reach_grasp_top(state: CellState, top: int, first: int, second: int) -> float:
    """Reward reaching and grasping the top once the two bases are near each other."""
    return primitives.reach_grasp(state, top) if place_near(state, first, second) else 0.0


def lift_top(state: CellState, top: int, first: int, second: int) -> float:
    """Reward lifting the top once the two bases are near each other."""
    return primitives.lift(state, top) if place_near(state, first, second) else 0.0


def hover_between(state: CellState, top: int, first: int, second: int) -> float:
    """Reward holding the top 0.04 m over the midpoint of two bases that are near each other.

    The appendix writes this as hover(top, first) and hover(top, second), and explains it as hovering over the
    midpoint; two bases cannot be close enough for both of the stack's hovers to be full, so the midpoint is the target.
    """
    if not place_near(state, first, second):
        return 0.0
    return primitives.hover_at(state, top, midpoint(state, first, second), c.HOVER)


def pyramid(state: CellState, top: int, first: int, second: int) -> float:
    """Return 1 when the top is 0.04 +- 0.02 m over the midpoint of two near bases and nothing is grasped.

    Sideways it may be 0.025 m off.
    """
    if state.grasp or not place_near(state, first, second):
        return 0.0
    x, y, z = state.positions[top]
    middle_x, middle_y, middle_z = midpoint(state, first, second)
    level = abs(z - middle_z - c.STACK_HEIGHT) <= c.PYRAMID_VERTICAL
    return 1.0 if level and math.hypot(x - middle_x, y - middle_y) <= c.PYRAMID_HORIZONTAL else 0.0


def pyramid_leave(state: CellState, top: int, first: int, second: int) -> float:
    """Reward leaving a finished pyramid upwards: pyramid times above."""
    return primitives.above(state, top) if pyramid(state, top, first, second) else 0.0


def midpoint(state: CellState, first: int, second: int) -> Point:
    """Return the point midway between the origins of two objects, base frame, metres."""
    first_x, first_y, first_z = state.positions[first]
    second_x, second_y, second_z = state.positions[second]
    return 0.5 * (first_x + second_x), 0.5 * (first_y + second_y), 0.5 * (first_z + second_z)
