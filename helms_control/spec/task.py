"""Tasks by name, as far as policy and arm have to know them: roles of the objects, and length of an episode."""

from helms_control.errors import HelmsError
from helms_control.spec.contract import EPISODE_STEPS
from helms_control.spec.objects import COLOURS

PYRAMID = "pyramid_red_green_blue"
"""The task that is also called "pyramid"."""

STACK_STEPS, PYRAMID_STEPS = EPISODE_STEPS, 800
"""Control steps of an episode: 20 s for a stack, as in the RGB-stacking environment; 40 s for a pyramid, which moves
two objects."""

Roles = tuple[int, int, int]
"""Index of the carried object, of the base, and of the other one; red 0, green 1, blue 2."""


def roles_of(task: str) -> Roles:
    """Return the roles of a task.

    Args:
        task: "<carried>_on_<base>", "pyramid", or "pyramid_<moved>_<fixed>_<top>", whose roles are top, moved, fixed.

    Raises:
        HelmsError: no such task.
    """
    words = (PYRAMID if task == "pyramid" else task).split("_")
    if len(words) == 4 and words[0] == "pyramid":
        named = [words[3], words[1], words[2]]
    elif len(words) == 3 and words[1] == "on":
        named = [words[0], words[2]]
        named += [colour for colour in COLOURS if colour not in named]
    else:
        named = []
    if sorted(named) != sorted(COLOURS):
        raise HelmsError(f"task {task!r} names no roles; a task is such as red_on_blue, or pyramid_red_green_blue")
    first, second, third = (COLOURS.index(colour) for colour in named)
    return first, second, third


def steps_of(task: str) -> int:
    """Return the control steps of an episode of a task.

    Raises:
        HelmsError: no such task.
    """
    roles_of(task)
    return PYRAMID_STEPS if task.startswith("pyramid") else STACK_STEPS
