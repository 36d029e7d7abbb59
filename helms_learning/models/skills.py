"""The skill model: three levels, the skill posterior, and their normaliser."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from helms_control.spec import FRAMES, PROPRIOCEPTION
from helms_learning.models.configuration import ModelConfig
from helms_learning.models.features import (
    FRAME,
    join_own,
    join_seen,
    joined_sizes,
    own_features,
    seen_features,
    sizes,
)
from helms_learning.models.layers import Normaliser
from helms_learning.models.levels import HighLevel, LowLevel, MidLevel
from helms_learning.models.posterior import SkillPosterior


class Inputs(NamedTuple):
    """Inputs of the networks for T steps; sizes are those of raw inputs, see `features.joined_sizes`.

    Attributes:
        own: (..., T, 129), three frames of proprioception.
        all: (..., T, 255), proprioception and three frames of objects.
        future: (..., T, look-ahead * 85), the following frames.
    """

    own: Tensor
    all: Tensor
    future: Tensor


class SkillModel(nn.Module):
    """HeLMS: high, mid and low level, and the skill posterior; with one skill the NPMP baseline."""

    def __init__(self, config: ModelConfig) -> None:
        """Build the networks; weights are drawn from torch's global generator."""
        super().__init__()
        self.config = config
        self.normaliser = Normaliser(FRAME)
        own, seen = joined_sizes(config.inputs)
        now = own + seen
        self.high = HighLevel(now, config.skills, config.width)
        self.mid = MidLevel(now, config.skills, config.latent, config.width)
        self.low = LowLevel(own, config.latent, config.width, config.inputs)
        self.posterior = SkillPosterior(
            now + config.look_ahead * sum(sizes(config.inputs)), config.skills, config.width
        )


def stack(frames: Tensor, normaliser: Normaliser, config: ModelConfig) -> Inputs:
    """Return the network inputs of recorded frames.

    Args:
        frames: (..., 2 + T + look-ahead, 85): two frames before the first step, those of the T steps, and the
            following ones.
        normaliser: of the model.
        config: of the model.
    """
    return join(see(frames, normaliser, config), config)


def see(frames: Tensor, normaliser: Normaliser, config: ModelConfig) -> Tensor:
    """Return the features (..., `sum(features.sizes)`) of raw frames (..., 85); no trained parameters."""
    own = own_features(frames[..., : PROPRIOCEPTION.size], normaliser, config.inputs)
    return torch.cat([own, seen_features(frames[..., PROPRIOCEPTION.size :], own, normaliser, config.inputs)], -1)


def join(both: Tensor, config: ModelConfig) -> Inputs:
    """Return the network inputs of features (..., 2 + T + look-ahead, n); three frames are stacked, newest first."""
    before, ahead = FRAMES - 1, config.look_ahead
    steps = both.shape[-2] - before - ahead
    own, seen = torch.split(both, list(sizes(config.inputs)), -1)
    shifts = [before - age for age in range(FRAMES)]
    owns = join_own([own[..., at : at + steps, :] for at in shifts], config.inputs)
    seens = join_seen([seen[..., at : at + steps, :] for at in shifts], config.inputs)
    future = [both[..., before + k : before + k + steps, :] for k in range(1, ahead + 1)]
    return Inputs(owns, torch.cat([owns, seens], -1), torch.cat(future, -1) if future else both[..., before:, :0])
