"""Objects ordered by their roles in a task, instead of by colour.

With its objects in the order carried, base, other, one policy serves every pair that it is asked to stack.
"""

from collections.abc import Sequence

from helms_control.features.arrays import Array

ORDERS = ("colours", "roles")
"""Red, green, blue; or the order of the task."""
BY_COLOUR = (0, 1, 2)
"""Red, green, blue."""


def ordered(order: str, roles: Sequence[int]) -> tuple[int, ...]:
    """Return the indices of the objects in one of `ORDERS`; `roles` are those of the task."""
    return tuple(roles) if order == "roles" else BY_COLOUR


def reordered(objects: Array, roles: Sequence[int]) -> Array:
    """Return the stream `objects`, (..., 42), with its poses in another order.

    Args:
        objects: poses, then offsets from the pinch point, red, green and blue each.
        roles: (3,), index of the object in each place.
    """
    if tuple(roles) == BY_COLOUR:
        return objects
    return objects[..., [7 * (half + item) + number for half in (0, 3) for item in roles for number in range(7)]]
