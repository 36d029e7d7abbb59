"""TCP sockets that cannot be waited for without end."""

import select
import socket
import time
from contextlib import suppress
from typing import Any

from helms_control.hardware.ros1 import threads
from helms_control.hardware.ros1.errors import UnreachableError


class DeadlineSocket(socket.socket):
    """A socket whose operations end at one moment, however slowly the peer feeds it.

    A plain timeout begins anew with every byte.
    """

    _deadline: float | None = 0.0
    _budget = float("inf")

    @classmethod
    def adopt(cls, sock: socket.socket, seconds: float, budget: float = float("inf")) -> "DeadlineSocket":
        """Take over an accepted connection.

        Args:
            sock: the connection.
            seconds: as for `allow`.
            budget: how many bytes may be received into buffers, with `recv_into`, before the connection breaks.
        """
        adopted = cls(fileno=sock.detach())
        adopted._budget = budget
        adopted.allow(seconds)
        try:
            tune(adopted)
        except OSError:
            # The peer has gone already.
            adopted.close()
            raise
        return adopted

    def allow(self, seconds: float) -> None:
        """Give everything that follows this much time together, s."""
        self._deadline = time.monotonic() + seconds

    def never_wait(self) -> None:
        """Let everything that follows return at once, or raise BlockingIOError."""
        self._deadline = None
        self.setblocking(False)

    def connect(self, address: Any) -> None:  # noqa: ANN401 - as in the base class
        """As the base class, until the deadline."""
        self._arm()
        super().connect(address)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """As the base class, until the deadline."""
        self._arm()
        return super().recv(bufsize, flags)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:  # noqa: ANN401 - as in the base class
        """As the base class, until the deadline and within the budget."""
        self._arm()
        count = super().recv_into(buffer, nbytes, flags)
        self._budget -= count
        if self._budget < 0:
            raise OSError("the peer sent more than it may")
        return count

    def sendall(self, data: Any, flags: int = 0) -> None:  # noqa: ANN401 - as in the base class
        """As the base class, until the deadline."""
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
    """Send small messages at once, and notice a peer that vanished without a word within about 10 s."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 11_000):
        with suppress(AttributeError, OSError):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def resolve(host: str, seconds: float) -> str:
    """Return the IPv4 address of a host.

    Raises:
        UnreachableError: the name is not known, or nobody says so in time.
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

    # The system's resolver takes as long as it likes, and cannot be stopped.
    threads.join([threads.start("resolver", ask)], max(seconds, 0.0))
    if found:
        return found[0]
    raise UnreachableError(
        f"the host name {host!r} is not known here: {problem[-1]}; add it to /etc/hosts, or set ROS_IP on that machine"
    ) from problem[-1]


def dial(host: str, port: int, seconds: float) -> DeadlineSocket:
    """Open a connection; IPv4 only, as ROS 1 is.

    Raises:
        UnreachableError: the name is not known, or nobody answers there in time.
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
    """Open a listening socket at a free port: at the address alone, or everywhere if the host is given by name.

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
    """Return the address of this machine on the way to another one; nothing is sent.

    Raises:
        UnreachableError: there is no way, or the name is not known in time.
    """
    address = resolve(host, seconds)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((address, port))
        except (OSError, OverflowError) as error:
            raise UnreachableError(f"there is no way to {host}: {error}; give the address of this machine") from error
        return str(sock.getsockname()[0])


def wait_readable(sock: socket.socket) -> None:
    """Wait, without end, for bytes, or for the end of the connection: `hang_up` in another thread is one."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    poll.poll()


def hang_up(sock: socket.socket) -> None:
    """End a connection; whoever waits for it in another thread wakes up."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class Waker:
    """Wakes a thread that polls."""

    def __init__(self) -> None:
        """Open a pair of sockets."""
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def fileno(self) -> int:
        """Return what to poll."""
        return self._far.fileno()

    def wake(self) -> None:
        """Wake the thread; harmless if it is awake, or gone."""
        with suppress(OSError):
            self._near.send(b"\0")

    def clear(self) -> None:
        """Take note of having been woken."""
        with suppress(OSError):
            while self._far.recv(4096):
                pass

    def close(self) -> None:
        """Close the pair."""
        self._near.close()
        self._far.close()
