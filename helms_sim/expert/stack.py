"""Stack one object on another, and try again until it stands."""

from helms_sim.expert import motion, skills
from helms_sim.expert.motion import Actions
from helms_sim.expert.placement import free_spot, is_level, on_floor, top_centre
from helms_sim.expert.view import FLOOR, View

import numpy as np


def stack(view: View, top: int, bottom: int) -> Actions:
    """Put object `top` on object `bottom`; never returns before it stands.

    Args:
        view: the cell.
        top: red 0, green 1, blue 2.
        bottom: another one.
    """
    attempt = 0
    while True:
        if stands(view, top, bottom):
            yield from motion.wait(view, 1)
            continue
        if not is_level(view.solid(bottom)):
            yield from level(view, bottom, attempt)
        if (yield from skills.pick(view, top, attempt)):
            yield from skills.place(view, top, top_centre(view.solid(bottom)))
            attempt = 0
            continue
        attempt += 1
        yield from motion.release(view, 0.08)
        yield from skills.retreat(view, 0.05)


def stands(view: View, top: int, bottom: int) -> bool:
    """Whether the stack is done: the definition of success without its touch of the robot."""
    above, below = view.solid(top), view.solid(bottom)
    offset = above.origin - below.origin
    return bool(np.hypot(*offset[:2]) < 0.05 and offset[2] > 0.02 and view.touch(top, bottom) and not view.grasp)


def level(view: View, item: int, attempt: int) -> Actions:
    """Bring an object's upper face level: carry it to free flat floor."""
    others = [view.solid(other) for other in range(3) if other != item]
    spot = free_spot(view.solid(item), others)
    if (yield from skills.pick(view, item, attempt)):
        return (yield from skills.place(view, item, np.array([*spot, FLOOR]), 0.001))
    return False
