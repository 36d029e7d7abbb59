"""Connection headers over a socket."""

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
    """Return so many bytes; memory grows with what arrives, not with what is announced.

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
    """Return what follows its own length.

    Args:
        sock: the connection.
        limit: longest that is accepted, bytes.
        what: it is, for the error.
        begun: first bytes of the length, where they have been read already.

    Raises:
        ProtocolError: too long, or the peer closed before its end.
        OSError: the connection broke, or the deadline passed.
    """
    length = begun + read_exactly(sock, LENGTH_BYTES - len(begun))
    return read_exactly(sock, length_of(length, limit, what))


def read_header(sock: DeadlineSocket, limit: int) -> dict[str, str]:
    """Return a peer's header.

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
    """Return the name of a peer whose header goes together with what is offered here.

    Args:
        name: of the topic or service.
        ours: its type.
        header: what the peer sent.

    Raises:
        RefusedError: the peer wants another type, or does not say which.
    """
    peer, theirs = header.get("callerid", "")[:200], identity(header)
    if "md5sum" not in header:
        raise RefusedError(f"{name}: the header lacks md5sum")
    if not ours.accepts(theirs):
        raise RefusedError(mismatch(name, ours, theirs, peer))
    return peer
