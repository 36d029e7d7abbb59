"""The RGB objects: parametric prisms, their geometry, and the sets of three that are stacked."""

from helms_sim.objects.catalogue import ALL_NAMES, HELDOUT_NAMES, TEST_NAMES, TRAIN_NAMES, RgbObject, rgb_object
from helms_sim.objects.shape import Shape
from helms_sim.objects.triplets import OBJECT_SETS, TRIPLETS, object_set, random_triplet

__all__ = [
    "ALL_NAMES",
    "HELDOUT_NAMES",
    "OBJECT_SETS",
    "TEST_NAMES",
    "TRAIN_NAMES",
    "TRIPLETS",
    "RgbObject",
    "Shape",
    "object_set",
    "random_triplet",
    "rgb_object",
]
