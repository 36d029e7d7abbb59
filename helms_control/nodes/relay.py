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
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")


class RelayNode(ManagedNode):
    """Replaces a level node, with the same subscriptions and publications."""

    SETTINGS = RelaySettings

    def prepare(self) -> None:
        """Create publisher and subscriptions of the stage."""
        heard, said, fill = _STAGES[self.settings.stage]
        output = self.speak(said, self.settings.stage, needed=True)
        fields, answer = fill(self.settings.skills), said()
        topic = {Observation: "observation", SkillSelection: "skill", Latent: "latent"}[heard]
        self.listen(heard, topic, lambda message: output.publish(follow(answer, message, **fields)))
        if heard is not Observation:
            # A level node subscribes to the observation, too.
            self.listen(Observation, "observation", lambda message: None)


_STAGES: dict[str, tuple[type[Any], type[Any], Callable[[int], dict[str, Any]]]] = {
    "skill": (Observation, SkillSelection, lambda skills: {"probabilities": floats(np.full(skills, 1.0, np.float32))}),
    "latent": (SkillSelection, Latent, lambda skills: {"latent": floats(np.zeros(8, np.float32))}),
    "action": (Latent, Action, lambda skills: {"action": doubles(np.zeros(ACTION.size))}),
}
