"""Low-level node: latent to action."""

from helms_control.nodes import qos
from helms_control.nodes.convert import doubles, follow, numbers
from helms_control.nodes.level import LevelNode
from helms_control.policy import Bundle, LowLevel, Seen
from helms_msgs.msg import Action, Latent


class ActionDecoderNode(LevelNode):
    """Publishes an action for each latent; of the features it uses only the robot's."""

    LEVEL = "low"
    ABOVE = (Latent, "latent")

    def connect(self) -> None:
        """Publish actions."""
        self._message = Action()
        self._action = self.speak(Action, "action", qos.SAID, needed=True)

    def use(self, bundle: Bundle) -> None:
        """Use the low level."""
        self._level, self._size = LowLevel(bundle), bundle.manifest.latent

    def answer(self, source: Latent, seen: Seen) -> None:
        """Publish the action."""
        action = self._level(seen.robot, numbers(source.latent, "latent", self._size))
        self._action.publish(follow(self._message, source, action=doubles(action)))
