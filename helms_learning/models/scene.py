"""Object geometry in the tool frame; all object features derive from it."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from helms_learning.models.recognition import DIRECTIONS, Shapes

_STEP = np.pi / DIRECTIONS
OUTWARD = [[f(a) for a in np.arange(2 * DIRECTIONS) * _STEP] for f in (np.cos, np.sin)]
"""(2, 24): unit vectors, the outline's directions and their opposites; tool axes."""


class Scene(NamedTuple):
    """Geometry of the objects (red, green, blue) and the tool.

    Attributes:
        shapes: of the objects, tool axes.
        away: (..., 3, 3), origins of the objects relative to the pinch point, tool axes, m.
        places: (..., 3, 3), origins of the objects, base axes, m: x and y relative to the workspace's centre, z in the
            base frame.
        turned: (..., 3, 3), rotation matrix from base to tool axes.
        angle: (..., 1), rotation of the tool about base +z, rad.
        lowest: (..., 3), height of each object's lowest point above its origin, m.
        highest: (..., 3), height of its highest point, m.
        reach: (..., 3, 24), largest extent of the objects from the pinch point along `OUTWARD`, m.
    """

    shapes: Shapes
    away: Tensor
    places: Tensor
    turned: Tensor
    angle: Tensor
    lowest: Tensor
    highest: Tensor
    reach: Tensor


def scene_of(shapes: Shapes, away: Tensor, places: Tensor, turned: Tensor, angle: Tensor) -> Scene:
    """Return the scene; arguments as the attributes of `Scene`."""
    upright = shapes.corners[..., 2]
    # The smallest extent along a direction, negated, is the largest along its opposite.
    outline = torch.cat([shapes.high, -shapes.low], -1)
    reach = outline + away[..., :2] @ away.new_tensor(OUTWARD)
    return Scene(shapes, away, places, turned, angle, upright.amin(-1), upright.amax(-1), reach)
