"""The heartbeat of a node: saying that it is alive, and noticing that it no longer hears the others."""

import time

from rclpy.lifecycle import LifecycleNode
from rclpy.qos import QoSProfile

from helms_control.nodes import qos
from helms_msgs.msg import Heartbeat

QUIET_S = 0.5
"""Silence after which a node that knows of others is not ready, s."""
DEAF_S = 5.0
"""Silence after which a node that knows of others counts itself as deaf, s."""
_NAME_AT = 8
"""Where the name begins in a serialised heartbeat: behind the header of the encapsulation and the name's length."""


class Pulse:
    """Publishes heartbeats, and listens, undecoded, for those of other nodes.

    A process that was killed leaves its port of shared memory behind. One that is started in its place may be given the
    same port, to which nobody sends any more: it is seen by all and hears nobody. Only starting it again helps.
    """

    def __init__(self, node: LifecycleNode, profile: QoSProfile = qos.BEAT) -> None:
        """Advertise and listen on `heartbeat`."""
        self._node, self._own = node, node.get_name().encode() + b"\0"
        self._publisher = node.create_publisher(Heartbeat, "heartbeat", profile)
        self._subscription = node.create_subscription(Heartbeat, "heartbeat", self._hear, profile, raw=True)
        self._heard = time.monotonic()

    def beat(self, waiting_for: str, hears: list[str], reach: dict[str, int]) -> None:
        """Say that the node is active.

        Args:
            waiting_for: what is missing; empty when the node is ready.
            hears: topics that it listens to.
            reach: matched listeners by topic that it publishes.
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
        """Time since another node was heard, s; 0 as long as discovery knows of none."""
        others = self._node.count_publishers(self._publisher.topic_name) > 1
        return time.monotonic() - self._heard if others else 0.0

    def rest(self) -> None:
        """Start anew: not connected before the first heartbeat is heard."""
        self._heard = time.monotonic() - QUIET_S

    def close(self) -> None:
        """Take publisher and subscription away."""
        self._node.destroy_publisher(self._publisher)
        self._node.destroy_subscription(self._subscription)

    def _hear(self, message: bytes) -> None:
        if message[_NAME_AT : _NAME_AT + len(self._own)] != self._own:
            self._heard = time.monotonic()
