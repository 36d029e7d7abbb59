"""The whole model: three levels, the posterior over skills, and the normaliser that they share."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from helms_control.spec import FRAMES, PROPRIOCEPTION
from helms_learning.models.configuration import ModelConfig
from helms_learning.models.layers import Normaliser
from helms_learning.models.levels import HighLevel, LowLevel, MidLevel
from helms_learning.models.posterior import FRAME, SkillPosterior


class Inputs(NamedTuple):
    """What the networks see of T steps, normalised.

    Attributes:
        own: (..., T, 129), three frames of proprioception.
        all: (..., T, 255), with three frames of objects behind.
        future: (..., T, look-ahead * 85), the frames that follow.
    """

    own: Tensor
    all: Tensor
    future: Tensor


class SkillModel(nn.Module):
    """HeLMS offline: high, mid and low level, and the posterior."""

    def __init__(self, config: ModelConfig) -> None:
        """Build everything with weights drawn from torch's generator."""
        super().__init__()
        self.config = config
        self.normaliser = Normaliser(FRAME)
        self.high = HighLevel(config.skills, config.width)
        self.mid = MidLevel(config.skills, config.latent, config.width)
        self.low = LowLevel(config.latent, config.width)
        self.posterior = SkillPosterior(config.skills, config.look_ahead, config.width)

    def inputs(self, frames: Tensor) -> Inputs:
        """Stack single frames.

        Args:
            frames: (..., 2 + T + look-ahead, 85), as recorded: two frames before the first step, the frames of the T
                steps, and those that follow.
        """
        return stack(self.normaliser(frames), self.config.look_ahead)


def stack(frames: Tensor, look_ahead: int) -> Inputs:
    """Stack frames (..., 2 + T + look-ahead, 85) as the cell does, newest first; see `Inputs`."""
    before, steps = FRAMES - 1, frames.shape[-2] - (FRAMES - 1) - look_ahead
    own, seen = torch.split(frames, [PROPRIOCEPTION.size, FRAME - PROPRIOCEPTION.size], -1)
    shifts = [before - age for age in range(FRAMES)]
    owns = torch.cat([own[..., at : at + steps, :] for at in shifts], -1)
    seens = torch.cat([seen[..., at : at + steps, :] for at in shifts], -1)
    ahead = [frames[..., before + k : before + k + steps, :] for k in range(1, look_ahead + 1)]
    future = torch.cat(ahead, -1) if ahead else frames[..., before : before + steps, :0]
    return Inputs(owns, torch.cat([owns, seens], -1), future)
