"""Topics within one process: messages are handed over as they are, without serialisation and without DDS."""

from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from rclpy.lifecycle import LifecyclePublisher

TOPICS = frozenset(("setup", "observation", "skill", "latent", "action", "commanded", "progress", "cell_state"))
"""Topics that nodes of one process exchange directly where no other process takes part."""

Callback = Callable[[Any], None]


class LocalTopics:
    """Delivers messages between the nodes of a composed graph, in the order of their publication.

    A publisher may reuse its message: it is delivered before the step's next message of the same topic can exist.
    """

    def __init__(self, schedule: Callable[[Callable[[], None]], object]) -> None:
        """Deliver with the executor's tasks, so that timers and services take their turns in between.

        Args:
            schedule: runs a function soon, after the current callback.
        """
        self._schedule = schedule
        self._callbacks: dict[str, list[Callback]] = defaultdict(list)
        self._queue: deque[tuple[Callback, Any]] = deque()
        self._error: Exception | None = None

    def listen(self, topic: str, callback: Callback) -> None:
        """Call back for each message of a topic."""
        self._callbacks[topic].append(callback)

    def forget(self, topic: str, callback: Callback) -> None:
        """Call back no more."""
        self._callbacks[topic].remove(callback)

    def count(self, topic: str) -> int:
        """Return the number of listeners of a topic."""
        return len(self._callbacks[topic])

    def post(self, topic: str, message: Any) -> None:  # noqa: ANN401 - message
        """Deliver a message to each listener, soon."""
        for callback in self._callbacks[topic]:
            self._queue.append((callback, message))
            self._schedule(self._deliver)

    def _deliver(self) -> None:
        callback, message = self._queue.popleft()
        try:
            callback(message)
        except Exception as error:
            # An exception in a task of rclpy's events executor ends the process without its message.
            self._error = self._error or error

    def check(self) -> None:
        """Raise the first exception of a callback."""
        if self._error is not None:
            raise self._error


class LocalSubscription:
    """A subscription to a topic of this process."""

    def __init__(self, local: LocalTopics, topic: str, callback: Callback) -> None:
        """Listen."""
        self._local, self.topic_name, self._callback = local, topic, callback
        local.listen(topic, callback)

    def close(self) -> None:
        """Listen no more."""
        self._local.forget(self.topic_name, self._callback)


class LocalPublisher:
    """A publisher to the nodes of this process, and by DDS to others that listen, such as a recorder."""

    def __init__(self, local: LocalTopics, publisher: LifecyclePublisher[Any]) -> None:
        """Publish on the topic of a publisher."""
        self._local, self._publisher, self.topic_name = local, publisher, publisher.topic_name

    def publish(self, message: Any) -> None:  # noqa: ANN401 - message
        """Publish a message, while the node is active."""
        if not self._publisher.is_activated:
            return
        self._local.post(self.topic_name, message)
        if self._publisher.get_subscription_count():
            self._publisher.publish(message)

    def get_subscription_count(self) -> int:
        """Return the number of listeners here and elsewhere."""
        return self._local.count(self.topic_name) + self._publisher.get_subscription_count()
