"""Send queue of one subscriber."""

import select
import socket
import threading
import time
from collections import deque

from helms_control.hardware.ros1.errors import ProtocolError, UnreachableError
from helms_control.hardware.ros1.sockets import DeadlineSocket, Waker, hang_up

NOT_SENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", 25)
"""Number of the option on Linux; Python has its name since 3.12."""
UNSENT_BYTES = 4096


class Outbox:
    """Sends frames over a connection without blocking the caller; a full queue drops its oldest frame.

    A frame that the socket accepts at once is sent from the caller's thread: another thread would have to wait for the
    interpreter lock. The rest is sent by the thread in `run`.

    Attributes:
        peer: name of the subscriber.
        dropped: number of frames dropped for newer ones.
    """

    def __init__(self, sock: DeadlineSocket, peer: str, queue: int, stall_s: float) -> None:
        """Take over a connection.

        Args:
            sock: connection after the handshake.
            peer: name of the subscriber.
            queue: queue size, frames.
            stall_s: timeout of a peer that accepts no data while frames wait, s.
        """
        sock.never_wait()
        # Data in the kernel's buffer cannot be dropped, so frames should wait in this queue.
        sock.setsockopt(socket.IPPROTO_TCP, NOT_SENT_LOWAT, UNSENT_BYTES)
        self.peer, self.dropped = peer, 0
        self._sock, self._stall_s = sock, stall_s
        self._lock, self._waker = threading.Lock(), Waker()
        self._waiting: deque[bytes] = deque(maxlen=queue)
        self._begun = memoryview(b"")
        self._progress = time.monotonic()

    def offer(self, data: bytes) -> None:
        """Send a frame, or queue it, in place of the oldest if full."""
        with self._lock:
            if self._begun or self._waiting:
                self.dropped += len(self._waiting) == self._waiting.maxlen
                self._waiting.append(data)
                return
            self._progress = time.monotonic()
            self._begun = memoryview(data)
            self._push()
            if self._begun:
                self._waker.wake()

    def run(self) -> None:
        """Send queued frames until the connection ends.

        Raises:
            ProtocolError: the subscriber sends something.
            UnreachableError: it accepts no data for too long.
            OSError: the connection broke.
        """
        poll = select.poll()
        poll.register(self._waker, select.POLLIN)
        while True:
            with self._lock:
                waits, stalled_s = bool(self._begun), time.monotonic() - self._progress
            if waits and stalled_s > self._stall_s:
                raise UnreachableError(f"it took nothing for {stalled_s:.0f} s")
            poll.register(self._sock, select.POLLIN | select.POLLOUT if waits else select.POLLIN)
            events = dict(poll.poll(1e3 * self._stall_s if waits else None))
            self._waker.clear()
            happened = events.get(self._sock.fileno(), 0)
            if happened & ~select.POLLOUT:
                if self._sock.recv(1):
                    raise ProtocolError("a subscriber may not send anything behind its header")
                return
            if happened:
                with self._lock:
                    self._push()

    def hang_up(self) -> None:
        """Make `run` return."""
        hang_up(self._sock)

    def close(self) -> None:
        """Close the connection, after `run`."""
        with self._lock:
            self._sock.close()
            self._waker.close()

    def _push(self) -> None:
        """Send as much as the socket accepts now."""
        while self._begun:
            try:
                sent = self._sock.send(self._begun)
            except BlockingIOError:
                return
            except OSError:
                # The polling thread gets the error, too, and ends the connection.
                self._begun = memoryview(b"")
                self._waiting.clear()
                return
            self._progress = time.monotonic()
            self._begun = self._begun[sent:]
            if not self._begun and self._waiting:
                self._begun = memoryview(self._waiting.popleft())
