"""Layers: input normaliser, two-layer networks, and K of them evaluated in one batched product.

elu is computed in place: its gradient then follows from its output, without another exponential.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

LIMIT = 10.0
"""Clipping limit of normalised inputs, for outliers of a defective sensor."""


SCALES = (0.1, 0.02, 0.005)
"""Scales of positions, m; the first is linear, the others saturate."""


def scaled(places: Tensor) -> list[Tensor]:
    """Return positions, m, on each of the scales."""
    return [places / SCALES[0], *(torch.tanh(places / scale) for scale in SCALES[1:])]


class Normaliser(nn.Module):
    """(x - mean) / deviation of the training data; the last dimension is that of one frame."""

    def __init__(self, size: int) -> None:
        """Start as the identity."""
        super().__init__()
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))

    def set_statistics(self, mean: Tensor, deviation: Tensor) -> None:
        """Set the statistics of the data, (size,) each; constant features are only centred."""
        self.mean.copy_(mean)
        self.deviation.copy_(torch.where(deviation > 1e-4, deviation, torch.ones_like(deviation)))

    def forward(self, values: Tensor) -> Tensor:
        """Return values of the same shape, clipped to +-10."""
        return ((values - self.mean) / self.deviation).clamp(-LIMIT, LIMIT)

    def part(self, values: Tensor, where: slice) -> Tensor:
        """Return values (..., n) of a slice of the frame, normalised and clipped."""
        return ((values - self.mean[where]) / self.deviation[where]).clamp(-LIMIT, LIMIT)


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


class ComponentMlp(nn.Module):
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
