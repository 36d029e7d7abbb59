"""Convex hulls of the published RGB objects, by which poses are judged.

Shape letters: V vertices, F faces.
"""

import gzip
import json
from dataclasses import dataclass
from importlib.resources import files
from itertools import combinations
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from helms_control.control.quaternion import rotation_of

Array = npt.NDArray[np.float64]

TRIPLETS = MappingProxyType(
    {
        "1": ("r3", "s0", "b2"),
        "2": ("r5", "g2", "b3"),
        "3": ("r6", "g3", "b5"),
        "4": ("s0", "g5", "b6"),
        "5": ("r2", "g6", "s0"),
    }
)
"""Red, green and blue object of each object set."""
SMALLEST = 0.0145
"""Smallest inradius of the published objects (r6), m."""


@dataclass(frozen=True, slots=True, eq=False)
class Hull:
    """Convex hull of an object, in the object's frame.

    Attributes:
        name: short, such as "r3".
        vertices: (V, 3), m.
        normals: (F, 3) outward unit normals of the faces; a face may be listed more than once.
        offsets: (F,) distances of the faces from the origin, m.
    """

    name: str
    vertices: Array
    normals: Array
    offsets: Array

    @staticmethod
    def of(name: str, vertices: Array) -> "Hull":
        """Find the faces: the planes through three vertices with no vertex beyond them."""
        first, second, third = vertices[list(combinations(range(len(vertices)), 3))].swapaxes(0, 1)
        cross = np.cross(second - first, third - first)
        # The area excludes triples in a line, whose plane is undetermined.
        large = np.linalg.norm(cross, axis=1) > 1e-5
        normals = cross[large] / np.linalg.norm(cross[large], axis=1, keepdims=True)
        normals, first = np.concatenate([normals, -normals]), np.tile(first[large], (2, 1))
        offsets = np.einsum("fi,fi->f", normals, first)
        outer = (vertices @ normals.T <= offsets + 1e-6).all(axis=0)
        return Hull(name, vertices, normals[outer], offsets[outer])

    def lowest(self, orientation: Array) -> float:
        """Return the height of the lowest point relative to the origin, m.

        Args:
            orientation: (4,) quaternion wxyz of the object in the base frame.
        """
        return float((self.vertices @ rotation_of(orientation)[2]).min())

    @property
    def inradius(self) -> float:
        """Radius of the largest ball about the origin within the object, m."""
        return float(self.offsets.min())


Hulls = tuple[Hull, Hull, Hull]


def hulls_of(object_set: str) -> Hulls | None:
    """Return the hulls of red, green and blue.

    Args:
        object_set: 1 to 5, or three published objects such as "r3,s0,b2".

    Returns:
        None for any other text: the shapes are unknown.
    """
    names = TRIPLETS.get(object_set.strip()) or tuple(name.strip() for name in object_set.split(","))
    if len(names) != 3:
        return None
    stored = files(__package__).joinpath("rgb_objects.json.gz").read_bytes()
    found = {name.partition("_")[0]: points for name, points in json.loads(gzip.decompress(stored)).items()}
    if not set(names) <= set(found):
        return None
    red, green, blue = (Hull.of(name, np.array(found[name])) for name in names)
    return red, green, blue
