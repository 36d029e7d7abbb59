"""The three levels as ONNX graphs: raw frames as input, normalisation and features included; batch size 1."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from helms_control.spec import ACTION
from helms_learning.models.behaviour import BehaviourClone
from helms_learning.models.features import join_own, join_seen, own_features, seen_features
from helms_learning.models.skills import SkillModel

FINGERS = ACTION.size - 1
"""Index of the finger command."""


def decided(action: Tensor) -> Tensor:
    """Round the finger command of actions (..., 5) to -1, 0 or 1.

    Only its sign counts in the cell: a mean of 0.01, meant as hold, would close the fingers at full speed.
    """
    return torch.cat([action[..., :FINGERS], action[..., FINGERS:].round()], -1)


class _Level(nn.Module):
    """Features of a level's inputs."""

    def __init__(self, model: SkillModel | BehaviourClone) -> None:
        super().__init__()
        self.model = model

    def own(self, proprioception: Tensor) -> Tensor:
        return self._joined(self._own(proprioception), join_own)

    def both(self, proprioception: Tensor, objects: Tensor) -> Tensor:
        own = self._own(proprioception)
        # "tool" inputs use only the newest frame of the objects.
        shown = objects.shape[1] if self.model.config.inputs == "raw" else 1
        seen = seen_features(objects[:, :shown], own[:, :shown], self.model.normaliser, self.model.config.inputs)
        return torch.cat([self._joined(own, join_own), self._joined(seen, join_seen)], -1)

    def _own(self, proprioception: Tensor) -> Tensor:
        return own_features(proprioception, self.model.normaliser, self.model.config.inputs)

    def _joined(self, frames: Tensor, join: Callable[[Sequence[Tensor], str], Tensor]) -> Tensor:
        """Join (1, 3, n); raw frames are in order already: flattening them saves a dozen graph nodes."""
        inputs = self.model.config.inputs
        return frames.flatten(1) if inputs == "raw" else join(frames.unbind(1), inputs)


class High(_Level):
    """From proprioception (1, 3, 43) and objects (1, 3, 42) to probabilities (1, K)."""

    model: SkillModel

    def forward(self, proprioception: Tensor, objects: Tensor) -> Tensor:
        """Return p(y | x)."""
        return torch.softmax(self.model.high(self.both(proprioception, objects)), -1)


class Mid(_Level):
    """From proprioception, objects and skill (1,) to the latent (1, Z)."""

    model: SkillModel

    def forward(self, proprioception: Tensor, objects: Tensor, skill: Tensor) -> Tensor:
        """Return the mean of q(z | y, x)."""
        return self.model.mid.mean_of(self.both(proprioception, objects), skill)


class Low(_Level):
    """From proprioception and latent (1, Z) to the action (1, 5)."""

    model: SkillModel

    def forward(self, proprioception: Tensor, latent: Tensor) -> Tensor:
        """Return the mean of p(a | z, x), the finger command rounded."""
        return decided(self.model.low(self.own(proprioception), latent))


class OnlySkill(_Level):
    """High level of a clone, which has one skill."""

    def forward(self, proprioception: Tensor, objects: Tensor) -> Tensor:
        """Return the probability 1 of the skill."""
        return torch.ones_like(proprioception[:, 0, :1]) + 0.0 * objects[:, 0, :1]


class CloneMid(_Level):
    """Mid level of a clone: the whole network; the latent is the action."""

    model: BehaviourClone

    def forward(self, proprioception: Tensor, objects: Tensor, skill: Tensor) -> Tensor:
        """Return the action as a latent."""
        action: Tensor = self.model(self.both(proprioception, objects))
        return action + 0.0 * skill.unsqueeze(-1).float()


class CloneLow(_Level):
    """Low level of a clone: the latent is the action."""

    def forward(self, proprioception: Tensor, latent: Tensor) -> Tensor:
        """Return the latent, the finger command rounded."""
        return decided(latent + 0.0 * proprioception[:, 0, :1])


def graphs(model: SkillModel | BehaviourClone) -> dict[str, nn.Module]:
    """Return the modules "high", "mid" and "low"."""
    if isinstance(model, BehaviourClone):
        return {"high": OnlySkill(model), "mid": CloneMid(model), "low": CloneLow(model)}
    return {"high": High(model), "mid": Mid(model), "low": Low(model)}
