"""Skill posterior q(y_t | y_t-1, x) with look-ahead."""

import torch
from torch import Tensor, nn

from helms_learning.networks.layers import Mlp


class SkillPosterior(nn.Module):
    """Transition matrix, a row for each previous skill, from the current input and the future frames."""

    def __init__(self, inputs: int, skills: int, width: int) -> None:
        """Build the network; `inputs` includes the future frames."""
        super().__init__()
        self.skills = skills
        self.network = Mlp(inputs, width, skills * skills)

    def forward(self, inputs: Tensor, future: Tensor) -> Tensor:
        """Return log q(y_t | y_t-1, x), (..., K, K): rows are previous skills and sum to one.

        Args:
            inputs: (..., X), features of three frames.
            future: (..., look-ahead * n), features of the frames t+1, t+2, ...
        """
        scores = self.network(torch.cat([inputs, future], -1))
        return torch.log_softmax(scores.unflatten(-1, (self.skills, self.skills)), -1)
