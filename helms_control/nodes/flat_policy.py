"""Node of a policy without levels: observation to action."""

from helms_control.nodes import qos
from helms_control.nodes.convert import doubles, follow
from helms_control.nodes.level import LevelNode
from helms_control.policy import Bundle, FlatPolicy, Seen
from helms_msgs.msg import Action, Observation


class FlatPolicyNode(LevelNode):
    """Publishes an action for each observation."""

    LEVEL = "flat"

    def connect(self) -> None:
        """Publish actions."""
        self._message = Action()
        self._action = self.speak(Action, "action", qos.SAID, needed=True)

    def use(self, bundle: Bundle) -> None:
        """Use the one network."""
        self._level = FlatPolicy(bundle)

    def answer(self, source: Observation, seen: Seen) -> None:
        """Publish the action."""
        self._action.publish(follow(self._message, source, action=doubles(self._level(seen))))
