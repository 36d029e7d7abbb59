"""NPMP, a baseline: one latent Gaussian with an AR(1) prior and a low level (Merel et al. 2019)."""

import torch
from torch import Tensor, nn
from torch.distributions import Independent, Normal

from helms_learning.losses.elbo import action_log_likelihood, autoregressive_kl, latent_kl
from helms_learning.networks.levels import LowLevel, MidLevel
from helms_learning.policies.base import LevelModule, Loss, Policy
from helms_learning.policies.configuration import PolicyConfig
from helms_learning.policies.hierarchical import DecodedLatent
from helms_learning.policies.inputs import Inputs, dropped
from helms_learning.policies.weights import Weights


class Npmp(Policy):
    """q(z | x) and p(a | z, x)."""

    KIND = "npmp"

    def __init__(self, config: PolicyConfig) -> None:
        """Build the networks."""
        super().__init__(config)
        self.mid = MidLevel(sum(self.features.sizes), 1, config.latent, config.width)
        self.low = LowLevel(self.features, config.latent, config.width)

    def loss(self, inputs: Inputs, targets: Tensor, weights: Weights, noise: torch.Generator | None) -> Loss:
        """Return the negative bound: likelihood of the actions, and KL of the latents to their prior."""
        config, (batch, steps, _) = self.config, targets.shape
        inputs = dropped(inputs, config.input_dropout, noise)
        latents = self.mid(inputs.all.flatten(0, 1))
        sample = latents.sample(noise)
        means = self.low(inputs.robot.flatten(0, 1), sample, inputs.plain.flatten(0, 1))[0]
        goals = targets.flatten(0, 1)
        reconstruction = action_log_likelihood(goals, means, config.action_sigma).mean()
        mean, sigma, sample = (values[0].reshape(batch, steps, -1) for values in (latents.mean, latents.sigma, sample))
        # The step before the window is unknown: N(0, I) is the stationary distribution of the prior.
        first = latent_kl(mean[:, :1], sigma[:, :1])
        rest = autoregressive_kl(mean[:, 1:], sigma[:, 1:], sample[:, :-1], config.autoregression)
        divergence = torch.cat([first, rest], 1).mean()
        bound = reconstruction - weights.beta_z * divergence
        error = (means - goals).square().mean().sqrt()
        terms = {"elbo": bound, "reconstruction": reconstruction, "latent_kl": divergence, "error": error}
        return Loss(-bound, {name: value.detach() for name, value in terms.items()})

    def distribution(self, inputs: Inputs) -> "Independent[Normal]":
        """Return a Gaussian over actions."""
        robot, plain = inputs.robot.flatten(0, -2), inputs.plain.flatten(0, -2)
        means = self.low(robot, self.mid(inputs.all.flatten(0, -2)).mean, plain)
        return Independent(Normal(means.reshape(*inputs.all.shape[:-1], -1), self.config.action_sigma), 1)

    def levels(self) -> dict[str, nn.Module]:
        """Return the levels mid and low."""
        return {"mid": _Mid(self), "low": DecodedLatent(self)}


class _Mid(LevelModule):
    """From robot (1, R) and scene (1, S) to the mean latent (1, Z)."""

    policy: Npmp

    def forward(self, robot: Tensor, scene: Tensor) -> Tensor:
        latents: Tensor = self.policy.mid(self.policy.normalised(robot, scene)).mean[0]
        return latents
