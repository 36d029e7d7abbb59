"""TCPROS server of a node, for subscribers and service clients."""

import threading
import time
from contextlib import suppress

from helms_control.hardware.ros1 import threads
from helms_control.hardware.ros1.directory import Directory
from helms_control.hardware.ros1.errors import ProtocolError, RefusedError, UnreachableError
from helms_control.hardware.ros1.handshake import read_header
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.problems import Problem, Problems
from helms_control.hardware.ros1.publisher import Publisher
from helms_control.hardware.ros1.service import ServiceServer
from helms_control.hardware.ros1.sockets import DeadlineSocket, hang_up, listen
from helms_control.hardware.ros1.tcpros import encode_header

BREATH_S = 0.1
"""Pause after a failed accept, s."""


class TcpServer:
    """Accepts connections, a thread for each, and passes them to the requested publisher or service.

    Attributes:
        port: TCP port.
    """

    def __init__(self, host: str, directory: Directory, limits: Limits, problems: Problems) -> None:
        """Start the server.

        Args:
            host: address of this machine for other hosts.
            directory: publishers and services.
            limits: bounds for each connection, and for their number.
            problems: where failures are counted.
        """
        self._directory, self._limits, self._problems = directory, limits, problems
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, DeadlineSocket] = {}
        self._closed = False
        self._sock = listen(host)
        self.port = int(self._sock.getsockname()[1])
        self._thread = threads.start("tcpros", self._accept)

    def close(self) -> None:
        """End all connections and threads, after running service handlers."""
        with self._lock:
            self._closed = True
            running = dict(self._open)
        hang_up(self._sock)
        threads.join([self._thread], self._limits.handshake_s)
        self._sock.close()
        for sock in running.values():
            hang_up(sock)
        if not threads.join(running, self._limits.stall_s):
            self._problems.report(Problem.CALLBACK, "the handler of a service does not return")

    def _accept(self) -> None:
        while not self._closed:
            try:
                accepted, address = self._sock.accept()
                sock = DeadlineSocket.adopt(accepted, self._limits.handshake_s)
            except OSError as error:
                if not self._closed:
                    self._problems.report(Problem.CROWDED, f"a connection could not be accepted: {error}")
                    time.sleep(BREATH_S)
                continue
            self._admit(sock, f"{address[0]}:{address[1]}")

    def _admit(self, sock: DeadlineSocket, peer: str) -> None:
        thread = threading.Thread(target=self._serve, args=(sock, peer), name="ros1-connection", daemon=True)
        with self._lock:
            admitted = len(self._open) < self._limits.connections and not self._closed
            if admitted:
                self._open[thread] = sock
        if admitted:
            thread.start()
            return
        sock.close()
        if not self._closed:
            self._problems.report(Problem.CROWDED, f"more than {self._limits.connections} connections at once")

    def _serve(self, sock: DeadlineSocket, peer: str) -> None:
        name = ""
        try:
            header = read_header(sock, self._limits.header_bytes)
            name = str(header.get("topic") or header.get("service") or "")[:200]
            try:
                self._find(header).serve(sock, header)
            except RefusedError as error:
                with suppress(OSError):
                    sock.sendall(encode_header({"error": str(error)}))
                raise
        except RefusedError as error:
            self._report(Problem.REFUSED, f"{peer}: {error}")
        except ProtocolError as error:
            self._report(Problem.MALFORMED, f"{peer}, {name or 'no topic'}: {error}")
        except (OSError, UnreachableError) as error:
            self._report(Problem.UNREACHABLE, f"{peer}, {name or 'no topic'}: {error or type(error).__name__}")
        finally:
            sock.close()
            with self._lock:
                self._open.pop(threading.current_thread(), None)

    def _report(self, kind: Problem, text: str) -> None:
        if not self._closed:
            self._problems.report(kind, text)

    def _find(self, header: dict[str, str]) -> Publisher | ServiceServer:
        """Return the publisher or service that a header requests.

        Raises:
            RefusedError: it is not served here, or the header names none.
        """
        if "topic" in header:
            found: Publisher | ServiceServer | None = self._directory.publishers.get(header["topic"])
        elif "service" in header:
            found = self._directory.services.get(header["service"])
        else:
            raise RefusedError("the header names no topic and no service")
        if found is None:
            name = header.get("topic") or header.get("service") or ""
            raise RefusedError(f"{name[:200]!r} is not served here")
        return found
