"""Behaviour cloning, a baseline: one network from all inputs to the action."""

import torch
from torch import Tensor, nn

from helms_control.spec import ACTION
from helms_learning.models.configuration import ModelConfig
from helms_learning.models.features import FRAME, joined_sizes, to_base
from helms_learning.models.layers import Mlp, Normaliser


class BehaviourClone(nn.Module):
    """Two hidden layers; exported with one skill and the action as latent."""

    def __init__(self, config: ModelConfig) -> None:
        """Build the network."""
        super().__init__()
        self.config = config
        self.normaliser = Normaliser(FRAME)
        self.network = Mlp(sum(joined_sizes(config.inputs)), config.width, ACTION.size)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return actions (..., 5) in [-1, 1] for inputs (..., `sum(joined_sizes)`); 255 for raw ones."""
        return to_base(torch.tanh(self.network(inputs)), inputs, self.config.inputs)
