"""TCPROS headers and frames against hand-worked bytes, and invalid ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helms_control.hardware.ros1.errors import ProtocolError
from helms_control.hardware.ros1.tcpros import (
    FrameReader,
    Identity,
    decode_header,
    encode_header,
    frame,
    identity,
    length_of,
    mismatch,
)

# The example of https://wiki.ros.org/ROS/Connection%20Header, byte for byte.
FIELDS = {
    "message_definition": "string data\n\n",
    "callerid": "/rostopic_4767_1316912741557",
    "latching": "1",
    "md5sum": "992ce8a1687cec8c8bd883ec73ca41d1",
    "topic": "/chatter",
    "type": "std_msgs/String",
}
HEADER = bytes.fromhex(
    "b0000000 20000000 6d6573736167655f646566696e6974696f6e3d737472696e6720646174610a0a"
    "25000000 63616c6c657269643d2f726f73746f7069635f343736375f31333136393132373431353537"
    "0a000000 6c61746368696e673d31"
    "27000000 6d643573756d3d3939326365386131363837636563386338626438383365633733636134316431"
    "0e000000 746f7069633d2f63686174746572"
    "14000000 747970653d7374645f6d7367732f537472696e67"
)
texts = st.text(st.characters(codec="utf-8"), max_size=40)


def test_the_header_of_the_wiki_is_written() -> None:
    assert encode_header(FIELDS) == HEADER


def test_the_header_of_the_wiki_is_read() -> None:
    assert decode_header(HEADER[4:]) == FIELDS


def test_a_value_may_hold_equals_signs() -> None:
    assert decode_header(b"\x05\x00\x00\x00a=b=c") == {"a": "b=c"}


def test_a_comment_in_another_encoding_does_not_matter() -> None:
    assert decode_header(b"\x03\x00\x00\x00a=\xe9") == {"a": "\N{REPLACEMENT CHARACTER}"}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"\x03\x00", "ends within the length of a field"),
        (b"\x04\x00\x00\x00a=b", "header field of 4 bytes announced; at most 3"),
        (b"\xff\xff\xff\xffa=b", "4294967295 bytes announced"),
        (b"\x02\x00\x00\x00ab", "field without a name: 'ab'"),
        (b"\x02\x00\x00\x00=b", "field without a name: ''"),
    ],
)
def test_what_is_no_header_is_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(ProtocolError, match=complaint):
        decode_header(data)


@given(st.dictionaries(texts.filter(lambda key: key and "=" not in key), texts, max_size=8))
def test_every_header_comes_back(fields: dict[str, str]) -> None:
    assert decode_header(encode_header(fields)[4:]) == fields


@given(st.binary(max_size=200))
def test_any_bytes_are_a_header_or_refused(data: bytes) -> None:
    try:
        fields = decode_header(data)
    except ProtocolError:
        return
    # The replacement character takes up to three bytes for one.
    assert len(encode_header(fields)) <= 4 + 3 * len(data)


def test_a_frame_is_a_length_and_a_payload() -> None:
    assert frame(b"\x05\x00\x00\x00hello") == b"\x09\x00\x00\x00\x05\x00\x00\x00hello"


def test_a_length_at_the_limit_is_accepted_and_one_above_refused() -> None:
    assert length_of(b"\x00\x01\x00\x00", 256, "a message") == 256
    with pytest.raises(ProtocolError, match="a message of 257 bytes announced; at most 256"):
        length_of(b"\x01\x01\x00\x00", 256, "a message")


@given(st.lists(st.binary(max_size=30), max_size=8), st.data())
def test_frames_come_out_however_the_stream_is_cut(payloads: list[bytes], data: st.DataObject) -> None:
    stream, reader, got = b"".join(map(frame, payloads)), FrameReader(30), list[bytes]()
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        got += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert got == payloads
    assert not reader.partial


def test_an_incomplete_frame_waits() -> None:
    reader = FrameReader(100)
    assert reader.feed(frame(b"abc")[:5]) == []
    assert reader.partial
    assert reader.feed(b"bc" + frame(b"d")) == [b"abc", b"d"]


def test_the_reader_refuses_a_long_frame_before_it_comes() -> None:
    with pytest.raises(ProtocolError, match="2147483647 bytes announced; at most 100"):
        FrameReader(100).feed(b"\xff\xff\xff\x7f")


@pytest.mark.parametrize(
    ("ours", "theirs", "agree"),
    [
        (("a/B", "1"), ("a/B", "1"), True),
        (("a/B", "1"), ("a/B", "2"), False),
        (("a/B", "1"), ("a/C", "1"), False),
        (("a/B", "1"), ("*", "*"), True),
        (("a/B", "1"), ("*", "2"), False),
        (("*", "*"), ("a/C", "3"), True),
    ],
)
def test_types_agree_by_name_and_md5(ours: tuple[str, str], theirs: tuple[str, str], agree: bool) -> None:
    assert Identity(*ours).accepts(Identity(*theirs)) is agree


def test_a_mismatch_names_both_sides() -> None:
    ours, theirs = Identity("a/B", "11"), identity({"type": "a/C", "md5sum": "22"})
    text = mismatch("/topic", ours, theirs, "/peer")
    assert "ours is a/B (md5 11), theirs is a/C (md5 22), at /peer" in text
