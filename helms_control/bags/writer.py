"""Writing a bag that a crash cannot take with it.

While it is recorded it is called NAME.partial and holds one folder for each file; it gets its name, and the one
metadata.yaml that makes it a bag, when it is closed.
"""

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from rosbags.interfaces import Connection, Qos
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.rosbag2.errors import WriterError
from rosbags.rosbag2.storage_mcap import McapWriter

from helms_control.bags.finish import NothingRecordedError, finish
from helms_control.bags.layout import partial_of, segments_of
from helms_control.bags.repair import repair_segments
from helms_control.bags.types import type_store
from helms_control.errors import HelmsError

MIB = 2**20


class BagWriter:
    """Writes serialised messages into a bag of several files.

    Attributes:
        folder: of the bag, once it is closed.
    """

    def __init__(self, folder: Path, split_bytes: int = 512 * MIB, resume: bool = False) -> None:
        """Open a bag.

        Args:
            folder: to make; it must not exist.
            split_bytes: at the end of an episode beyond this size a new file begins, in its middle beyond twice that.
            resume: go on with what an earlier writer left unfinished there, instead of refusing.

        Raises:
            HelmsError: the folder exists, an unfinished recording is there and `resume` is not set, or the disk
                refuses.
        """
        self.folder, self._split = folder, split_bytes
        self._partial = partial_of(folder)
        if folder.exists():
            raise HelmsError(f"{folder} exists already; name another bag, or move that one away")
        if self._partial.exists():
            if not resume:
                raise HelmsError(
                    f"{self._partial} is an unfinished recording; run `helms bag check --repair {self._partial}` first"
                )
            repair_segments(self._partial)
        try:
            self._partial.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HelmsError(
                f"cannot make {self._partial}: {error.strerror}; name a folder that can be written"
            ) from error
        self._writer: Writer | None = None
        self._connections: dict[str, Connection] = {}
        self._bytes = 0
        self._open()

    def write(self, topic: str, kind: str, stamp_ns: int, message: bytes, qos: Sequence[Qos] = ()) -> None:
        """Append a message.

        Args:
            topic: full name.
            kind: type, such as helms_msgs/msg/Action.
            stamp_ns: time of receipt, ns since the epoch.
            message: serialised, CDR.
            qos: offered by the publisher; counts with the first message of a topic.

        Raises:
            HelmsError: the bag is closed or the disk refuses.
        """
        if self._writer is None:
            raise HelmsError(f"{self.folder} is closed; nothing more can be written to it")
        try:
            if self._bytes > 2 * self._split:
                self._next()
            connection = self._connections.get(topic)
            if connection is None:
                connection = self._writer.add_connection(topic, kind, typestore=type_store(), offered_qos_profiles=qos)
                self._connections[topic] = connection
            self._writer.write(connection, stamp_ns, message)
        except OSError as error:
            raise self._refused(error) from error
        self._bytes += len(message) + 32

    def episode_finished(self) -> None:
        """Bring everything so far onto the disk; a big file is closed and the next one begun.

        Raises:
            HelmsError: the disk refuses.
        """
        try:
            if self._bytes > self._split:
                self._next()
        except OSError as error:
            raise self._refused(error) from error
        self.flush()

    def flush(self) -> None:
        """Bring everything so far onto the disk.

        Raises:
            HelmsError: the disk refuses.
        """
        storage = self._writer.storage if self._writer is not None else None
        if not isinstance(storage, McapWriter):
            return
        try:
            # A chunk is what can be read back from a file that was never closed.
            if storage.chunk.msgs:
                storage.close_chunk()
            storage.bio.flush()
            os.fsync(storage.bio.fileno())
        except OSError as error:
            raise self._refused(error) from error

    def close(self) -> Path:
        """Close the bag and give it its name.

        Returns:
            The folder of the bag.

        Raises:
            HelmsError: nothing was written, and nothing is left; or the disk refuses, and what was written stays in
                NAME.partial.
        """
        try:
            self._close_segment()
            finish(self._partial, self.folder)
        except NothingRecordedError as error:
            shutil.rmtree(self._partial)
            raise HelmsError(f"nothing was published while {self.folder} was recorded; no bag was written") from error
        except OSError as error:
            raise self._refused(error) from error
        return self.folder

    def abort(self) -> None:
        """Stop writing; what was written stays in NAME.partial, for `helms bag check --repair`."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.abort()

    def _open(self) -> None:
        number = 1 + max((int(path.name.rpartition("_")[2]) for path in segments_of(self._partial)), default=-1)
        self._writer = Writer(
            self._partial / f"{self.folder.name}_{number}", version=9, storage_plugin=StoragePlugin.MCAP
        )
        self._connections, self._bytes = {}, 0
        try:
            self._writer.open()
        except (OSError, WriterError) as error:
            raise HelmsError(f"cannot write to {self._partial}: {error}") from error

    def _next(self) -> None:
        self._close_segment()
        self._open()

    def _close_segment(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _refused(self, error: OSError) -> HelmsError:
        with contextlib.suppress(OSError):
            self.abort()
        return HelmsError(
            f"writing {self._partial} failed: {error.strerror or error}; what was finished is kept: make room, then "
            f"run `helms bag check --repair {self._partial}`"
        )
