"""Normalisation of features by the statistics of the data."""

import torch
from torch import Tensor, nn

from helms_control.features.features import Features
from helms_control.spec import FRAMES

LIMIT = 10.0
"""Clipping limit of normalised features, for outliers of a defective sensor."""


class Normaliser(nn.Module):
    """(x - mean) / deviation of features that are `standardised`; others pass unchanged."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, features: Features) -> None:
        """Begin as the identity."""
        super().__init__()
        self._features = features
        size = sum(features.frame_sizes)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("deviation", torch.ones(size))

    def set_statistics(self, mean: Tensor, deviation: Tensor) -> None:
        """Set the statistics of single frames, robot and scene, (n,) each; constant features are only centred."""
        self.mean.copy_(mean)
        self.deviation.copy_(torch.where(deviation > 1e-4, deviation, torch.ones_like(deviation)))

    def frames(self, values: Tensor) -> Tensor:
        """Return the features of single frames, robot and scene, (..., n), normalised and clipped."""
        if not self._features.standardised:
            return values
        return ((values - self.mean) / self.deviation).clamp(-LIMIT, LIMIT)

    def robot(self, values: Tensor) -> Tensor:
        """Return the robot's stack (..., sizes[0]), normalised and clipped."""
        return self._stack(values, 0)

    def scene(self, values: Tensor) -> Tensor:
        """Return the scene's stack (..., sizes[1]), normalised and clipped."""
        return self._stack(values, 1)

    def _stack(self, values: Tensor, part: int) -> Tensor:
        features = self._features
        if not features.standardised:
            return values
        join = (features.join_robot, features.join_scene)[part]
        sizes = list(features.frame_sizes)
        mean, deviation = (join([torch.split(each, sizes)[part]] * FRAMES) for each in (self.mean, self.deviation))
        normal: Tensor = ((values - mean) / deviation).clamp(-LIMIT, LIMIT)
        return normal
