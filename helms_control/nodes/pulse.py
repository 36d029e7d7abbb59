"""Heartbeat of a node, and detection that it no longer receives those of other nodes."""

import time

from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile

from helms_control.nodes import qos
from helms_msgs.msg import Heartbeat

QUIET_S = 0.5
"""Time without a heartbeat of other, discovered nodes after which a node is not ready, s."""
DEAF_S = 5.0
"""Time without a heartbeat of other, discovered nodes after which a node exits to be restarted, s."""
_NAME_AT = 8
"""Offset of the name in a serialised heartbeat: after the encapsulation header and the name's length."""


class Pulse:
    """Publishes heartbeats, and receives those of other nodes, undecoded.

    A killed process leaves its shared-memory port behind. Its successor may be given the same port, to which no node
    sends any more: it is discovered by all nodes but receives nothing. Only another restart helps.
    """

    def __init__(self, node: LifecycleNode, profile: QoSProfile = qos.BEAT) -> None:
        """Publish and subscribe to `heartbeat`."""
        self._node, self._own = node, node.get_name().encode() + b"\0"
        self._publisher = node.create_publisher(Heartbeat, "heartbeat", profile)
        self._subscription = node.create_subscription(Heartbeat, "heartbeat", self._hear, profile, raw=True)
        self._heard = time.monotonic()

    def beat(self, waiting_for: str, hears: list[str], reach: dict[str, int]) -> None:
        """Publish a heartbeat.

        Args:
            waiting_for: what is missing; empty when the node is ready.
            hears: topics that it subscribes to.
            reach: matched subscribers by published topic.
        """
        self._publisher.publish(
            Heartbeat(
                node=self._node.get_name(),
                ready=not waiting_for,
                waiting_for=waiting_for,
                hears=hears,
                says=list(reach),
                reach=list(reach.values()),
            )
        )

    @property
    def silence_s(self) -> float:
        """Time since another node's heartbeat, s; 0 while no other node is discovered."""
        others = self._node.count_publishers(self._publisher.topic_name) > 1
        return time.monotonic() - self._heard if others else 0.0

    def rest(self) -> None:
        """Restart the timeout: not ready before the first heartbeat arrives."""
        self._heard = time.monotonic() - QUIET_S

    def close(self) -> None:
        """Destroy publisher and subscription."""
        self._node.destroy_publisher(self._publisher)
        self._node.destroy_subscription(self._subscription)

    def _hear(self, message: bytes) -> None:
        if message[_NAME_AT : _NAME_AT + len(self._own)] != self._own:
            self._heard = time.monotonic()
