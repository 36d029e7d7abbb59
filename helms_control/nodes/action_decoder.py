"""The low level: from what the robot feels and the latent to an action."""

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
        self._action = self.speak(Action, "action", qos.SAID, needed=True)
        self.listen(Latent, "latent", self.on_above)

    def use(self, bundle: Bundle) -> None:
        """Take the low level."""
        self._level = LowLevel(bundle)
        self._size = bundle.manifest.latent

    def answer(self, observation: Observation, above: Latent) -> None:
        """Publish the action."""
        own, _ = frames_of(observation)
        action = self._level(own, numbers(above.latent, "latent", self._size))
        self._action.publish(follow(Action, observation, action=doubles(action)))
