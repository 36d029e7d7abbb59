"""How much a peer may ask for, and how long anything may take."""

from dataclasses import dataclass, fields

from helms_control.errors import HelmsError


@dataclass(frozen=True)
class Limits:
    """Bounds that hold for every peer of a node.

    Raises:
        HelmsError: a bound that is not positive.
    """

    message_bytes: int = 4 * 1024 * 1024
    """Longest message that is accepted, bytes."""
    header_bytes: int = 128 * 1024
    """Longest connection header that is accepted, bytes; it carries the text of the message definition."""
    request_bytes: int = 256 * 1024
    """Longest XML-RPC request that is accepted, bytes."""
    answer_bytes: int = 16 * 1024 * 1024
    """Longest XML-RPC answer that is accepted, bytes; the master's hold whole robot descriptions."""
    connections: int = 128
    """Connections that are served at the same time; the same again for XML-RPC."""
    links: int = 32
    """Publishers of one topic that are listened to at the same time."""
    connect_s: float = 2.0
    """Longest time for one XML-RPC call, or for the opening of a connection, s."""
    handshake_s: float = 3.0
    """Longest time for the headers of a connection, or for an XML-RPC request, s."""
    stall_s: float = 10.0
    """Longest time from the first byte of a message to its last, s."""
    poll_s: float = 1.0
    """Period of the look at the master, s."""
    retry_s: float = 2.0
    """Longest pause between two attempts to reach a publisher, s; the first is a twentieth of it."""
    refused_s: float = 5.0
    """Pause after a publisher of another type; and between two questions for publishers where none is connected, s."""

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        for field in fields(self):
            if not 0 < getattr(self, field.name) < float("inf"):
                raise HelmsError(f"ROS 1 limit {field.name} must be positive, got {getattr(self, field.name)!r}")
