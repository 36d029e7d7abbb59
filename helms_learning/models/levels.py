"""The three levels: high p(y | x), mid q(z | y, x), low p(a | z, x). Inputs are normalised and flat.

Sizes are those of raw inputs, three frames: 129 of proprioception and 126 of the objects; see `features.joined_sizes`
for "tool" inputs.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from helms_control.spec import ACTION
from helms_learning.models.features import to_base
from helms_learning.models.layers import ComponentMlp, Mlp

SIGMA_LOW, SIGMA_HIGH = 0.01, 1.0
"""Range of the latent's standard deviation (table 5)."""


class Latents(NamedTuple):
    """Gaussians over the latent, for each component and input.

    Attributes:
        mean: (K, N, Z).
        sigma: (K, N, Z), in [0.01, 1].
    """

    mean: Tensor
    sigma: Tensor


class HighLevel(nn.Module):
    """Categorical p(y | x) without look-ahead, as deployed."""

    def __init__(self, inputs: int, skills: int, width: int) -> None:
        """Build the network."""
        super().__init__()
        self.network = Mlp(inputs, width, skills)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return logits (..., K) for inputs (..., 255 or more)."""
        return self.network(inputs)  # type: ignore[no-any-return]


class MidLevel(nn.Module):
    """q(z | y, x): a Gaussian for each skill."""

    def __init__(self, inputs: int, skills: int, latent: int, width: int) -> None:
        """Build the networks."""
        super().__init__()
        self.latent = latent
        self.networks = ComponentMlp(skills, inputs, width, 2 * latent)

    def forward(self, inputs: Tensor) -> Latents:
        """Return the Gaussians of all K skills for inputs (N, 255 or more)."""
        mean, spread = self.networks(inputs).split(self.latent, dim=-1)
        return Latents(mean, SIGMA_LOW + (SIGMA_HIGH - SIGMA_LOW) * torch.sigmoid(spread))

    def mean_of(self, inputs: Tensor, skill: Tensor) -> Tensor:
        """Return the mean latent (1, Z) of one skill, (1,), for one input, (1, 255 or more)."""
        return self.networks.chosen(inputs, skill)[:, : self.latent]


class LowLevel(nn.Module):
    """Mean of p(a | z, x): proprioception and latent to an action."""

    def __init__(self, own: int, latent: int, width: int, inputs: str) -> None:
        """Build the network; the first layer is split, as proprioception is common to all skills."""
        super().__init__()
        self.inputs = inputs
        self.own = nn.Linear(own, width)
        self.latent = nn.Linear(latent, width, bias=False)
        self.second = nn.Linear(width, width)
        self.head = nn.Linear(width, ACTION.size)

    def forward(self, own: Tensor, latent: Tensor) -> Tensor:
        """Return actions (..., N, 5) in [-1, 1] for proprioception (N, 129 or more) and latents (..., N, Z)."""
        # A batched product: the gradient of one flat product with so few inputs takes three times as long.
        weight = self.latent.weight.t().expand(*latent.shape[:-2], -1, -1)
        hidden = functional.elu((latent @ weight).add_(self.own(own)), inplace=True)
        # Flat: an in-place operation on a view of a product copies it first.
        hidden = functional.elu(self.second(hidden.flatten(0, -2)), inplace=True)
        means = torch.tanh(self.head(hidden)).reshape(*latent.shape[:-1], -1)
        return to_base(means, own.expand(*latent.shape[:-1], -1), self.inputs)
