"""Which objects lie there, and what the fingers would meet.

The contract says where objects are, not which. But whatever lies in the basket touches its floor, and of the published
shapes only the right ones would: a shape is recognised by how far its lowest corner, at the pose seen, is from the
floor, and a triplet by all three. What is held in the air says nothing; the others do.

With the shape known, so is its outline from above: how wide it is along each direction, and where its middle lies. And
so are its pairs of parallel faces, between which two fingers hold: the nearest upright pair says how far to turn.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from helms_sim.objects import TRIPLETS, rgb_object
from helms_sim.objects.geometry import faces, volume_and_com
from helms_sim.tasks.constants import BASKET_FLOOR_Z

Array = npt.NDArray[np.float64]

DIRECTIONS = 12
"""Directions in which the outline is measured, over half a turn."""
SIZE = len(TRIPLETS) + 3 * (2 * DIRECTIONS + 2 + 3 + 4)
"""How many numbers `Recognition` returns."""
_NEAR = 0.0015
"""Standard deviation of the lowest corner's height, m."""
_PARALLEL = -0.98
"""Cosine between the outward normals of two faces that count as parallel, or below."""
_UPRIGHT = 0.95
"""Horizontal length of a face's normal from which it counts as upright."""
_WRIST = np.pi / 2 + 0.07
"""Rotation of the tool that still counts as within reach, rad."""
_AIM = 0.2
"""Angle at which the fine scale ends, rad."""
_FAR = 9.0
"""Square of the number of these beyond which a corner is just somewhere else."""


class Recognition(nn.Module):
    """The five object sets, as constants; nothing is learned."""

    corners: Tensor
    lowest: Tensor
    middles: Tensor
    directions: Tensor
    normals: Tensor

    def __init__(self) -> None:
        """Take the published shapes."""
        super().__init__()
        shapes = [[rgb_object(name).vertices for name in names] for names in TRIPLETS.values()]
        most = max(len(vertices) for row in shapes for vertices in row)
        # A corner more often than once changes neither lowest nor widest.
        corners = np.array([[vertices[np.arange(most) % len(vertices)] for vertices in row] for row in shapes])
        middles = np.array([[volume_and_com(vertices)[1] for vertices in row] for row in shapes])
        pairs = [[_pairs(rgb_object(name).vertices) for name in names] for names in TRIPLETS.values()]
        self.pairs = max(len(found) for row in pairs for found in row)
        # Padded with zeros, which no fingers close along.
        padded = np.array(
            [[np.vstack([found, np.zeros((self.pairs - len(found), 3))]) for found in row] for row in pairs]
        )
        self._constant("normals", padded.reshape(len(shapes), -1))
        angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
        self.count, self.most = len(shapes), most
        # (sets, objects, corners, 3), and the same as one matrix (3, sets * corners) for each object.
        self._constant("corners", corners.reshape(len(shapes), -1))
        self._constant("lowest", corners.transpose(1, 3, 0, 2).reshape(3, 3, -1))
        self._constant("middles", middles.reshape(len(shapes), -1))
        self._constant("directions", np.stack([np.cos(angles), np.sin(angles)]))

    def _constant(self, name: str, values: Array) -> None:
        self.register_buffer(name, torch.from_numpy(values.astype(np.float32)), persistent=False)

    @property
    def operations(self) -> int:
        """Floating-point operations of the matrix products for one frame; they have no gradient."""
        inner = self.lowest.numel() + self.corners.numel() + self.middles.numel() + self.normals.numel()
        return 2 * (inner + 3 * (3 * 3 * (self.pairs + self.most + 1) + self.most * self.directions.numel()))

    def triplet(self, heights: Tensor, matrices: Tensor) -> Tensor:
        """Return the probability of each object set, (..., 5).

        Args:
            heights: (..., 3) of the objects' origins, m, base frame.
            matrices: (..., 3, 3, 3), their orientations, base frame.
        """
        corners = matrices[..., 2:3, :] @ self.lowest.to(matrices)
        gaps = corners.reshape(*corners.shape[:-1], self.count, self.most).amin(-1).squeeze(-2) + (
            heights - BASKET_FLOOR_Z
        ).unsqueeze(-1)
        return torch.softmax(-((gaps / _NEAR) ** 2).clamp_max(_FAR).sum(-2), -1)

    def forward(self, heights: Tensor, matrices: Tensor, heading: Tensor) -> Tensor:
        """Return the object set's probabilities and the objects' outlines, (..., SIZE), lengths in units of about one.

        Args:
            heights: as for `triplet`.
            matrices: as for `triplet`.
            heading: (..., 2), cosine and sine of the tool's rotation about base +z; outlines are along its axes.
        """
        likely = self.triplet(heights, matrices)
        corners = (likely @ self.corners.to(likely)).reshape(*likely.shape[:-1], 3, self.most, 3)
        middles = (likely @ self.middles.to(likely)).reshape(*likely.shape[:-1], 3, 3, 1)
        cosine, sine = heading[..., 0:1, None, None], heading[..., 1:2, None, None]
        x, y, z = matrices[..., 0:1, :], matrices[..., 1:2, :], matrices[..., 2:3, :]
        along = torch.cat([cosine * x + sine * y, cosine * y - sine * x, z], -2)
        placed = corners @ along.transpose(-1, -2)
        across = placed[..., :2] @ self.directions.to(placed)
        high, low = across.amax(-2), across.amin(-2)
        bottom, top = placed[..., 2].amin(-1), placed[..., 2].amax(-1)
        rise = torch.stack([bottom + heights, top + heights], -1) - BASKET_FLOOR_Z
        normals = (likely @ self.normals.to(likely)).reshape(*likely.shape[:-1], 3, self.pairs, 3)
        turns = _turns(normals @ along.transpose(-1, -2), torch.atan2(heading[..., 1:2], heading[..., 0:1]))
        parts = [
            (high - low) / 0.05 - 1.0,
            (high + low) / 0.04,
            rise / 0.05,
            (along @ middles).squeeze(-1) / 0.01,
            turns,
        ]
        return torch.cat([likely, torch.cat(parts, -1).flatten(-2)], -1)


