"""Mid-level node: observation and skill to latent."""

import numpy as np
import numpy.typing as npt

from helms_control.nodes import qos
from helms_control.nodes.convert import floats, follow, frames_of
from helms_control.nodes.level import LevelNode
from helms_control.policy import Bundle, MidLevel
from helms_msgs.msg import Latent, Observation, SkillSelection


class LatentPolicyNode(LevelNode):
    """Publishes a latent for each observation and its skill."""

    LEVEL = "mid"

    def connect(self) -> None:
        """Publish latents, subscribe to skills."""
        self._message = Latent()
        self._latent = self.speak(Latent, "latent", qos.SAID, needed=True)
        self.listen(SkillSelection, "skill", self.on_above)

    def use(self, bundle: Bundle) -> None:
        """Use the mid level."""
        self._level = MidLevel(bundle)

    def answer(self, observation: Observation, above: SkillSelection) -> None:
        """Publish the latent."""
        latent = self._latent_of(observation, above)
        self._latent.publish(follow(self._message, observation, skill=above.skill, latent=floats(latent)))

    def anticipate(self, observation: Observation, above: SkillSelection) -> None:
        """Evaluate the last skill, which most steps keep, as a warm-up."""
        self._latent_of(observation, above)

    def _latent_of(self, observation: Observation, above: SkillSelection) -> npt.NDArray[np.float32]:
        return self._level(*frames_of(observation), above.skill)
