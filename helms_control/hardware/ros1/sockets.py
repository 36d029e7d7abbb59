"""TCP sockets with deadlines."""

import select
import socket
import time
from contextlib import suppress
from typing import Any

from helms_control.hardware.ros1 import threads
from helms_control.hardware.ros1.errors import UnreachableError


class DeadlineSocket(socket.socket):
    """A socket whose operations share one deadline, however slowly the peer sends.

    A plain timeout restarts with every byte.
    """

    _deadline: float | None = 0.0
    _budget = float("inf")

    @classmethod
    def adopt(cls, sock: socket.socket, seconds: float, budget: float = float("inf")) -> "DeadlineSocket":
        """Take over an accepted connection.

        Args:
            sock: the connection.
            seconds: as for `allow`.
            budget: bytes that `recv_into` accepts before it breaks the connection.
        """
        adopted = cls(fileno=sock.detach())
        adopted._budget = budget
        adopted.allow(seconds)
        try:
            tune(adopted)
        except OSError:
            # The peer has disconnected already.
            adopted.close()
            raise
        return adopted

    def allow(self, seconds: float) -> None:
        """Set a common deadline for all following operations, s from now."""
        self._deadline = time.monotonic() + seconds

    def never_wait(self) -> None:
        """Make all following operations non-blocking: they return at once or raise BlockingIOError."""
        self._deadline = None
        self.setblocking(False)

    def connect(self, address: Any) -> None:  # noqa: ANN401 - as in the base class
        """As in the base class, until the deadline."""
        self._arm()
        super().connect(address)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """As in the base class, until the deadline."""
        self._arm()
        return super().recv(bufsize, flags)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:  # noqa: ANN401 - as in the base class
        """As in the base class, until the deadline and within the budget."""
        self._arm()
        count = super().recv_into(buffer, nbytes, flags)
        self._budget -= count
        if self._budget < 0:
            raise OSError("the peer sent more than it may")
        return count

    def sendall(self, data: Any, flags: int = 0) -> None:  # noqa: ANN401 - as in the base class
        """As in the base class, until the deadline."""
        self._arm()
        super().sendall(data, flags)

    def _arm(self) -> None:
        if self._deadline is None:
            return
        left = self._deadline - time.monotonic()
        if left <= 0.0:
            raise TimeoutError("timed out")
        self.settimeout(left)


def tune(sock: socket.socket) -> None:
    """Send small messages at once, and detect a vanished peer within about 10 s."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 11_000):
        with suppress(AttributeError, OSError):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def resolve(host: str, seconds: float) -> str:
    """Return the IPv4 address of a host.

    Raises:
        UnreachableError: the name does not resolve, or not in time.
    """
    try:
        socket.inet_pton(socket.AF_INET, host)
        return host
    except (OSError, ValueError):
        pass
    found: list[str] = []
    problem: list[Exception] = [TimeoutError("no answer to the question for it")]

    def ask() -> None:
        try:
            found.append(str(socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0]))
        except (OSError, UnicodeError) as error:
            problem.append(error)

    # The system's resolver has no timeout and cannot be cancelled.
    threads.join([threads.start("resolver", ask)], max(seconds, 0.0))
    if found:
        return found[0]
    raise UnreachableError(
        f"the host name {host!r} is not known here: {problem[-1]}; add it to /etc/hosts, or set ROS_IP on that machine"
    ) from problem[-1]


def dial(host: str, port: int, seconds: float) -> DeadlineSocket:
    """Open a connection; IPv4 only, as ROS 1 is.

    Raises:
        UnreachableError: the name does not resolve, or there is no answer in time.
    """
    deadline = time.monotonic() + seconds
    address = resolve(host, seconds)
    sock = DeadlineSocket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.allow(deadline - time.monotonic())
        tune(sock)
        sock.connect((address, port))
    except (OSError, OverflowError) as error:
        sock.close()
        raise UnreachableError(f"{host}:{port} does not answer: {error}") from error
    return sock


def listen(host: str) -> socket.socket:
    """Open a listening socket at a free port: at the given address, or at all addresses if the host is a name.

    Raises:
        UnreachableError: the address is not one of this machine.
    """
    try:
        socket.inet_aton(host)
        where = host
    except OSError:
        where = ""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.bind((where, 0))
        sock.listen(64)
    except OSError as error:
        sock.close()
        raise UnreachableError(f"cannot listen at {host}: {error}; give an address of this machine") from error
    return sock


def local_address(host: str, port: int, seconds: float) -> str:
    """Return the address of this machine on the route to another one; nothing is sent.

    Raises:
        UnreachableError: there is no route, or the name does not resolve in time.
    """
    address = resolve(host, seconds)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((address, port))
        except (OSError, OverflowError) as error:
            raise UnreachableError(f"there is no way to {host}: {error}; give the address of this machine") from error
        return str(sock.getsockname()[0])


def wait_readable(sock: socket.socket) -> None:
    """Wait without timeout for data, or for the end of the connection, such as by `hang_up` in another thread."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    poll.poll()


def hang_up(sock: socket.socket) -> None:
    """End a connection; threads that wait for it wake up."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class Waker:
    """Wakes a polling thread, by a socket pair."""

    def __init__(self) -> None:
        """Open a pair of sockets."""
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def fileno(self) -> int:
        """Return what to poll."""
        return self._far.fileno()

    def wake(self) -> None:
        """Wake the thread; no effect if it is awake or has ended."""
        with suppress(OSError):
            self._near.send(b"\0")

    def clear(self) -> None:
        """Discard pending wake-ups."""
        with suppress(OSError):
            while self._far.recv(4096):
                pass

    def close(self) -> None:
        """Close the pair."""
        self._near.close()
        self._far.close()
