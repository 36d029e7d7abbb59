"""Low-level node: proprioception and latent to action."""

import numpy as np
import numpy.typing as npt

from helms_control.nodes import qos
from helms_control.nodes.convert import doubles, follow, frames_of, numbers
from helms_control.nodes.level import LevelNode
from helms_control.policy import Bundle, LowLevel
from helms_msgs.msg import Action, Latent, Observation


class ActionDecoderNode(LevelNode):
    """Publishes an action for each observation and its latent; uses only proprioception."""

    LEVEL = "low"

    def connect(self) -> None:
        """Publish actions, subscribe to latents."""
        self._message = Action()
        self._action = self.speak(Action, "action", qos.SAID, needed=True)
        self.listen(Latent, "latent", self.on_above)

    def use(self, bundle: Bundle) -> None:
        """Use the low level."""
        self._level = LowLevel(bundle)
        self._size = bundle.manifest.latent

    def answer(self, observation: Observation, above: Latent) -> None:
        """Publish the action."""
        action = self._action_of(observation, above)
        self._action.publish(follow(self._message, observation, action=doubles(action)))

    def anticipate(self, observation: Observation, above: Latent) -> None:
        """Decode the last latent as a warm-up."""
        self._action_of(observation, above)

    def _action_of(self, observation: Observation, above: Latent) -> npt.NDArray[np.float64]:
        own, _ = frames_of(observation)
        return self._level(own, numbers(above.latent, "latent", self._size))
