"""Features of the placement on the floor: the spot furthest from the other objects, see `placement.free_spot`."""

import torch
from torch import Tensor

from helms_learning.models.layers import scaled
from helms_learning.models.scene import Scene
from helms_sim.expert.placement import SPOTS
from helms_sim.expert.view import CENTRE

SIZE = 3 * 6
"""Number of features."""
_FAR = 9.0
"""Distance of an object to itself, m, which excludes it from the minimum."""
_PLACES = (SPOTS - CENTRE).tolist()


def spot(scene: Scene) -> Tensor:
    """Return the offsets from each object's centre of mass to its spot, tool axes, three scales, (..., SIZE)."""
    flat = scene.turned[..., :2, :2]
    middles = scene.places[..., :2] + scene.shapes.com[..., :2] @ flat
    spots = middles.new_tensor(_PLACES)
    # (..., 9, 3): distance of each spot from each object.
    apart = torch.sqrt(((spots.unsqueeze(-2) - middles.unsqueeze(-3)) ** 2).sum(-1) + 1e-6)
    others = apart.unsqueeze(-3) + _FAR * torch.eye(3).to(apart).unsqueeze(-2)
    best = spots[others.amin(-1).argmax(-1)]
    return torch.cat(scaled((best - middles) @ flat.transpose(-1, -2)), -1).flatten(-2)
