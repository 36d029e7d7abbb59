"""Publishers and subscriptions of a node, by DDS or within the process."""

from collections.abc import Callable
from typing import Any

from rclpy.lifecycle import LifecycleNode, LifecyclePublisher
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription

from helms_control.nodes.local import TOPICS, LocalPublisher, LocalSubscription, LocalTopics

Input = Subscription[Any] | LocalSubscription
Output = LifecyclePublisher[Any] | LocalPublisher


class Ends:
    """Everything that a node publishes and subscribes to."""

    def __init__(self, node: LifecycleNode, local: LocalTopics | None) -> None:
        """Begin without any; `local` are the topics of a composed graph that no other process takes part in."""
        self._node, self._local = node, local
        self._inputs: list[tuple[Input, bool]] = []
        self._outputs: list[tuple[Output, bool]] = []
        self._made: list[LifecyclePublisher[Any]] = []

    def subscribe(
        self, kind: type[Any], topic: str, callback: Callable[[Any], None], profile: QoSProfile, needed: bool, raw: bool
    ) -> None:
        """Subscribe; see `ManagedNode.listen`."""
        subscription: Input
        if self._local is not None and topic in TOPICS and not raw:
            subscription = LocalSubscription(self._local, self._node.resolve_topic_name(topic), callback)
        else:
            subscription = self._node.create_subscription(kind, topic, callback, profile, raw=raw)
        self._inputs.append((subscription, needed))

    def publisher(self, kind: type[Any], topic: str, profile: QoSProfile, needed: bool) -> Output:
        """Create a publisher; see `ManagedNode.speak`."""
        made = self._node.create_lifecycle_publisher(kind, topic, profile)
        self._made.append(made)
        local = self._local if topic in TOPICS else None
        publisher = made if local is None else LocalPublisher(local, made)
        self._outputs.append((publisher, needed))
        return publisher

    def unmatched(self) -> list[str]:
        """Return the topics that need a match and have none."""
        missing = [
            s.topic_name for s, needed in self._inputs if needed and not self._node.count_publishers(s.topic_name)
        ]
        return missing + [p.topic_name for p, needed in self._outputs if needed and not p.get_subscription_count()]

    def hears(self) -> list[str]:
        """Return the topics subscribed to."""
        return [subscription.topic_name for subscription, _ in self._inputs]

    def reach(self) -> dict[str, int]:
        """Return the number of subscribers of each topic published on."""
        return {publisher.topic_name: publisher.get_subscription_count() for publisher, _ in self._outputs}

    def close(self) -> None:
        """Destroy all."""
        for subscription, _ in self._inputs:
            if isinstance(subscription, LocalSubscription):
                subscription.close()
            else:
                self._node.destroy_subscription(subscription)
        for publisher in self._made:
            self._node.destroy_lifecycle_publisher(publisher)
        self._inputs, self._outputs, self._made = [], [], []
