"""Object sets: which red, green and blue object are in the cell."""

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from helms_control.errors import unknown
from helms_sim.objects.catalogue import HELDOUT_NAMES, TEST_NAMES, TRAIN_NAMES, RgbObject, rgb_object

TRIPLETS = MappingProxyType(
    {
        1: ("r3", "s0", "b2"),
        2: ("r5", "g2", "b3"),
        3: ("r6", "g3", "b5"),
        4: ("s0", "g5", "b6"),
        5: ("r2", "g6", "s0"),
    }
)
"""The red, green and blue object of each object set (RGB-stacking environment)."""

_POOLS = MappingProxyType({"train": TRAIN_NAMES, "heldout": HELDOUT_NAMES, "test": TEST_NAMES})

OBJECT_SETS = (*map(str, TRIPLETS), *_POOLS)
"""The object sets that have a name."""


def random_triplet(rng: np.random.Generator, names: Sequence[str]) -> tuple[str, str, str]:
    """Draw a red, a green and a blue object, each from all the names: an object may appear twice.

    Args:
        rng: random generator.
        names: names to draw from.
    """
    red, green, blue = (names[i] for i in rng.integers(len(names), size=3))
    return red, green, blue


def object_set(value: int | str, rng: np.random.Generator) -> tuple[RgbObject, RgbObject, RgbObject]:
    """Return the red, green and blue object of an object set.

    Args:
        value: 1 to 5, as a number or a string; "train", "heldout" or "test" to draw a triplet from these objects; or
            three names, such as "r3,s0,b2".
        rng: random generator; unused where nothing is drawn.

    Raises:
        UnknownNameError: an object set or an object that does not exist; the message lists those that do.
    """
    red, green, blue = map(rgb_object, _names(value, rng))
    return red, green, blue


def _names(value: int | str, rng: np.random.Generator) -> tuple[str, ...]:
    key = str(value).strip()
    if key in _POOLS:
        return random_triplet(rng, _POOLS[key])
    if key in OBJECT_SETS:
        return TRIPLETS[int(key)]
    names = tuple(name.strip() for name in key.split(","))
    if len(names) != 3:
        raise unknown("object set", value, (*OBJECT_SETS, "three objects such as r3,s0,b2"))
    return names
