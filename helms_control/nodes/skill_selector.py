"""High-level node: observation to skill."""

from typing import Any

from helms_control.nodes import qos
from helms_control.nodes.convert import floats, follow, frames_of
from helms_control.nodes.level import LevelNode
from helms_control.policy import Bundle, HighLevel
from helms_msgs.msg import Observation, SkillSelection


class SkillSelectorNode(LevelNode):
    """Publishes the most probable skill for each observation."""

    LEVEL = "high"
    ABOVE = False

    def connect(self) -> None:
        """Publish skills."""
        self._message = SkillSelection()
        self._skill = self.speak(SkillSelection, "skill", qos.SAID, needed=True)

    def use(self, bundle: Bundle) -> None:
        """Use the high level."""
        self._level = HighLevel(bundle)

    def answer(self, observation: Observation, above: Any) -> None:  # noqa: ANN401 - nothing is above
        """Publish the skill."""
        skill, probabilities = self._level(*frames_of(observation))
        self._skill.publish(follow(self._message, observation, skill=skill, probabilities=floats(probabilities)))
