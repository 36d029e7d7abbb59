"""Shaping of a distance into a reward in [0, 1]. Source: the RGB-stacking environment (DeepMind)."""

import math
from typing import NamedTuple

_LOSS_AT_MARGIN = 0.95
_SCALE = math.atanh(math.sqrt(_LOSS_AT_MARGIN))


class DistanceShape(NamedTuple):
    """An ellipsoid of full reward and the distance at which the reward has fallen to 0.05; all in metres."""

    horizontal: float
    vertical: float
    margin: float


def tanh2(distance: float, margin: float) -> float:
    """Return the loss tanh(atanh(sqrt(0.95)) / margin * distance)^2, in [0, 1): 0.95 at the margin.

    Args:
        distance: error, in the unit of the margin; its sign does not matter.
        margin: error at which the loss is 0.95, positive.
    """
    root = math.tanh(_SCALE / margin * distance)
    return root * root


def shaped_distance(dx: float, dy: float, dz: float, shape: DistanceShape) -> float:
    """Return 1 inside the shape's ellipsoid and 1 - tanh2 of the Euclidean distance outside it.

    Args:
        dx: difference along x, metres.
        dy: difference along y, metres.
        dz: difference along z (vertical), metres.
        shape: tolerance and margin.
    """
    horizontal, vertical, margin = shape
    if math.hypot(dx / horizontal, dy / horizontal, dz / vertical) <= 1.0:
        return 1.0
    return 1.0 - tanh2(math.hypot(dx, dy, dz), margin)
