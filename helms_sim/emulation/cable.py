"""A serial cable between two pseudo-terminals, which can break."""

import os
import pty
import random
import select
import threading
import time
import tty
from collections import deque
from enum import Enum
from pathlib import Path

from pymodbus.framer import FramerRTU


class Fault(Enum):
    """What the cable does to bytes on their way to the host."""

    NONE = "none"
    SILENT = "silent"
    """They are lost."""
    NOISY = "noisy"
    """The last bit of each piece is flipped, so that no checksum holds."""
    GARBAGE = "garbage"
    """Each piece is replaced by as many random bytes."""
    HALF = "half"
    """The second half of each piece is lost."""
    OTHER_DEVICE = "other device"
    """Each answer comes from the next Modbus address, with a right checksum."""
    LATE = "late"
    """Each piece comes `Cable.late_s` later."""


class Cable:
    """Joins a device's port to a host's port; bytes are handed on by a thread.

    Attributes:
        device_port: path of the terminal at the device's end.
        host_port: path at the host's end; it stays the same when the cable is unplugged and plugged in again.
        fault: what happens to bytes on their way to the host.
        late_s: how late bytes come with `Fault.LATE`, s.
        carried: bytes handed on to the host.
    """

    def __init__(self, folder: Path) -> None:
        """Lay the cable; `folder` gets a link to the host's terminal."""
        self.fault, self.late_s, self.carried = Fault.NONE, 0.1, 0
        self._late: deque[tuple[float, bytes]] = deque()
        self._random = random.Random(0)
        self._device, self._device_end = _terminal()
        self.device_port = os.ttyname(self._device_end)
        self.host_port = str(folder / "gripper")
        self._host: tuple[int, int] | None = None
        self._wake, self._waker = os.pipe()
        self._lock = threading.Lock()
        self.plug()
        self._thread = threading.Thread(target=self._carry, name="cable", daemon=True)
        self._thread.start()

    def plug(self) -> None:
        """Plug the host's end in, unless it is."""
        with self._lock:
            if self._host is None:
                self._host = _terminal()
                os.symlink(os.ttyname(self._host[1]), self.host_port)
        self._stir()

    def unplug(self) -> None:
        """Pull the host's end out, unless it is: its port disappears."""
        with self._lock:
            Path(self.host_port).unlink(missing_ok=True)
            self._close_host()
        self._stir()

    def close(self) -> None:
        """Take the cable away."""
        os.write(self._waker, b"q")
        self._thread.join()
        self._close_host()
        Path(self.host_port).unlink(missing_ok=True)
        for end in (self._device, self._device_end, self._wake, self._waker):
            os.close(end)

    def _carry(self) -> None:
        while True:
            host = self._host
            ends = [self._wake, self._device, *(host[:1] if host else ())]
            wait = max(self._late[0][0] - time.monotonic(), 0.0) if self._late else None
            ready, _, _ = select.select(ends, [], [], wait)
            if self._wake in ready and b"q" in os.read(self._wake, 64):
                return
            with self._lock:
                # The host's end may have been pulled while this thread was waiting.
                if self._device in ready:
                    data = self._spoil(os.read(self._device, 1024))
                    self._late.append((time.monotonic() + (self.late_s if self.fault is Fault.LATE else 0.0), data))
                while self._late and self._late[0][0] <= time.monotonic():
                    self._to_host(self._late.popleft()[1])
                if host and host == self._host and host[0] in ready:
                    os.write(self._device, os.read(host[0], 1024))

    def _spoil(self, data: bytes) -> bytes:
        """Return what is left of bytes from the device."""
        if self.fault is Fault.NOISY:
            return data[:-1] + bytes([data[-1] ^ 1])
        if self.fault is Fault.GARBAGE:
            return self._random.randbytes(len(data))
        if self.fault is Fault.OTHER_DEVICE:
            data = bytes([data[0] + 1]) + data[1:-2]
            return data + FramerRTU.compute_CRC(data).to_bytes(2)
        return data[: {Fault.SILENT: 0, Fault.HALF: len(data) // 2}.get(self.fault, len(data))]

    def _to_host(self, data: bytes) -> None:
        if self._host is not None:
            os.write(self._host[0], data)
            self.carried += len(data)

    def _close_host(self) -> None:
        for end in self._host or ():
            os.close(end)
        self._host = None

    def _stir(self) -> None:
        os.write(self._waker, b"s")


def _terminal() -> tuple[int, int]:
    """Open a pseudo-terminal that passes bytes on as they are; its near end is kept open so that it outlives hosts."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    return master, slave
