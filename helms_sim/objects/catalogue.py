"""The RGB objects by name."""

import math
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from helms_control.errors import HelmsError, unknown
from helms_sim.objects.published import HELDOUT, TEST, TRAIN
from helms_sim.objects.shape import Shape, parse_name, vertices

_TEST, _TRAIN, _HELDOUT = (dict(map(parse_name, names.split())) for names in (TEST, TRAIN, HELDOUT))
_SHAPES = MappingProxyType(_TEST | _TRAIN | _HELDOUT)

TEST_NAMES = tuple(_TEST)
"""The 13 objects of the five object sets."""
TRAIN_NAMES = tuple(_TRAIN)
"""The 103 objects between two axes of deformation, to train on."""
HELDOUT_NAMES = tuple(_HELDOUT)
"""The 36 objects along one axis of deformation, never trained on; none of them is in an object set."""
ALL_NAMES = tuple(_SHAPES)
"""All 152 objects."""


@dataclass(frozen=True, slots=True)
class RgbObject:
    """One object; its pose is the pose of its origin, the mean of its vertices."""

    name: str
    """Short name, such as "r3"."""
    shape: Shape
    """What it is built from, size included."""
    vertices: npt.NDArray[np.float64] = field(init=False, repr=False, compare=False)
    """Vertices (V, 3), m, read-only, ordered as by `helms_sim.objects.shape.vertices`."""

    def __post_init__(self) -> None:
        """Build the vertices."""
        points = vertices(self.shape)
        points.flags.writeable = False
        object.__setattr__(self, "vertices", points)

    def scaled(self, factor: float) -> "RgbObject":
        """Return the object in another size, under the same name.

        Args:
            factor: multiplies every length.

        Raises:
            HelmsError: a factor that is not > 0.
        """
        if not 0.0 < factor < math.inf:
            raise HelmsError(f"a size factor must be a finite number > 0; got {factor!r}.")
        x, y, z = self.shape.scale_mm
        return RgbObject(self.name, replace(self.shape, scale_mm=(x * factor, y * factor, z * factor)))


@cache
def rgb_object(name: str) -> RgbObject:
    """Return an object in its published size.

    Args:
        name: one of `ALL_NAMES`.

    Raises:
        UnknownNameError: no object has that name; the message lists those that exist.
    """
    try:
        return RgbObject(name, _SHAPES[name])
    except KeyError as error:
        raise unknown("object", name, ALL_NAMES) from error
