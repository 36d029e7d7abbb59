"""Behaviour cloning, a baseline: one network from all features to the action."""

import torch
from torch import Tensor, nn
from torch.distributions import Independent, Normal

from helms_control.spec import ACTION
from helms_learning.losses.elbo import action_log_likelihood
from helms_learning.networks.layers import Mlp
from helms_learning.policies.base import LevelModule, Loss, Policy, decided
from helms_learning.policies.configuration import PolicyConfig
from helms_learning.policies.inputs import Inputs, dropped
from helms_learning.policies.weights import Weights


class Clone(Policy):
    """Mean of p(a | x)."""

    KIND = "clone"

    def __init__(self, config: PolicyConfig) -> None:
        """Build the network."""
        super().__init__(config)
        self.network = Mlp(sum(self.features.sizes), config.width, ACTION.size)

    def forward(self, inputs: Tensor, plain: Tensor) -> Tensor:
        """Return actions (..., 5) in [-1, 1] for normalised inputs (..., R + S) and the robot's stack (..., R)."""
        actions: Tensor = self.features.to_base(torch.tanh(self.network(inputs)), plain)
        return actions

    def loss(self, inputs: Inputs, targets: Tensor, weights: Weights, noise: torch.Generator | None) -> Loss:
        """Return the negative log-likelihood of the actions."""
        inputs = dropped(inputs, self.config.input_dropout, noise)
        means = self(inputs.all, inputs.plain)
        likelihood = action_log_likelihood(targets, means, self.config.action_sigma).mean()
        error = (means - targets).square().mean().sqrt()
        return Loss(-likelihood, {"reconstruction": likelihood.detach(), "error": error.detach()})

    def distribution(self, inputs: Inputs) -> "Independent[Normal]":
        """Return a Gaussian over actions."""
        return Independent(Normal(self(inputs.all, inputs.plain), self.config.action_sigma), 1)

    def levels(self) -> dict[str, nn.Module]:
        """Return the one level."""
        return {"flat": _Flat(self)}


class _Flat(LevelModule):
    """From robot (1, R) and scene (1, S) to the action (1, 5), the finger command rounded."""

    policy: Clone

    def forward(self, robot: Tensor, scene: Tensor) -> Tensor:
        return decided(self.policy(self.policy.normalised(robot, scene), robot))
