"""What a node offers and wants, by name; its servers look things up here."""

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
        shut_down: takes the reason for which somebody wants the node to end.
    """

    def __init__(self, shut_down: Callable[[str], None]) -> None:
        """Start empty."""
        self.publishers: dict[str, Publisher] = {}
        self.subscribers: dict[str, Subscriber] = {}
        self.services: dict[str, ServiceServer] = {}
        self.shut_down = shut_down

    def all_publishers(self) -> list[Publisher]:
        """Return the publishers of this moment; others may be added at any time."""
        return list(self.publishers.values())

    def all_subscribers(self) -> list[Subscriber]:
        """Return the subscribers of this moment."""
        return list(self.subscribers.values())

    def all_services(self) -> list[ServiceServer]:
        """Return the services of this moment."""
        return list(self.services.values())
