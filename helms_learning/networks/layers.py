"""Two-layer perceptrons, and K of them evaluated in one batched product.

elu is computed in place: its gradient then follows from its output, without another exponential.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Mlp(nn.Module):
    """Two hidden layers with elu and a linear head: (..., inputs) to (..., outputs)."""

    def __init__(self, inputs: int, width: int, outputs: int) -> None:
        """Initialise the weights as `torch.nn.Linear` does."""
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.second = nn.Linear(width, width)
        self.head = nn.Linear(width, outputs)

    def forward(self, values: Tensor) -> Tensor:
        """Return the output."""
        hidden = functional.elu(self.first(values), inplace=True)
        hidden = functional.elu(self.second(hidden), inplace=True)
        return self.head(hidden)  # type: ignore[no-any-return]


class BatchedMlp(nn.Module):
    """K networks like `Mlp` with a common input: (N, inputs) to (K, N, outputs)."""

    def __init__(self, components: int, inputs: int, width: int, outputs: int) -> None:
        """Initialise the weights of each component as `torch.nn.Linear` does."""
        super().__init__()
        self.first_weight, self.first_bias = _linear(components, inputs, width)
        self.second_weight, self.second_bias = _linear(components, width, width)
        self.head_weight, self.head_bias = _linear(components, width, outputs)

    def forward(self, values: Tensor) -> Tensor:
        """Return the outputs of all components, (K, N, outputs)."""
        shared = values.expand(len(self.first_weight), -1, -1)
        hidden = functional.elu(torch.baddbmm(self.first_bias, shared, self.first_weight), inplace=True)
        hidden = functional.elu(torch.baddbmm(self.second_bias, hidden, self.second_weight), inplace=True)
        return torch.baddbmm(self.head_bias, hidden, self.head_weight)

    def chosen(self, values: Tensor, component: Tensor) -> Tensor:
        """Return the output (1, outputs) of the component with an index (1,), for an input (1, inputs)."""
        hidden = functional.elu(values @ self.first_weight[component[0]] + self.first_bias[component[0]])
        hidden = functional.elu(hidden @ self.second_weight[component[0]] + self.second_bias[component[0]])
        return hidden @ self.head_weight[component[0]] + self.head_bias[component[0]]


def _linear(components: int, inputs: int, outputs: int) -> tuple[nn.Parameter, nn.Parameter]:
    bound = 1.0 / math.sqrt(inputs)
    weight = torch.empty(components, inputs, outputs).uniform_(-bound, bound)
    bias = torch.empty(components, 1, outputs).uniform_(-bound, bound)
    return nn.Parameter(weight), nn.Parameter(bias)
