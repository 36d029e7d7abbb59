"""Recognition of the object set from poses, and the objects' geometry at these poses.

The contract contains poses, not shapes. At the pose of a resting object, only the correct one of the published shapes
touches the floor: each set is scored by the distances of its lowest corners from the floor. A lifted object scores the
same for all sets.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helms_sim.expert.topple import PARALLEL
from helms_sim.objects import TRIPLETS, rgb_object
from helms_sim.objects.geometry import Face, centroid, faces, volume_and_com
from helms_sim.tasks.constants import BASKET_FLOOR_Z

Array = npt.NDArray[np.float64]

DIRECTIONS = 12
"""Number of directions of outlines, over half a turn from the first axis."""
_NEAR = 0.0015
"""Scale of the lowest corner's distance from the floor, m."""
_FAR = 9.0
"""Limit of the squared distance in these units: corner without floor contact."""


class Shapes(NamedTuple):
    """Geometry of the objects (red, green, blue) about their origins: mean over the object sets, by probability.

    Attributes:
        likely: (..., 5), probability of each object set.
        corners: (..., 3, V, 3), m.
        high: (..., 3, 12), largest extent of the corners in each direction, m.
        low: (..., 3, 12), smallest extent, m.
        com: (..., 3, 3), centres of mass, m.
        top: (..., 3, 3), centroids of the faces whose normals point most upwards, m.
        level: (..., 3), cosines between these faces' normals and the vertical.
        under: (..., 3), largest cosines between face normals and the downward vertical.
        pairs: (..., 3, P, 3), an outward normal of each pair of parallel faces; zero where an object has fewer.
        widths: (..., 3, P), distance between the faces of each pair, m.
    """

    likely: Tensor
    corners: Tensor
    high: Tensor
    low: Tensor
    com: Tensor
    top: Tensor
    level: Tensor
    under: Tensor
    pairs: Tensor
    widths: Tensor


class Recognition(nn.Module):
    """Recognition among the five published object sets; no trained parameters."""

    points: Tensor
    lowest: Tensor
    directions: Tensor
    widths: Tensor

    def __init__(self) -> None:
        """Compute the geometry of the published shapes."""
        super().__init__()
        shapes = [[rgb_object(name).vertices for name in names] for names in TRIPLETS.values()]
        found = [[faces(vertices) for vertices in row] for row in shapes]
        # Padding by repetition does not change minima or maxima.
        corners = _alike(shapes)
        normals = _alike([[np.array([face.normal for face in each]) for each in row] for row in found])
        middles = _alike([[np.array([centroid(face.polygon) for face in each]) for each in row] for row in found])
        com = np.array([[[volume_and_com(vertices)[1]] for vertices in row] for row in shapes])
        paired = [[_pairs(each) for each in row] for row in found]
        self.sets, self.corners, self.faces = len(shapes), corners.shape[2], normals.shape[2]
        self.pairs = max(len(pairs) for row in paired for pairs in row)
        # Zero normals as padding: `room` gives them a prohibitive cost.
        padded = np.array(
            [[np.vstack([each, np.zeros((self.pairs - len(each), 3))]) for each in row] for row in paired]
        )
        self._constant("widths", np.ptp(corners @ padded.swapaxes(-1, -2), axis=-2).reshape(self.sets, -1))
        # Points that rotate with an object, (sets, objects * points * 3), and its corners, (objects, 3, sets *
        # corners).
        points = np.concatenate([corners, com, middles, normals, padded], axis=2)
        self._constant("points", points.reshape(self.sets, -1))
        self._constant("lowest", corners.transpose(1, 3, 0, 2).reshape(3, 3, -1))
        angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
        self._constant("directions", np.stack([np.cos(angles), np.sin(angles)]))

    def _constant(self, name: str, values: Array) -> None:
        self.register_buffer(name, torch.from_numpy(values.astype(np.float32)), persistent=False)

    def triplet(self, heights: Tensor, matrices: Tensor) -> Tensor:
        """Return the probability of each object set, (..., 5).

        Args:
            heights: (..., 3) of the objects' origins, m, base frame.
            matrices: (..., 3, 3, 3), their orientations in axes whose third points up.
        """
        corners = matrices[..., 2:, :] @ self.lowest.to(matrices)
        gaps = corners.reshape(*heights.shape, self.sets, self.corners).amin(-1)
        gaps = gaps + (heights - BASKET_FLOOR_Z).unsqueeze(-1)
        return torch.softmax(-((gaps / _NEAR) ** 2).clamp_max(_FAR).sum(-2), -1)

    def forward(self, heights: Tensor, matrices: Tensor) -> Shapes:
        """Return the geometry, in the axes of `matrices`; arguments as for `triplet`."""
        likely = self.triplet(heights, matrices)
        points = (likely @ self.points.to(likely)).reshape(*heights.shape, -1, 3) @ matrices.transpose(-1, -2)
        parts = [self.corners, 1, self.faces, self.faces, self.pairs]
        corners, com, middles, normals, pairs = torch.split(points, parts, -2)
        level, upper = normals[..., 2].max(-1, keepdim=True)
        top = middles.gather(-2, upper.unsqueeze(-1).expand(*upper.shape, 3))
        across = corners[..., :2] @ self.directions.to(corners)
        high, low = across.amax(-2), across.amin(-2)
        widths = (likely @ self.widths.to(likely)).reshape(pairs.shape[:-1])
        level, under = level.squeeze(-1), (-normals[..., 2]).amax(-1)
        return Shapes(likely, corners, high, low, com.squeeze(-2), top.squeeze(-2), level, under, pairs, widths)


def _alike(rows: list[list[Array]]) -> Array:
    """Return arrays (n, 3) of different lengths as one array (sets, objects, most, 3), padded by repetition."""
    most = max(len(each) for row in rows for each in row)
    return np.array([[each[np.arange(most) % len(each)] for each in row] for row in rows])


def _pairs(found: tuple[Face, ...]) -> Array:
    """Return one outward normal, (P, 3), of each pair of parallel faces."""
    normals: list[Array] = []
    for face in found:
        opposite = any(face.normal @ other.normal < PARALLEL for other in found)
        if opposite and not any(face.normal @ known < PARALLEL for known in normals):
            normals.append(face.normal)
    return np.array(normals).reshape(-1, 3)
