"""Reading of damaged MCAP files: a bad chunk is skipped, and reading resumes at the next good one."""

import mmap
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, McapRecord, Message, Schema
from mcap.stream_reader import breakup_chunk
from mcap.writer import MCAP0_MAGIC

from helms_control.bags.types import type_store

_RECORD = struct.Struct("<BQ")
_CHUNK = struct.Struct("<QQQII")
_BEGINNING = re.compile(rb"\x06(?=.{6}\x00\x00)", re.DOTALL)
"""The operation code of a chunk and the two highest bytes of its length, which is below 2^48."""
_READ = {Opcode.SCHEMA: Schema.read, Opcode.CHANNEL: Channel.read}

_TOPIC = re.compile(r"[\w/~]+", re.ASCII)


@dataclass
class Sound:
    """Undamaged contents of a file.

    Attributes:
        schemas: by number.
        channels: by number.
        chunks: begin and end of each sound chunk's record, and of each message outside of chunks, bytes.
        lost: bytes of the data that cannot be used.
        unchecked: number of chunks without a checksum.
        doubtful: schemas and channels without a checksum; used where no others are known.
    """

    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    chunks: list[tuple[int, int]] = field(default_factory=list)
    lost: int = 0
    unchecked: int = 0
    doubtful: list[McapRecord] = field(default_factory=list)

    def declare(self, records: list[McapRecord]) -> None:
        """Register the schemas and channels among some records; the first of a number stays."""
        for record in records:
            if isinstance(record, Schema):
                self.schemas.setdefault(record.id, record)
            elif isinstance(record, Channel):
                self.channels.setdefault(record.id, record)


@contextmanager
def mapped(path: Path) -> Iterator[bytes | mmap.mmap]:
    """Open a file as a read-only sequence of bytes.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if not path.stat().st_size:
            yield b""  # an empty file cannot be mapped
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def scan(data: bytes | mmap.mmap) -> Sound:
    """Find everything sound in an MCAP file."""
    sound, position = Sound(), len(MCAP0_MAGIC)
    if data[:position] != MCAP0_MAGIC:
        position = 0
    while position < len(data):
        end = _take(data, position, sound)
        if end is None:
            end = _next_chunk(data, position + 1)
            sound.lost += end - position
        elif data[position] == Opcode.FOOTER:
            break
        position = end
    sound.declare([record for record in sound.doubtful if _is_plausible(record)])
    return sound


def messages(
    data: bytes | mmap.mmap, sound: Sound, chunk: tuple[int, int]
) -> Iterator[tuple[Schema, Channel, Message, bool]]:
    """Yield the messages of a sound chunk, and whether a checksum covers each."""
    begin, end = chunk
    body = bytes(data[begin + _RECORD.size : end])
    if data[begin] == Opcode.MESSAGE:
        records: list[McapRecord] = [Message.read(ReadDataStream(BytesIO(body)), len(body))]
        checked = False
    else:
        records, checked = _records(body, strict=True) or [], bool(_checksum(body))
    for record in records:
        if not isinstance(record, Message) or record.channel_id not in sound.channels:
            continue
        channel = sound.channels[record.channel_id]
        if channel.schema_id in sound.schemas:
            yield sound.schemas[channel.schema_id], channel, record, checked


def _take(data: bytes | mmap.mmap, position: int, sound: Sound) -> int | None:
    """Note the record at a position and return its end; None if there is no sound record."""
    body = position + _RECORD.size
    if body > len(data):
        return None
    code, length = _RECORD.unpack_from(data, position)
    end: int = body + length
    if not Opcode.HEADER <= code <= Opcode.DATA_END or end > len(data):
        return None
    # A damaged length points into the middle of a record, where hardly ever another one begins.
    if end < len(data) and not Opcode.HEADER <= data[end] <= Opcode.DATA_END and code != Opcode.FOOTER:
        return None
    content = bytes(data[body:end])
    if code == Opcode.MESSAGE:
        sound.chunks.append((position, end))
    elif code == Opcode.CHUNK:
        records = _records(content, strict=True)
        if records is None:
            sound.doubtful += _records(content, strict=False) or []
            return None
        sound.declare(records)
        sound.chunks.append((position, end))
        sound.unchecked += not _checksum(content)
    elif code in _READ:
        try:
            sound.doubtful.append(_READ[Opcode(code)](ReadDataStream(BytesIO(content))))
        except Exception:
            # Whatever a damaged record leads to: struct.error, EndOfFile, UnicodeDecodeError.
            return None
    return end


def _next_chunk(data: bytes | mmap.mmap, position: int) -> int:
    """Return where the next sound chunk begins, or the end of the data."""
    for match in _BEGINNING.finditer(data, position):
        begin = match.start()
        length = _RECORD.unpack_from(data, begin)[1]
        body = begin + _RECORD.size
        if body + max(length, _CHUNK.size) > len(data) or length < _CHUNK.size:
            continue
        start, end, _, _, name = _CHUNK.unpack_from(data, body)
        if start > end or name not in (0, 3, 4):  # no compression, lz4, zstd
            continue
        if _records(bytes(data[body : body + length]), strict=True) is not None:
            return begin
    return len(data)


def _records(body: bytes, strict: bool) -> list[McapRecord] | None:
    """Return the records of a chunk; None if it is damaged, or is no chunk."""
    try:
        chunk = Chunk.read(ReadDataStream(BytesIO(body)))
        whole = len(chunk.data) == len(body) - _CHUNK.size - len(chunk.compression) - 8
        return breakup_chunk(chunk, validate_crc=strict) if whole or not strict else None
    except Exception:
        # The libraries let through whatever damaged bytes lead to: struct.error, ZstdError, RuntimeError, MemoryError.
        return None


def _is_plausible(record: McapRecord) -> bool:
    """Whether a schema or channel is plausible: a known type must have its known definition."""
    if isinstance(record, Channel):
        return bool(_TOPIC.fullmatch(record.topic))
    if not isinstance(record, Schema):
        return False
    if record.name in type_store().fielddefs:
        return record.data == type_store().generate_msgdef(record.name, ros_version=2)[0].encode()
    return record.data.isascii()


def _checksum(body: bytes) -> int:
    checksum: int = _CHUNK.unpack_from(body)[3]
    return checksum
