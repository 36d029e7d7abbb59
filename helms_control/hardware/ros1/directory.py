"""Registry of a node's publishers, subscribers and services, for its servers."""

from collections.abc import Callable

from helms_control.hardware.ros1.publisher import Publisher
from helms_control.hardware.ros1.service import ServiceServer
from helms_control.hardware.ros1.subscriber import Subscriber


class Directory:
    """The publishers, subscribers and services of one node.

    Attributes:
        publishers: by topic.
        subscribers: by topic.
        services: by name.
        shut_down: called with the reason of a shutdown request.
    """

    def __init__(self, shut_down: Callable[[str], None]) -> None:
        """Start empty."""
        self.publishers: dict[str, Publisher] = {}
        self.subscribers: dict[str, Subscriber] = {}
        self.services: dict[str, ServiceServer] = {}
        self.shut_down = shut_down

    def all_publishers(self) -> list[Publisher]:
        """Return a snapshot of the publishers; others may be added at any time."""
        return list(self.publishers.values())

    def all_subscribers(self) -> list[Subscriber]:
        """Return a snapshot of the subscribers."""
        return list(self.subscribers.values())

    def all_services(self) -> list[ServiceServer]:
        """Return a snapshot of the services."""
        return list(self.services.values())
