"""One MCAP file, written in chunks with checksums; each can be read back even if the file is never closed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mcap.reader import FOOTER_SIZE, make_reader
from mcap.records import Channel, Schema
from mcap.stream_reader import MAGIC_SIZE
from mcap.summary import Summary
from mcap.writer import CompressionType, Writer

from helms_control.bags.types import type_store
from helms_control.durable import sync_folder
from helms_control.errors import HelmsError

_SMALLEST = 2 * MAGIC_SIZE + FOOTER_SIZE
"""Bytes of a file that was closed."""


class McapFile:
    """Writes serialised messages into a file of its own, which is locked meanwhile.

    Attributes:
        path: of the file.
        bytes: written so far, about.
    """

    def __init__(self, path: Path, replace: bool = False) -> None:
        """Begin the file.

        Args:
            path: to make.
            replace: overwrite a file that is there, which otherwise is an error.

        Raises:
            OSError: the disk refuses, or the file exists.
        """
        self.path, self.bytes = path, 0
        self._file = path.open("wb" if replace else "xb")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._writer = Writer(self._file, compression=CompressionType.NONE)
        self._writer.start(profile="ros2", library="helms")
        self._schemas: dict[tuple[str, bytes], int] = {}
        self._channels: dict[tuple[str, str], int] = {}
        sync_folder(path.parent)

    def write(self, topic: str, kind: str, stamp_ns: int, message: bytes) -> None:
        """Append a message of a known type, such as helms_msgs/msg/Action; see `append`."""
        channel = self._channels.get((topic, kind))
        if channel is None:
            definition = type_store().generate_msgdef(kind, ros_version=2)[0].encode()
            schema = Schema(id=0, name=kind, encoding="ros2msg", data=definition)
            about = Channel(
                id=0, schema_id=0, topic=topic, message_encoding="cdr", metadata={"offered_qos_profiles": ""}
            )
            channel = self._channels[topic, kind] = self.copy_channel(schema, about)
        self.append(channel, stamp_ns, message)

    def copy_channel(self, schema: Schema, channel: Channel) -> int:
        """Declare a topic of another file and return the number of its channel here."""
        key = schema.name, schema.data
        if key not in self._schemas:
            self._schemas[key] = self._writer.register_schema(schema.name, schema.encoding, schema.data)
        return self._writer.register_channel(
            channel.topic, channel.message_encoding, self._schemas[key], channel.metadata
        )

    def append(self, channel: int, stamp_ns: int, message: bytes) -> None:
        """Append a message.

        Args:
            channel: number of the channel.
            stamp_ns: time of receipt, ns since the epoch.
            message: serialised.

        Raises:
            OSError: the disk refuses.
        """
        self._writer.add_message(channel, stamp_ns, message, stamp_ns)
        self.bytes += len(message) + 32

    def flush(self) -> None:
        """Flush to disk as a chunk that can be read even if the file is never closed.

        Raises:
            OSError: the disk refuses.
        """
        self._writer.flush()  # type: ignore[no-untyped-call]
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write the index and flush to disk.

        Raises:
            OSError: the disk refuses.
        """
        with self._file:
            self._writer.finish()  # type: ignore[no-untyped-call]
            self._file.flush()
            os.fsync(self._file.fileno())

    def abort(self) -> None:
        """Close the file without an index."""
        self._file.close()


def read_summary(path: Path) -> Summary | None:
    """Return schemas, channels and statistics of a file that was closed; None if it was not, or is damaged there.

    Raises:
        OSError: the disk refuses.
    """
    if path.stat().st_size < _SMALLEST:
        return None
    with path.open("rb") as file:
        try:
            summary: Any = make_reader(file).get_summary()
        except OSError:
            raise
        except Exception:
            # The library lets through whatever a damaged record leads to: struct.error, EndOfFile, UnicodeDecodeError.
            return None
    return summary if summary is not None and summary.statistics is not None else None


@contextmanager
def unused(path: Path) -> Iterator[None]:
    """Hold the lock of a file, so that no recorder writes to it.

    Raises:
        HelmsError: a recorder does.
    """
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HelmsError(f"{path} is being recorded right now; stop the recorder first") from error
        yield
