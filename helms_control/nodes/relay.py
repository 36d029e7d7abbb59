"""Relay node: answers messages with constant ones of the same size, as the baseline of latency."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from helms_control.nodes.convert import doubles, floats, follow
from helms_control.nodes.managed import ManagedNode
from helms_control.nodes.parameters import setting
from helms_control.spec import ACTION
from helms_msgs.msg import Action, Latent, Observation, SkillSelection


@dataclass(frozen=True)
class RelaySettings:
    """Parameters of the relay."""

    stage: str = setting("skill", "Topic that it answers on.", choices=("skill", "latent", "action"))
    skills: int = setting(5, "Length of the probabilities.", 1, 255)
    latent: int = setting(8, "Length of the latent.", 1, 1024)
    robot: int = setting(22, "Number of features of the robot.", 1, 10_000)
    scene: int = setting(351, "Number of features of the objects.", 1, 10_000)
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class RelayNode(ManagedNode):
    """Replaces a level node, with the same subscription and publication."""

    SETTINGS = RelaySettings

    def prepare(self) -> None:
        """Create publisher and subscription of the stage."""
        heard, topic, said, fill = _STAGES[self.settings.stage]
        output = self.speak(said, self.settings.stage, needed=True)
        fields, answer = fill(self.settings), said()
        self.listen(heard, topic, lambda message: output.publish(follow(answer, message, **fields)))


def _zeros(count: int) -> Any:  # noqa: ANN401 - a sequence field
    return floats(np.zeros(count, np.float32))


def _skill(s: RelaySettings) -> dict[str, Any]:
    return {"probabilities": _zeros(s.skills), "robot": _zeros(s.robot), "scene": _zeros(s.scene)}


def _latent(s: RelaySettings) -> dict[str, Any]:
    return {"latent": _zeros(s.latent), "robot": _zeros(s.robot)}


def _action(_: RelaySettings) -> dict[str, Any]:
    return {"action": doubles(np.zeros(ACTION.size))}


_STAGES: dict[str, tuple[type[Any], str, type[Any], Callable[[RelaySettings], dict[str, Any]]]] = {
    "skill": (Observation, "observation", SkillSelection, _skill),
    "latent": (SkillSelection, "skill", Latent, _latent),
    "action": (Latent, "latent", Action, _action),
}
