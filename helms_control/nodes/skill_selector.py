"""High-level node: observation to features and skill."""

from helms_control.nodes import qos
from helms_control.nodes.convert import floats, follow
from helms_control.nodes.level import LevelNode
from helms_control.policy import Bundle, HighLevel, Seen
from helms_msgs.msg import Observation, SkillSelection


class SkillSelectorNode(LevelNode):
    """Publishes the most probable skill for each observation, with the features for the levels below."""

    LEVEL = "high"

    def connect(self) -> None:
        """Publish skills."""
        self._message = SkillSelection()
        self._skill = self.speak(SkillSelection, "skill", qos.SAID, needed=True)

    def use(self, bundle: Bundle) -> None:
        """Use the high level."""
        self._level = HighLevel(bundle)

    def answer(self, source: Observation, seen: Seen) -> None:
        """Publish the skill."""
        skill, probabilities = self._level(seen)
        fields = self.features(seen, "robot", "scene")
        self._skill.publish(follow(self._message, source, skill=skill, probabilities=floats(probabilities), **fields))
