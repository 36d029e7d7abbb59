"""The three levels: high p(y | x), mid q(z | y, x), low p(a | z, x).

R and S: sizes of the stacked features of robot and scene (`helms_control.features`); X = R + S.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from helms_control.features.features import Features
from helms_control.spec import ACTION
from helms_learning.networks.layers import BatchedMlp, Mlp

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

    def sample(self, noise: torch.Generator | None) -> Tensor:
        """Return latents (K, N, Z), drawn with a generator; without one the means."""
        if noise is None:
            return self.mean
        drawn = torch.randn(self.mean.shape, generator=noise, device=self.mean.device, dtype=self.mean.dtype)
        return self.mean + self.sigma * drawn


class HighLevel(nn.Module):
    """Categorical p(y | x) without look-ahead, as deployed."""

    def __init__(self, inputs: int, skills: int, width: int) -> None:
        """Build the network."""
        super().__init__()
        self.network = Mlp(inputs, width, skills)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return logits (..., K) for inputs (..., X)."""
        return self.network(inputs)  # type: ignore[no-any-return]


class MidLevel(nn.Module):
    """q(z | y, x): a Gaussian for each skill."""

    def __init__(self, inputs: int, skills: int, latent: int, width: int) -> None:
        """Build the networks."""
        super().__init__()
        self.latent = latent
        self.networks = BatchedMlp(skills, inputs, width, 2 * latent)

    def forward(self, inputs: Tensor) -> Latents:
        """Return the Gaussians of all K skills for inputs (N, X)."""
        mean, spread = self.networks(inputs).split(self.latent, dim=-1)
        return Latents(mean, SIGMA_LOW + (SIGMA_HIGH - SIGMA_LOW) * torch.sigmoid(spread))

    def mean_of(self, inputs: Tensor, skill: Tensor) -> Tensor:
        """Return the mean latent (1, Z) of one skill, (1,), for one input, (1, X)."""
        return self.networks.chosen(inputs, skill)[:, : self.latent]


class LowLevel(nn.Module):
    """Mean of p(a | z, x): the robot's features and latent to an action."""

    def __init__(self, features: Features, latent: int, width: int) -> None:
        """Build the network; the first layer is split, as the robot's features are common to all skills."""
        super().__init__()
        self._to_base = features.to_base
        self.robot = nn.Linear(features.sizes[0], width)
        self.latent = nn.Linear(latent, width, bias=False)
        self.second = nn.Linear(width, width)
        self.head = nn.Linear(width, ACTION.size)

    def forward(self, robot: Tensor, latent: Tensor, plain: Tensor) -> Tensor:
        """Return actions (..., N, 5) in [-1, 1].

        Args:
            robot: (N, R), normalised.
            latent: (..., N, Z).
            plain: (N, R), the same features as computed.
        """
        # A batched product: the gradient of one flat product with so few inputs takes three times as long.
        weight = self.latent.weight.t().expand(*latent.shape[:-2], -1, -1)
        hidden = functional.elu((latent @ weight).add_(self.robot(robot)), inplace=True)
        # Flat: an in-place operation on a view of a product copies it first.
        hidden = functional.elu(self.second(hidden.flatten(0, -2)), inplace=True)
        means = torch.tanh(self.head(hidden)).reshape(*latent.shape[:-1], -1)
        actions: Tensor = self._to_base(means, plain.expand(*latent.shape[:-1], -1))
        return actions
