"""Bytes that a ROS 1 node must not accept.

Nothing here is a valid message, request or header, by construction and not by chance.
"""

import struct
from random import Random
from typing import Any

from helms_control.hardware.ros1.tcpros import encode_header, frame
from helms_control.hardware.ros1.typestore import message_type
from test.support.ros1_target import COMMAND, COMMANDS, LIMITS, MASTER_URI, STATES

KIND = message_type(COMMAND)
HEADER = {"callerid": "/attacker", "topic": COMMANDS, "type": KIND.name, "md5sum": KIND.md5sum, "latching": "0"}
"""A header that is in order, of a publisher or a subscriber."""
SHORTEST = 40
"""Bytes of the shortest joint command."""


def lies(random: Random) -> bytes:
    """Return a length that is too long, or that nothing follows."""
    return struct.pack("<I", random.choice((2**32 - 1, 2**31, 2**31 - 1, LIMITS.message_bytes + 1, 2**20, 500_000)))


def broken_payload(random: Random) -> bytes:
    """Return bytes that are not a joint command."""
    names = [f"right_j{index}" for index in range(7)]
    data = bytes(KIND.encode(KIND.new(mode=2, names=names, velocity=[1.0] * 7)))
    match random.randrange(5):
        case 0:
            return data[: random.randrange(len(data))]
        case 1:
            return data + random.randbytes(random.randrange(1, 100))
        case 2:
            return random.randbytes(random.randrange(SHORTEST))
        case 3:
            # The number of a list, or the length of a string.
            place = random.choice((12, 20, 24, len(data) - 4))
            return data[:place] + lies(random) + data[place + 4 :]
        case _:
            return b""


def broken_stream(random: Random) -> bytes:
    """Return what is sent behind a good header: frames that are not commands, up to one that never ends."""
    frames = b"".join(frame(broken_payload(random)) for _ in range(random.randrange(20)))
    whole = frame(bytes(KIND.encode(KIND.new())))
    return frames + random.choice((lies(random), whole[: random.randrange(len(whole))], b""))


def broken_header(random: Random) -> bytes:
    """Return what is not a header, or one that must not be accepted."""
    good = encode_header(HEADER)
    match random.randrange(7):
        case 0:
            return random.randbytes(random.randrange(1, 300)) + b"\xff"
        case 1:
            return lies(random) + random.randbytes(random.randrange(200))
        case 2:
            return good[: random.randrange(len(good))]
        case 3:
            place = 4 * random.randrange(1, 5)
            return good[:place] + lies(random) + good[place + 4 :]
        case 4:
            return frame(frame(b"no equals sign") * random.randrange(1, 9000))
        case 5:
            changes = random.choice(({"md5sum": "0" * 32}, {"type": "std_msgs/Bool"}, {"error": "x" * 100_000}))
            return encode_header(HEADER | changes) + frame(bytes(KIND.encode(KIND.new())))
        case _:
            left_out = random.choice(("md5sum", "type"))
            kept = {name: value for name, value in HEADER.items() if name != left_out}
            return encode_header(kept) + frame(bytes(KIND.encode(KIND.new())))


def broken_value(random: Random, depth: int = 0) -> Any:  # noqa: ANN401 - any value
    """Return what XML-RPC can carry, of no particular type."""
    plain: tuple[Any, ...] = (
        0,
        -1,
        2.5,
        True,
        "",
        "x" * 5000,
        "/\x7f\u2028",
        COMMANDS,
        STATES,
        "TCPROS",
        MASTER_URI,
        b"\0",
    )
    if depth > 3 or random.random() < 0.6:
        return random.choice(plain)
    items = [broken_value(random, depth + 1) for _ in range(random.randrange(5))]
    return items if random.random() < 0.5 else {str(index): item for index, item in enumerate(items)}


def http(body: bytes, start: str, length: str = "") -> bytes:
    """Return an HTTP message."""
    head = f"{start}\r\nContent-Type: text/xml\r\nContent-Length: {length or len(body)}\r\n\r\n"
    return head.encode() + body


def broken_xml(random: Random, good: bytes) -> bytes:
    """Return what is not XML-RPC, or more of it than anybody needs."""
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 9))
    bomb = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "xxxxxxxxxx">' + entities + b"]><value>&e8;</value>"
    deep = b"<methodCall><methodName>getPid</methodName><params><param>" + b"<value><array><data>" * 9000
    cut = good[: random.randrange(len(good))]
    return random.choice((bomb, bomb.decode().encode("utf-16"), deep, cut, random.randbytes(500), good * 2))
