"""TCPROS encoding: connection headers and framed messages, without sockets."""

import struct
from collections.abc import Mapping
from typing import NamedTuple

from helms_control.hardware.ros1.errors import ProtocolError

_LENGTH = struct.Struct("<I")
LENGTH_BYTES = _LENGTH.size
ANY = "*"
"""Wildcard for type and md5 sum."""


class Identity(NamedTuple):
    """Type and md5 sum, which both sides of a connection must share.

    Attributes:
        name: of the type, such as std_msgs/Float64, or `ANY`.
        md5sum: of its definition, or `ANY`.
    """

    name: str
    md5sum: str

    def accepts(self, other: "Identity") -> bool:
        """Whether the two match."""
        return all(ANY in (mine, theirs) or mine == theirs for mine, theirs in zip(self, other, strict=True))

    def __str__(self) -> str:
        """Return both, for messages."""
        return f"{self.name} (md5 {self.md5sum})"


def identity(header: Mapping[str, str]) -> Identity:
    """Return the identity in a peer's header; omitted fields match everything."""
    return Identity(header.get("type", ANY)[:200], header.get("md5sum", ANY)[:200])


def mismatch(name: str, ours: object, theirs: Identity, peer: str) -> str:
    """Return the error text for a type mismatch on a topic or service."""
    return (
        f"{name}: types differ: ours is {ours}, theirs is {theirs}, at {peer[:200]}; connection refused. Both sides "
        "must be built from the same message definition."
    )


def frame(payload: bytes | memoryview) -> bytes:
    """Return a payload with its length prefix."""
    return b"".join((_LENGTH.pack(len(payload)), payload))


def length_of(data: bytes, limit: int, what: str) -> int:
    """Decode a length prefix of four bytes.

    Raises:
        ProtocolError: it is beyond the limit.
    """
    (length,) = _LENGTH.unpack(data)
    if length > limit:
        raise ProtocolError(f"{what} of {length} bytes announced; at most {limit} are accepted")
    return int(length)


def encode_header(fields: Mapping[str, str]) -> bytes:
    """Encode a connection header, with its length prefix."""
    return frame(b"".join(frame(f"{key}={value}".encode()) for key, value in fields.items()))


def decode_header(data: bytes) -> dict[str, str]:
    """Decode a connection header, given without its length prefix.

    Raises:
        ProtocolError: not a header.
    """
    fields, position = {}, 0
    while position < len(data):
        begin = position + LENGTH_BYTES
        if begin > len(data):
            raise ProtocolError("connection header ends within the length of a field")
        position = begin + length_of(data[position:begin], len(data) - begin, "a header field")
        # Comments within a definition may be in any encoding.
        key, equals, value = data[begin:position].decode(errors="replace").partition("=")
        if not equals or not key:
            raise ProtocolError(f"connection header has a field without a name: {key[:40]!r}")
        fields[key] = value
    return fields


class FrameReader:
    """Splits a byte stream into messages, whatever the sizes of the pieces.

    It buffers one incomplete message at most.
    """

    def __init__(self, limit: int) -> None:
        """Start at the beginning of a message.

        Args:
            limit: longest payload that is accepted, bytes.
        """
        self._limit, self._buffer = limit, bytearray()

    @property
    def partial(self) -> bool:
        """Whether a message has begun and is not complete."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Add bytes and return the payloads that are now complete.

        Raises:
            ProtocolError: a length beyond the limit; the rest of the stream cannot be decoded.
        """
        buffer = self._buffer
        buffer += data
        payloads, position = [], 0
        while len(buffer) - position >= LENGTH_BYTES:
            begin = position + LENGTH_BYTES
            end = begin + length_of(bytes(buffer[position:begin]), self._limit, "a message")
            if end > len(buffer):
                break
            payloads.append(bytes(buffer[begin:end]))
            position = end
        del buffer[:position]
        return payloads
