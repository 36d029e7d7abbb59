"""Getting back what a recorder had written when it was killed."""

import shutil
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mcap.exceptions import McapError
from mcap.records import Channel, Message, Schema
from mcap.stream_reader import StreamReader
from rosbags.rosbag2 import StoragePlugin, Writer

from helms_control.bags.finish import finish
from helms_control.bags.layout import METADATA, final_of, is_partial, mcap_of, segments_of
from helms_control.errors import HelmsError

_FRESH = ".fresh"


@dataclass(frozen=True, slots=True)
class Repaired:
    """What came of a repair.

    Attributes:
        folder: of the bag, whole now.
        files: that were not closed and were written anew.
        messages: found in them.
    """

    folder: Path
    files: int
    messages: int


def repair(folder: Path) -> Repaired:
    """Make a whole bag of a recording that was not closed, or of a bag whose files are torn.

    Nothing is deleted before what replaces it is complete.

    Args:
        folder: NAME.partial, or a bag.

    Raises:
        HelmsError: there is nothing to be got back, or the bag's name is taken.
    """
    if not folder.is_dir():
        raise HelmsError(f"{folder} is no folder; name a recording such as bags/demonstrations.partial")
    if not is_partial(folder):
        folder = _as_recording(folder)
    final = final_of(folder)
    if final.exists():
        raise HelmsError(f"{folder} would become {final}, which exists already; move one of them away")
    files, messages = repair_segments(folder)
    finish(folder, final)
    return Repaired(final, files, messages)


def repair_segments(partial: Path) -> tuple[int, int]:
    """Write every file of a recording that was not closed anew; return how many, and their messages."""
    for left in partial.glob(f"*{_FRESH}"):
        shutil.rmtree(left)
    torn = [segment for segment in segments_of(partial) if not (segment / METADATA).is_file()]
    return len(torn), sum(map(_rewrite, torn))


def read_torn(path: Path) -> Iterator[tuple[Schema | None, Channel, Message]]:
    """Yield every complete message of an MCAP file, up to where it is torn."""
    schemas: dict[int, Schema] = {}
    channels: dict[int, Channel] = {}
    with path.open("rb") as file:
        try:
            for record in StreamReader(file).records:
                if isinstance(record, Schema):
                    schemas[record.id] = record
                elif isinstance(record, Channel):
                    channels[record.id] = record
                elif isinstance(record, Message) and record.channel_id in channels:
                    channel = channels[record.channel_id]
                    yield schemas.get(channel.schema_id), channel, record
        except (McapError, EOFError, ValueError, OSError, struct.error, zlib.error):
            # The tear: what lies behind it was never completely written.
            return


def _rewrite(segment: Path) -> int:
    """Write a torn segment anew beside itself, then put it in its place."""
    fresh = segment.with_name(segment.name + _FRESH)
    writer = Writer(fresh, version=9, storage_plugin=StoragePlugin.MCAP)
    count, connections = 0, {}
    with writer:
        source = mcap_of(segment)
        if source.is_file():
            for schema, channel, message in read_torn(source):
                if schema is None:
                    continue
                if channel.id not in connections:
                    connections[channel.id] = writer.add_connection(
                        channel.topic, schema.name, msgdef=schema.data.decode(), rihs01=_hash(schema.name)
                    )
                writer.write(connections[channel.id], message.log_time, message.data)
                count += 1
    # From here on the fresh one is complete; it only gets the old one's name.
    mcap_of(fresh).rename(fresh / mcap_of(segment).name)
    metadata = fresh / METADATA
    metadata.write_text(metadata.read_text().replace(mcap_of(fresh).name, mcap_of(segment).name))
    shutil.rmtree(segment)
    fresh.rename(segment)
    return count


def _hash(kind: str) -> str:
    from helms_control.bags.types import type_store

    return type_store().hash_rihs01(kind)


def _as_recording(folder: Path) -> Path:
    """Lay a bag out as if it had not been closed, every file to be read anew."""
    files = sorted(folder.glob("*.mcap"))
    if not files:
        raise HelmsError(f"{folder} holds no .mcap file; there is nothing to repair")
    partial = folder.with_name(folder.name + ".partial")
    for number, path in enumerate(files):
        segment = folder / f"{folder.name}_{number}"
        segment.mkdir(exist_ok=True)
        path.rename(mcap_of(segment))
    (folder / METADATA).unlink(missing_ok=True)
    folder.rename(partial)
    return partial
