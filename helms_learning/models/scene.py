"""Object geometry in the tool frame; all object features derive from it."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from helms_learning.models.recognition import DIRECTIONS, Shapes

_STEP = np.pi / DIRECTIONS
OUTWARD = [[f(a) for a in np.arange(2 * DIRECTIONS) * _STEP] for f in (np.cos, np.sin)]
"""(2, 24): directions of the outline and their opposites."""


class Scene(NamedTuple):
    """The objects (red, green, blue) and the tool.

    Attributes:
        shapes: of the objects, along the tool's axes.
        away: (..., 3, 3), origins of the objects from the pinch point, along the tool's axes, m.
        places: (..., 3, 3), the same from the middle of the workspace's floor plan, z in the base frame, along the
            base's axes, m.
        turned: (..., 3, 3), matrix from the base's axes to the tool's.
        angle: (..., 1), rotation of the tool, rad.
        lowest: (..., 3), lowest point of each object above its origin, m.
        highest: (..., 3), highest.
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
    """Return the scene of its attributes."""
    upright = shapes.corners[..., 2]
    # The smallest extent along a direction is the largest along its opposite.
    outline = torch.cat([shapes.high, -shapes.low], -1)
    reach = outline + away[..., :2] @ away.new_tensor(OUTWARD)
    return Scene(shapes, away, places, turned, angle, upright.amin(-1), upright.amax(-1), reach)
