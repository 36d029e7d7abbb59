"""The low level: from what the robot feels and the latent to an action."""

import numpy as np
import numpy.typing as npt

from helms_control.nodes import qos
from helms_control.nodes.convert import doubles, follow, frames_of, numbers
from helms_control.nodes.level import LevelNode
from helms_control.policy import Bundle, LowLevel
from helms_msgs.msg import Action, Latent, Observation


class ActionDecoderNode(LevelNode):
    """Answers observations and their latent with an action; of the observation it sees the proprioception only."""

    LEVEL = "low"

    def connect(self) -> None:
        """Advertise the actions and listen to the latents."""
        self._message = Action()
        self._action = self.speak(Action, "action", qos.SAID, needed=True)
        self.listen(Latent, "latent", self.on_above)

    def use(self, bundle: Bundle) -> None:
        """Take the low level."""
        self._level = LowLevel(bundle)
        self._size = bundle.manifest.latent

    def answer(self, observation: Observation, above: Latent) -> None:
        """Publish the action."""
        action = self._action_of(observation, above)
        self._action.publish(follow(self._message, observation, action=doubles(action)))

    def anticipate(self, observation: Observation, above: Latent) -> None:
        """Decode the last latent."""
        self._action_of(observation, above)

    def _action_of(self, observation: Observation, above: Latent) -> npt.NDArray[np.float64]:
        own, _ = frames_of(observation)
        return self._level(own, numbers(above.latent, "latent", self._size))
