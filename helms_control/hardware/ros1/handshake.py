"""Exchange of connection headers over a socket."""

from collections.abc import Mapping

from helms_control.hardware.ros1.errors import ProtocolError, RefusedError
from helms_control.hardware.ros1.sockets import DeadlineSocket
from helms_control.hardware.ros1.tcpros import (
    LENGTH_BYTES,
    Identity,
    decode_header,
    encode_header,
    identity,
    length_of,
    mismatch,
)


def read_exactly(sock: DeadlineSocket, count: int) -> bytes:
    """Read exactly `count` bytes; memory grows with the bytes received, not with the announced length.

    Raises:
        ProtocolError: the peer closed before.
        OSError: the connection broke, or the deadline passed.
    """
    data = bytearray()
    while len(data) < count:
        piece = sock.recv(min(count - len(data), 65536))
        if not piece:
            raise ProtocolError(f"the peer closed the connection after {len(data)} of {count} bytes")
        data += piece
    return bytes(data)


def read_frame(sock: DeadlineSocket, limit: int, what: str, begun: bytes = b"") -> bytes:
    """Read a length-prefixed frame.

    Args:
        sock: the connection.
        limit: longest accepted frame, bytes.
        what: kind of frame, for the error.
        begun: bytes of the length that have been read already.

    Raises:
        ProtocolError: too long, or the peer closed before its end.
        OSError: the connection broke, or the deadline passed.
    """
    length = begun + read_exactly(sock, LENGTH_BYTES - len(begun))
    return read_exactly(sock, length_of(length, limit, what))


def read_header(sock: DeadlineSocket, limit: int) -> dict[str, str]:
    """Read a peer's header.

    Raises:
        ProtocolError: not a header.
        OSError: the connection broke, or the deadline passed.
    """
    return decode_header(read_frame(sock, limit, "a connection header"))


def exchange(sock: DeadlineSocket, fields: Mapping[str, str], limit: int) -> dict[str, str]:
    """Send our header and return the peer's.

    Raises:
        ProtocolError: what comes back is not a header.
        OSError: the connection broke, or the deadline passed.
    """
    sock.sendall(encode_header(fields))
    return read_header(sock, limit)


def admit(name: str, ours: Identity, header: Mapping[str, str]) -> str:
    """Check a peer's header against our type and return the peer's name.

    Args:
        name: of the topic or service.
        ours: its type.
        header: of the peer.

    Raises:
        RefusedError: the peer wants another type, or does not say which.
    """
    peer, theirs = header.get("callerid", "")[:200], identity(header)
    if "md5sum" not in header:
        raise RefusedError(f"{name}: the header lacks md5sum")
    if not ours.accepts(theirs):
        raise RefusedError(mismatch(name, ours, theirs, peer))
    return peer
