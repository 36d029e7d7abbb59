"""Inputs of the networks for windows of recorded frames."""

from typing import NamedTuple

import torch
from torch import Tensor

from helms_control.features.features import Features
from helms_control.spec import FRAMES
from helms_learning.networks.normaliser import Normaliser


class Inputs(NamedTuple):
    """Inputs for T steps. R, S: sizes of the stacks of robot and scene; n: of one frame of both.

    Attributes:
        robot: (..., T, R), normalised.
        all: (..., T, R + S), normalised.
        future: (..., T, look-ahead * n), the following frames, normalised.
        plain: (..., T, R), the robot's stack as computed.
    """

    robot: Tensor
    all: Tensor
    future: Tensor
    plain: Tensor


def inputs_of(frames: Tensor, features: Features, normaliser: Normaliser, look_ahead: int) -> Inputs:
    """Return the inputs of windows.

    Args:
        frames: (..., 2 + T + look_ahead, n): features of two frames before the first step, those of the T steps, and
            the following ones.
        features: of the frames.
        normaliser: of the policy.
        look_ahead: number of future frames.
    """
    before = FRAMES - 1
    steps = frames.shape[-2] - before - look_ahead
    shifts = [before - age for age in range(FRAMES)]
    plain = frames[..., : features.frame_sizes[0]]
    normal = normaliser.frames(frames)
    robot, scene = torch.split(normal, list(features.frame_sizes), -1)

    def stacked(values: Tensor, ages: int) -> list[Tensor]:
        return [values[..., at : at + steps, :] for at in shifts[:ages]]

    own = features.join_robot(stacked(robot, FRAMES))
    seen = features.join_scene(stacked(scene, features.scene_frames))
    future = [normal[..., before + k : before + k + steps, :] for k in range(1, look_ahead + 1)]
    ahead = torch.cat(future, -1) if future else normal[..., before : before + steps, :0]
    base = features.join_robot(stacked(plain, FRAMES)) if features.standardised else own
    return Inputs(own, torch.cat([own, seen], -1), ahead, base)


def dropped(inputs: Inputs, share: float, noise: torch.Generator | None) -> Inputs:
    """Return inputs with dropout, drawn for each step; unchanged without a generator."""
    if noise is None or share == 0.0:
        return inputs
    kept = (torch.rand(inputs.all.shape, generator=noise, device=inputs.all.device) >= share).to(inputs.all)
    size = inputs.robot.shape[-1]
    return inputs._replace(robot=inputs.robot * kept[..., :size], all=inputs.all * kept)
