"""Time-outs of sockets."""

import select
import socket
import threading
import time

import pytest

from helms_control.hardware.ros1.errors import ProtocolError, UnreachableError
from helms_control.hardware.ros1.handshake import read_exactly, read_frame
from helms_control.hardware.ros1.sockets import (
    DeadlineSocket,
    Waker,
    dial,
    hang_up,
    listen,
    local_address,
    resolve,
    wait_readable,
)
from test.control.hardware.ros1.conftest import PATIENCE_S


def pair(listener: socket.socket, seconds: float, budget: float = 1e9) -> tuple[socket.socket, DeadlineSocket]:
    far = socket.create_connection(listener.getsockname(), PATIENCE_S)
    return far, DeadlineSocket.adopt(listener.accept()[0], seconds, budget)


def test_a_deadline_holds_however_the_bytes_drip(listener: socket.socket) -> None:
    far, near = pair(listener, 0.3)
    done = threading.Event()

    def drip() -> None:
        while not done.wait(0.02):
            far.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        read_exactly(near, 10**6)
    # A timeout for each operation would never have ended it.
    assert time.monotonic() - begun < 0.9 * PATIENCE_S
    done.set()
    thread.join()
    far.close()
    near.close()


def test_a_deadline_holds_for_sending(listener: socket.socket) -> None:
    far, near = pair(listener, 0.2)
    with pytest.raises(TimeoutError):
        while True:
            near.sendall(bytes(10**6))
    far.close()
    near.close()


def test_a_new_deadline_begins_anew(listener: socket.socket) -> None:
    far, near = pair(listener, 1e-9)
    with pytest.raises(TimeoutError):
        near.recv(1)
    near.allow(PATIENCE_S)
    far.sendall(b"x")
    assert near.recv(1) == b"x"
    near.never_wait()
    with pytest.raises(BlockingIOError):
        near.recv(1)
    far.close()
    near.close()


def test_a_budget_holds(listener: socket.socket) -> None:
    far, near = pair(listener, PATIENCE_S, budget=10)
    far.sendall(b"x" * 20)
    with pytest.raises(OSError, match="sent more than it may"):
        near.makefile("rb").read(20)
    far.close()
    near.close()


def test_frames_are_read_whole_or_not_at_all(listener: socket.socket) -> None:
    far, near = pair(listener, PATIENCE_S)
    far.sendall(b"\x03\0\0\0abc\x02\0")
    far.close()
    assert read_frame(near, 3, "a test") == b"abc"
    with pytest.raises(ProtocolError, match="closed the connection after 2 of 4 bytes"):
        read_frame(near, 3, "a test")
    near.close()


def test_a_wait_ends_when_another_thread_hangs_up(listener: socket.socket) -> None:
    far, near = pair(listener, PATIENCE_S)
    thread = threading.Thread(target=wait_readable, args=(near,))
    thread.start()
    hang_up(near)
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    far.close()
    near.close()


def test_a_waker_wakes_however_often_it_is_called_and_harms_nobody_after_its_end() -> None:
    waker, poll = Waker(), select.poll()
    poll.register(waker, select.POLLIN)
    assert poll.poll(0) == []
    for _ in range(10_000):
        waker.wake()
    assert poll.poll(0) == [(waker.fileno(), select.POLLIN)]
    waker.clear()
    assert poll.poll(0) == []
    waker.close()
    waker.wake()


def test_who_is_not_there_is_an_error(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    with pytest.raises(UnreachableError, match=rf"127\.0\.0\.1:{port} does not answer: .*refused"):
        dial("127.0.0.1", port, 1.0)
    with pytest.raises(UnreachableError, match="does not answer: timed out"):
        dial("127.0.0.1", port, 0.0)
    with pytest.raises(UnreachableError, match=r"the host name 'a\.\.b' is not known here"):
        dial("a..b", 1, 1.0)


def test_a_node_listens_at_its_address_only() -> None:
    with listen("127.0.0.1") as alone, listen("localhost") as everywhere:
        assert alone.getsockname()[0] == "127.0.0.1"
        assert everywhere.getsockname()[0] == "0.0.0.0"
    with pytest.raises(UnreachableError, match=r"cannot listen at 192\.0\.2\.1: .*; give an address of this machine"):
        listen("192.0.2.1")


def test_the_address_on_the_way_to_the_loopback_is_the_loopback() -> None:
    assert local_address("127.0.0.1", 11311, 1.0) == "127.0.0.1"
    assert local_address("localhost", 11311, PATIENCE_S) == "127.0.0.1"
    with pytest.raises(UnreachableError, match=r"'no-such-host\.invalid' is not known here: .*; add it to /etc/hosts"):
        local_address("no-such-host.invalid", 1, PATIENCE_S)


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def silence(*_: object) -> None:
        go.wait(PATIENCE_S)
        raise OSError("at last")

    monkeypatch.setattr(socket, "getaddrinfo", silence)
    with pytest.raises(UnreachableError, match="'robot' is not known here: no answer to the question for it"):
        dial("robot", 11311, 0.1)
    assert resolve("127.0.0.1", 0.0) == "127.0.0.1"
    go.set()
