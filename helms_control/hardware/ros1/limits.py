"""Size limits and timeouts for peers."""

from dataclasses import dataclass, fields

from helms_control.errors import HelmsError


@dataclass(frozen=True)
class Limits:
    """Bounds that hold for every peer of a node.

    Raises:
        HelmsError: a bound that is not positive.
    """

    message_bytes: int = 4 * 1024 * 1024
    """Longest accepted message, bytes."""
    header_bytes: int = 128 * 1024
    """Longest accepted connection header, bytes; it contains the message definition."""
    request_bytes: int = 256 * 1024
    """Longest accepted XML-RPC request, bytes."""
    answer_bytes: int = 16 * 1024 * 1024
    """Longest accepted XML-RPC answer, bytes; the master's may contain a robot description."""
    connections: int = 128
    """Largest number of simultaneous TCPROS connections, and of XML-RPC requests."""
    links: int = 32
    """Largest number of connected publishers of one topic."""
    connect_s: float = 2.0
    """Timeout of one XML-RPC call, or of opening a connection, s."""
    handshake_s: float = 3.0
    """Timeout of the exchange of headers, or of an XML-RPC request, s."""
    stall_s: float = 10.0
    """Timeout from the first byte of a message to its last, s."""
    poll_s: float = 1.0
    """Polling period of the master, s."""
    retry_s: float = 2.0
    """Longest pause between two attempts to reach a publisher, s; the first is a twentieth of it."""
    refused_s: float = 5.0
    """Pause after a type mismatch; and between two look-ups of publishers while none is connected, s."""

    def __post_init__(self) -> None:
        """Check that every bound is positive."""
        for field in fields(self):
            if not 0 < getattr(self, field.name) < float("inf"):
                raise HelmsError(f"ROS 1 limit {field.name} must be positive, got {getattr(self, field.name)!r}")
