"""Stack one object on another, and try again until it stands."""

import numpy as np

from helms_sim.expert import motion, skills
from helms_sim.expert.grasp import Failure
from helms_sim.expert.motion import Actions
from helms_sim.expert.placement import free_spot, is_level, top_centre
from helms_sim.expert.topple import lies_slanted, topple
from helms_sim.expert.view import FLOOR, View


def stack(view: View, top: int, bottom: int) -> Actions:
    """Put object `top` on object `bottom`; never returns before it stands.

    Args:
        view: the cell.
        top: red 0, green 1, blue 2.
        bottom: another one.
    """
    failures: list[Failure] = []
    levelled = 0
    while True:
        # One step at least: a pass that finds nothing to do must still hand back an action.
        if stands(view, top, bottom):
            yield from skills.leave(view, top)
            continue
        yield from motion.wait(view, 1)
        if not is_level(view.solid(bottom)) and levelled < 3:
            levelled += 1
            yield from level(view, bottom)
        elif (yield from skills.pick(view, top, failures)) and (
            yield from skills.place(view, top, top_centre(view.solid(bottom)))
        ):
            failures.clear()


def stands(view: View, top: int, bottom: int) -> bool:
    """Whether the stack is done: the definition of success without its touch of the robot."""
    above, below = view.solid(top), view.solid(bottom)
    offset = above.origin - below.origin
    return bool(np.hypot(*offset[:2]) < 0.05 and offset[2] > 0.02 and view.touch(top, bottom) and not view.grasp)


def level(view: View, item: int) -> Actions:
    """Bring an object's upper face level: tip it over where it lies flat, else carry it to free flat floor."""
    solid = view.solid(item)
    if lies_slanted(solid) and (yield from topple(view, item)):
        return True
    spot = free_spot(solid, view.others(item))
    if (yield from skills.pick(view, item, [])):
        return (yield from skills.place(view, item, np.array([*spot, FLOOR]), clearance=0.004))
    return False
