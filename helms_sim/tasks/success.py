"""Success of a task; also its fully sparse reward.

HeLMS (appendix F) rewards stack(red, blue) in the fully sparse case. The RGB-stacking environment (DeepMind) asks for
contact and a released top instead. Here its definition serves both, so that sparse reward and success cannot differ.
"""

import math

from helms_sim.tasks import constants as c
from helms_sim.tasks.pyramid import midpoint
from helms_sim.tasks.state import CellState


def is_stacked(state: CellState, top: int, bottom: int) -> bool:
    """Return whether the top rests on the bottom and the robot has let go of it.

    Closer than 0.05 m sideways, more than 0.02 m higher, the two in contact, no robot contact with the top
    (`SparseStack` of the RGB-stacking environment).
    """
    if state.robot_touching[top] or not state.touch(top, bottom):
        return False
    x, y, z = state.positions[top]
    bottom_x, bottom_y, bottom_z = state.positions[bottom]
    aligned = math.hypot(x - bottom_x, y - bottom_y) < c.SUCCESS_HORIZONTAL
    return aligned and z - bottom_z > c.SUCCESS_HEIGHT


def is_pyramid(state: CellState, top: int, first: int, second: int) -> bool:
    """Return whether the top rests on both bases and the robot has let go of it.

    Closer than 0.05 m sideways to the midpoint, more than 0.02 m higher than either base, in contact with both, no
    robot contact with the top: the stack's definition with the midpoint in place of the bottom.
    """
    if state.robot_touching[top] or not (state.touch(top, first) and state.touch(top, second)):
        return False
    x, y, z = state.positions[top]
    middle_x, middle_y, _ = midpoint(state, first, second)
    highest = max(state.positions[first][2], state.positions[second][2])
    aligned = math.hypot(x - middle_x, y - middle_y) < c.SUCCESS_HORIZONTAL
    return aligned and z - highest > c.SUCCESS_HEIGHT
