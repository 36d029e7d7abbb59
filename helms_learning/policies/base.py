"""What every kind of policy has: a loss, a distribution of actions, and its levels for export."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from helms_control.features.features import features_named
from helms_control.spec import ACTION
from helms_learning.networks.normaliser import Normaliser
from helms_learning.policies.configuration import PolicyConfig
from helms_learning.policies.inputs import Inputs
from helms_learning.policies.weights import Weights

FINGERS = ACTION.size - 1
"""Index of the finger command."""


class Loss(NamedTuple):
    """Loss of a batch.

    Attributes:
        total: scalar to minimise, mean over windows and steps.
        terms: scalars by name, detached.
    """

    total: Tensor
    terms: dict[str, Tensor]


class Policy(nn.Module, ABC):
    """A policy of one kind.

    Attributes:
        KIND: of the policy, for configuration and bundle.
        config: sizes and priors.
        features: what its networks see.
        normaliser: of these.
    """

    KIND: ClassVar[str]

    def __init__(self, config: PolicyConfig) -> None:
        """Take configuration and features; weights are drawn from torch's global generator."""
        super().__init__()
        self.config, self.features = config, features_named(config.features)
        self.normaliser = Normaliser(self.features)

    @abstractmethod
    def loss(self, inputs: Inputs, targets: Tensor, weights: Weights, noise: torch.Generator | None) -> Loss:
        """Return the loss of demonstrated actions.

        Args:
            inputs: of B windows of T steps.
            targets: (B, T, 5), demonstrated actions.
            weights: of the terms.
            noise: generator for latents and input dropout; None uses the mean latents and no dropout.
        """

    @abstractmethod
    def distribution(self, inputs: Inputs) -> Distribution:
        """Return p(a | x) with mean latents: batch shape (...), event shape (5,)."""

    @abstractmethod
    def levels(self) -> dict[str, nn.Module]:
        """Return a module for each level of the bundle, in order, from stacked features of batch size 1."""

    def normalised(self, robot: Tensor, scene: Tensor) -> Tensor:
        """Return the input (..., R + S) of the networks that see everything, from stacked features as computed."""
        return torch.cat([self.normaliser.robot(robot), self.normaliser.scene(scene)], -1)


class LevelModule(nn.Module):
    """A level of a policy for export: `forward` takes stacked features as computed."""

    def __init__(self, policy: Policy) -> None:
        """Use the networks of a policy."""
        super().__init__()
        self.policy = policy


def decided(action: Tensor) -> Tensor:
    """Round the finger command of actions (..., 5) to -1, 0 or 1.

    Only its sign counts in the cell: a mean of 0.01, meant as hold, would close the fingers at full speed.
    """
    return torch.cat([action[..., :FINGERS], action[..., FINGERS:].round()], -1)
