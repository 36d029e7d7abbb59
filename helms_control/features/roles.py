"""Objects ordered by their roles in a task, instead of by colour."""

from collections.abc import Sequence

from helms_control.features.arrays import Array

BY_COLOUR = (0, 1, 2)
"""Red, green, blue."""


def in_roles(objects: Array, roles: Sequence[int]) -> Array:
    """Return the stream `objects`, (..., 42), with its poses ordered by role.

    Args:
        objects: poses, then offsets from the pinch point, red, green and blue each.
        roles: (3,), index of the object in each role.
    """
    order = [7 * (half + item) + number for half in (0, 3) for item in roles for number in range(7)]
    return objects[..., order]
