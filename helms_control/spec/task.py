"""Tasks by name, as far as a policy has to know them: which object has which role."""

from helms_control.errors import HelmsError
from helms_control.spec.objects import COLOURS

PYRAMID = "pyramid_red_green_blue"
"""The task that is also called "pyramid"."""

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
