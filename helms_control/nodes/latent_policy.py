"""Mid-level node: skill to latent; the first level of a policy without skills, which answers observations."""

from typing import Any

from helms_control.nodes import qos
from helms_control.nodes.convert import floats, follow
from helms_control.nodes.level import LevelNode
from helms_control.policy import Bundle, MidLevel, Seen
from helms_msgs.msg import Latent, SkillSelection


class LatentPolicyNode(LevelNode):
    """Publishes a latent for each skill selection, or for each observation."""

    LEVEL = "mid"
    ABOVE = (SkillSelection, "skill")

    def connect(self) -> None:
        """Publish latents."""
        self._message = Latent()
        self._latent = self.speak(Latent, "latent", qos.SAID, needed=True)

    def use(self, bundle: Bundle) -> None:
        """Use the mid level."""
        self._level = MidLevel(bundle)

    def answer(self, source: Any, seen: Seen) -> None:  # noqa: ANN401 - skill selection or observation
        """Publish the latent."""
        skill = 0 if self.is_first else source.skill
        latent = floats(self._level(seen, skill))
        self._latent.publish(follow(self._message, source, skill=skill, latent=latent, **self.features(seen, "robot")))
