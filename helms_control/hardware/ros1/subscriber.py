"""One subscribed topic."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from helms_control.errors import HelmsError
from helms_control.hardware.ros1 import threads
from helms_control.hardware.ros1.errors import ProtocolError, RefusedError
from helms_control.hardware.ros1.feed import Feed
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.master import Address, Master
from helms_control.hardware.ros1.problems import Problem, Problems, describe
from helms_control.hardware.ros1.tcpros import ANY, identity, mismatch
from helms_control.hardware.ros1.typestore import MessageType

BREATH_S = 0.1
"""Polling period at which a message that waits for another one's callback checks for the end, s."""


class Subscriber:
    """Passes the messages of all publishers of a topic to a callback.

    Attributes:
        topic: full name.
        types: accepted message types.
        type_name: name of the first of them.
        header: connection header for publishers.
        dropped: number of messages dropped for newer ones.
        asked: when the master was last asked for publishers, s of time.monotonic().
    """

    def __init__(
        self,
        caller: str,
        topic: str,
        types: Sequence[MessageType],
        callback: Callable[[Any], object],
        limits: Limits,
        problems: Problems,
        *,
        queue: int = 1,
    ) -> None:
        """Start without publishers.

        Args:
            caller: name of the node.
            topic: full name.
            types: accepted message types; a publisher must have one of them.
            callback: called with each message in a background thread, never concurrently; its exceptions are counted.
            limits: bounds for each publisher.
            problems: where failures are counted.
            queue: queue size for the callback; a full queue drops its oldest message.

        Raises:
            HelmsError: no type, or a queue size below 1.
        """
        if queue < 1 or not types:
            raise HelmsError(f"{topic} needs a type, got {len(types)}, and a queue of at least one, got {queue}")
        self.topic, self.types, self.type_name = topic, tuple(types), types[0].name
        self.dropped, self.asked = 0, float("-inf")
        only = self.types[0] if len(self.types) == 1 else None
        self.header = {
            "callerid": caller,
            "topic": topic,
            "type": only.name if only else ANY,
            "md5sum": only.md5sum if only else ANY,
            "message_definition": only.definition if only else "",
            "tcp_nodelay": "1",
        }
        self._caller, self._callback, self._limits, self._problems = caller, callback, limits, problems
        self._lock = threading.Lock()
        self._wanted: frozenset[str] = frozenset()
        self._feeds: dict[str, tuple[Feed, threading.Thread]] = {}
        self._queue, self._closed = queue, False
        self._calling = threading.Lock()

    @property
    def connections(self) -> int:
        """How many publishers are connected."""
        return len(self.peers())

    def peers(self) -> list[str]:
        """Return the addresses of the connected publishers."""
        with self._lock:
            return [uri for uri, (feed, _) in self._feeds.items() if feed.connected]

    def replace(self, publishers: Sequence[str]) -> None:
        """Set the current publishers; returns at once.

        A connected one that is no longer listed stays until its connection ends: a restarted master does not know the
        publishers that have not registered again.

        Args:
            publishers: URIs of their XML-RPC servers.
        """
        wanted = list(dict.fromkeys(publishers))
        if len(wanted) > self._limits.links:
            text = f"{self.topic} has {len(wanted)} publishers; the first {self._limits.links} are listened to"
            self._problems.report(Problem.CROWDED, text)
        with self._lock:
            if self._closed:
                return
            self._wanted = frozenset(wanted[: self._limits.links])
            left = [feed for feed, _ in self._feeds.values() if feed.uri not in self._wanted]
            crowded = len(left) + len(self._wanted) > self._limits.links
            for feed in left:
                feed.cut() if crowded else feed.look_up()
            self._fill()

    def wants(self, uri: str) -> bool:
        """See `feed.Sink`."""
        with self._lock:
            if uri in self._wanted:
                return True
            self._feeds.pop(uri, None)
            self._fill()
            return False

    def admit(self, header: Mapping[str, str], peer: str) -> Callable[[list[bytes]], None]:
        """See `feed.Sink`."""
        if "error" in header:
            raise RefusedError(f"{self.topic}: {peer} refuses: {header['error'][:500]}")
        if "md5sum" not in header or "type" not in header:
            raise ProtocolError("its header lacks type or md5sum")
        theirs = identity(header)
        for kind in self.types:
            if kind.identity == theirs:
                return partial(self._take, kind)
        ours = " or ".join(str(kind.identity) for kind in self.types)
        raise RefusedError(mismatch(self.topic, ours, theirs, peer))

    def enrol(self, master: Master, address: Address) -> None:
        """Register with the master, and use the publishers that it returns."""
        self.asked = time.monotonic()
        kind = self.header["type"]
        self.replace(master.register_subscriber(self.topic, kind, address.api))

    def withdraw(self, master: Master, address: Address) -> None:
        """Unregister from the master."""
        master.call("unregisterSubscriber", self.topic, address.api)

    def close(self) -> None:
        """End all connections and threads, after a running callback."""
        with self._lock:
            self._closed, self._wanted = True, frozenset()
            feeds = list(self._feeds.values())
        for feed, _ in feeds:
            feed.cut()
        limits = self._limits
        longest = max(2.0 * limits.connect_s + limits.handshake_s, limits.stall_s)
        if not threads.join([thread for _, thread in feeds], longest):
            self._problems.report(Problem.CALLBACK, f"the callback of {self.topic} does not return")

    def _fill(self) -> None:
        """Start the missing feeds; those about to end may double their number."""
        for uri in self._wanted - self._feeds.keys():
            if len(self._feeds) < 2 * self._limits.links:
                feed = Feed(uri, self._caller, self, self._limits, self._problems)
                self._feeds[uri] = feed, feed.start()

    def _take(self, kind: MessageType, payloads: list[bytes]) -> None:
        """Pass messages to the callback; of more than the queue size, only the newest."""
        # A callback may close the node, which waits for this thread.
        while not self._calling.acquire(timeout=BREATH_S):
            if self._closed:
                return
        try:
            self.dropped += max(len(payloads) - self._queue, 0)
            for payload in payloads[-self._queue :]:
                if not self._closed:
                    self._call(kind, payload)
        finally:
            self._calling.release()

    def _call(self, kind: MessageType, payload: bytes) -> None:
        try:
            message = kind.decode(payload)
        except ProtocolError as error:
            self._problems.report(Problem.MALFORMED, f"{self.topic}: {error}")
            return
        try:
            self._callback(message)
        except Exception as error:
            # An exception must not end the thread: the next message may be valid.
            self._problems.report(Problem.CALLBACK, f"the callback of {self.topic} raised {describe(error)}")
