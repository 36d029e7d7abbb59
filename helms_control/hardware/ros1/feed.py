"""Connection to one publisher: look-up, connect, read, reconnect.

Callbacks run in the reading thread: a second thread would add a fifth to the latency between two nodes, and more under
load. Messages that arrive meanwhile wait in the socket buffer and are read together.
"""

import select
import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from helms_control.hardware.ros1 import rpc, threads
from helms_control.hardware.ros1.errors import ProtocolError, RefusedError, UnreachableError
from helms_control.hardware.ros1.handshake import exchange
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.problems import Problem, Problems
from helms_control.hardware.ros1.sockets import DeadlineSocket, dial, hang_up
from helms_control.hardware.ros1.tcpros import FrameReader

PIECE_BYTES, PIECES = 65536, 16
"""Bytes per read, and reads before the complete messages are delivered."""
FIRST_PAUSE = 0.05
"""First pause between two attempts, as a fraction of the longest."""


class Sink(Protocol):
    """Receiver of a publisher's messages."""

    @property
    def topic(self) -> str:
        """Topic name."""

    @property
    def header(self) -> Mapping[str, str]:
        """Connection header for publishers."""

    def wants(self, uri: str) -> bool:
        """Whether a publisher is still wanted; False ends its feed."""

    def admit(self, header: Mapping[str, str], peer: str) -> Callable[[list[bytes]], None]:
        """Check a publisher's header and return the callback for its messages, oldest first.

        Raises:
            RefusedError: it publishes another type.
            ProtocolError: the header lacks something.
        """


class Feed:
    """A thread that reads from one publisher until its sink no longer wants it.

    Attributes:
        uri: the publisher's XML-RPC server.
        connected: whether the connection is established.
    """

    def __init__(self, uri: str, caller: str, sink: Sink, limits: Limits, problems: Problems) -> None:
        """Prepare.

        Args:
            uri: the publisher's XML-RPC server.
            caller: name of the node.
            sink: receiver of the messages.
            limits: bounds for the publisher.
            problems: where failures are counted.
        """
        self.uri, self.connected = uri, False
        self._caller, self._sink, self._limits, self._problems = caller, sink, limits, problems
        self._wake = threading.Event()
        self._sock: DeadlineSocket | None = None
        self._lock = threading.Lock()
        self._cut = self._heard = False

    def start(self) -> threading.Thread:
        """Start the thread."""
        return threads.start(f"feed {self._sink.topic}", self._run)

    def look_up(self) -> None:
        """Ask the sink again: now, or when the present connection ends."""
        self._wake.set()

    def cut(self) -> None:
        """End the connection and the feed."""
        with self._lock:
            self._cut = True
            if self._sock is not None:
                hang_up(self._sock)
        self._wake.set()

    def _run(self) -> None:
        pause = first = FIRST_PAUSE * self._limits.retry_s
        while self._sink.wants(self.uri):
            self._heard = False
            wait = self._attempt()
            pause = first if self._heard else pause
            self._wake.wait(pause if wait is None else wait)
            self._wake.clear()
            pause = min(2.0 * pause, self._limits.retry_s)

    def _attempt(self) -> float | None:
        """Connect and read until the connection ends; return the pause, s, or None for the default."""
        try:
            self._read(self._connect())
        except RefusedError as error:
            self._report(Problem.REFUSED, str(error))
            return self._limits.refused_s
        except ProtocolError as error:
            self._report(Problem.MALFORMED, f"{self._sink.topic} from {self.uri}: {error}")
        except (OSError, UnreachableError) as error:
            self._report(Problem.UNREACHABLE, f"{self._sink.topic} from {self.uri}: {error or type(error).__name__}")
        finally:
            self.connected = False
            with self._lock:
                sock, self._sock = self._sock, None
            if sock is not None:
                sock.close()
        return None

    def _report(self, kind: Problem, text: str) -> None:
        if not self._cut:
            self._problems.report(kind, text)

    def _connect(self) -> DeadlineSocket:
        limits, topic = self._limits, self._sink.topic
        answer = rpc.call(
            self.uri,
            "requestTopic",
            self._caller,
            topic,
            [["TCPROS"]],
            seconds=limits.connect_s,
            limit=limits.request_bytes,
        )
        match answer:
            case ["TCPROS", str(host), int(port)] if 0 < port < 65536:
                sock = dial(host, port, limits.connect_s)
            case _:
                raise ProtocolError(f"its answer to requestTopic is no address: {str(answer)[:100]}")
        with self._lock:
            self._sock = sock
            if self._cut:
                raise UnreachableError("this side ended")
        return sock

    def _read(self, sock: DeadlineSocket) -> None:
        limits = self._limits
        sock.allow(limits.handshake_s)
        take = self._sink.admit(exchange(sock, self._sink.header, limits.header_bytes), self.uri)
        self._problems.forget(Problem.UNREACHABLE)
        self.connected = True
        sock.never_wait()
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        reader, begun = FrameReader(limits.message_bytes), 0.0
        while True:
            left = begun + limits.stall_s - time.monotonic() if reader.partial else None
            if left is not None and left <= 0.0:
                raise UnreachableError(f"a message was not complete within {limits.stall_s} s")
            poll.poll(left if left is None else 1e3 * left)
            fresh = not reader.partial
            payloads, ended = _drain(sock, reader)
            if payloads:
                self._heard = True
                take(payloads)
            if payloads or fresh:
                # The callback's time does not count towards the publisher's timeout.
                begun = time.monotonic()
            if ended:
                raise UnreachableError("the publisher closed the connection")


def _drain(sock: DeadlineSocket, reader: FrameReader) -> tuple[list[bytes], bool]:
    """Read up to PIECES pieces; return the complete messages and whether the connection ended."""
    payloads: list[bytes] = []
    for _ in range(PIECES):
        try:
            data = sock.recv(PIECE_BYTES)
        except BlockingIOError:
            break
        payloads += reader.feed(data)
        if len(data) < PIECE_BYTES:
            return payloads, not data
    return payloads, False
