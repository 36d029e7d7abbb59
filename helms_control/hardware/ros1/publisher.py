"""One published topic."""

import threading
from collections.abc import Mapping

from helms_control.errors import HelmsError
from helms_control.hardware.ros1.handshake import admit
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.master import Address, Master
from helms_control.hardware.ros1.outbox import Outbox
from helms_control.hardware.ros1.sockets import DeadlineSocket
from helms_control.hardware.ros1.tcpros import encode_header, frame
from helms_control.hardware.ros1.typestore import MessageType


class Publisher:
    """Sends messages to the subscribers of a topic.

    Attributes:
        topic: full name.
        type: of the messages, constructed with `type.new`.
    """

    def __init__(
        self, caller: str, topic: str, kind: MessageType, limits: Limits, *, latch: bool = False, queue: int = 1
    ) -> None:
        """Start without subscribers.

        Args:
            caller: name of the node.
            topic: full name.
            kind: of the messages.
            limits: bounds for each subscriber.
            latch: whether later subscribers receive the newest message.
            queue: queue size for each subscriber; a full queue drops its oldest message.

        Raises:
            HelmsError: a queue size below 1.
        """
        if queue < 1:
            raise HelmsError(f"the queue of {topic} must hold at least one message, got {queue}")
        self.topic, self.type = topic, kind
        self._latch, self._queue, self._limits = latch, queue, limits
        self._lock = threading.Lock()
        self._latched: bytes | None = None
        self._outboxes: tuple[Outbox, ...] = ()
        self._dropped = 0
        self._header = {
            "callerid": caller,
            "topic": topic,
            "type": kind.name,
            "md5sum": kind.md5sum,
            "message_definition": kind.definition,
            "latching": str(int(latch)),
        }

    @property
    def connections(self) -> int:
        """How many subscribers are connected."""
        return len(self._outboxes)

    @property
    def dropped(self) -> int:
        """Number of dropped messages, summed over subscribers."""
        with self._lock:
            return self._dropped + sum(outbox.dropped for outbox in self._outboxes)

    def peers(self) -> list[str]:
        """Return the names of the connected subscribers."""
        return [outbox.peer for outbox in self._outboxes]

    def send(self, message: object) -> None:
        """Send a message to all connected subscribers, without blocking.

        Args:
            message: made with `type.new`; it is written before the call returns and may be changed after it.

        Raises:
            HelmsError: it does not fit the type; nothing is sent.
        """
        data = frame(self.type.encode(message))
        with self._lock:
            if self._latch:
                self._latched = data
            for outbox in self._outboxes:
                outbox.offer(data)

    def enrol(self, master: Master, address: Address) -> None:
        """Register with the master."""
        master.call("registerPublisher", self.topic, self.type.name, address.api)

    def withdraw(self, master: Master, address: Address) -> None:
        """Unregister from the master."""
        master.call("unregisterPublisher", self.topic, address.api)

    def serve(self, sock: DeadlineSocket, header: Mapping[str, str]) -> None:
        """Serve a subscriber until its connection ends.

        Args:
            sock: its connection.
            header: its connection header.

        Raises:
            RefusedError: it wants another type, or does not say which.
            ProtocolError: it sends more than a header.
            UnreachableError: it accepts no data for too long.
            OSError: the connection broke.
        """
        peer = admit(self.topic, self.type.identity, header)
        sock.sendall(encode_header(self._header))
        outbox = Outbox(sock, peer, self._queue, self._limits.stall_s)
        with self._lock:
            self._outboxes += (outbox,)
            if self._latched is not None:
                outbox.offer(self._latched)
        try:
            outbox.run()
        finally:
            with self._lock:
                self._outboxes = tuple(each for each in self._outboxes if each is not outbox)
                self._dropped += outbox.dropped
            outbox.close()