def _pairs(vertices: Array) -> Array:
    """Return one outward normal, (P, 3), of each pair of parallel faces."""
    normals: list[Array] = []
    for face in faces(vertices):
        opposite = any(face.normal @ other.normal < _PARALLEL for other in faces(vertices))
        if opposite and not any(face.normal @ known < _PARALLEL for known in normals):
            normals.append(face.normal)
    return np.array(normals).reshape(-1, 3)


def _turns(normals: Tensor, angle: Tensor) -> Tensor:
    """Return how far to turn to close the fingers on the nearest upright pair of faces, (..., objects, 4).

    Args:
        normals: (..., objects, P, 3), along the tool's axes.
        angle: (..., 1), rotation of the tool, rad.

    Returns:
        The turn in rad, on a fine scale, the rotation of the tool behind it, and the horizontal length of the normal.
    """
    x, y = normals[..., 0], normals[..., 1]
    now = angle[..., None]
    # Fingers close along the tool's y axis, and half a turn of the tool is the same to them, but not to the wrist.
    left = 0.5 * torch.atan2(-2 * x * y, y * y - x * x)
    aim = left + now
    near = left - torch.pi * (aim > torch.pi / 2).to(left) + torch.pi * (aim < -torch.pi / 2).to(left)
    other = near - torch.pi * torch.sign(near + now)
    outside = ((other + now).abs() > _WRIST).to(left)
    turn = torch.where(other.abs() + 9.0 * outside < near.abs(), other, near)
    lies = torch.sqrt(x * x + y * y + 1e-9)
    best = (turn.abs() + 20.0 * (_UPRIGHT - lies).clamp_min(0.0)).argmin(-1, keepdim=True)
    turn, lies = turn.gather(-1, best), lies.gather(-1, best)
    return torch.cat([turn, torch.tanh(turn / _AIM), turn + now, lies], -1)
