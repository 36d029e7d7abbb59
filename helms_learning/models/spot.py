"""Where an object would be set down on flat floor: the place that is furthest from the others."""

import torch
from torch import Tensor

from helms_learning.models.layers import scaled
from helms_learning.models.scene import Scene
from helms_sim.expert.placement import SPOTS
from helms_sim.expert.view import CENTRE

SIZE = 3 * 6
"""How many numbers `spot` returns."""
_FAR = 9.0
"""What takes an object out of the comparison with itself, m."""
_PLACES = (SPOTS - CENTRE).tolist()


def spot(scene: Scene) -> Tensor:
    """Return where each object would go along the tool's axes from its centre of mass on three scales, (..., SIZE)."""
    flat = scene.turned[..., :2, :2]
    middles = scene.places[..., :2] + scene.shapes.com[..., :2] @ flat
    spots = middles.new_tensor(_PLACES)
    # (..., 9, 3): of each spot from each object.
    apart = torch.sqrt(((spots.unsqueeze(-2) - middles.unsqueeze(-3)) ** 2).sum(-1) + 1e-6)
    others = apart.unsqueeze(-3) + _FAR * torch.eye(3).to(apart).unsqueeze(-2)
    best = spots[others.amin(-1).argmax(-1)]
    return torch.cat(scaled((best - middles) @ flat.transpose(-1, -2)), -1).flatten(-2)
