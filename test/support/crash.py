"""A process that dies at a chosen file operation, by a kill or by a loss of power.

`run_until(at, work)` forks, lets the child work, and ends it at the operation of that number: create, write (half of it
is written), fsync, rename, unlink, mkdir, rmdir. With `power`, whatever was not synchronised by then is undone: bytes
that no fsync of their file followed, names that no fsync of their folder followed.
"""

import io
import os
import stat
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

DIED = 77


class Disk:
    """Counts file operations and dies at one of them."""

    def __init__(self, at: int, power: bool) -> None:
        """Die at operation `at`, counted from 1; 0 never dies."""
        self.at, self.power, self.count = at, power, 0
        self._synced: dict[int, tuple[int, int]] = {}
        self._names: list[tuple[str, Callable[[], None]]] = []

    def due(self) -> bool:
        """Count an operation; whether it is the last."""
        self.count += 1
        return self.count == self.at

    def step(self) -> None:
        """Count an operation, and die instead of it if it is the last."""
        if self.due():
            self.die()

    def die(self) -> None:
        """End the process as a kill or a loss of power does: no buffer is flushed."""
        if self.power:
            for _, undo in reversed(self._names):
                undo()
            for handle, size in self._synced.values():
                ORIGINAL["ftruncate"](handle, size)
        os._exit(DIED)

    def created(self, path: str, handle: int) -> None:
        """Note a new file."""
        self._synced[os.fstat(handle).st_ino] = (os.dup(handle), 0)
        self.named(path, lambda: ORIGINAL["unlink"](path))

    def named(self, path: str, undo: Callable[[], None]) -> None:
        """Note a change of names that a loss of power undoes."""
        self._names.append((os.path.dirname(os.path.abspath(path)), undo))

    def fsync(self, handle: int) -> None:
        """Note what is on the disk from now on."""
        self.step()
        about = os.fstat(handle)
        if stat.S_ISDIR(about.st_mode):
            folder = os.readlink(f"/proc/self/fd/{handle}")
            self._names = [item for item in self._names if item[0] != folder]
        elif about.st_ino in self._synced:
            self._synced[about.st_ino] = (self._synced[about.st_ino][0], about.st_size)


ORIGINAL = {name: getattr(os, name) for name in ("rename", "replace", "unlink", "mkdir", "rmdir", "fsync", "ftruncate")}
OPEN = io.open


def install(disk: Disk) -> None:
    """Send the file operations of this process through a disk."""

    class Raw(io.FileIO):
        def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
            if disk.due():
                super().write(bytes(data)[: len(data) // 2])
                disk.die()
            return super().write(data)

    def open_(path: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - as io.open
        if not set(mode) & set("wxa+"):
            return OPEN(path, mode, *rest, **options)
        disk.step()
        raw = Raw(path, mode.replace("b", "").replace("t", ""))
        disk.created(str(path), raw.fileno())
        return io.BufferedWriter(raw) if "b" in mode else io.TextIOWrapper(io.BufferedWriter(raw))

    def rename(old: Any, new: Any) -> None:  # noqa: ANN401 - a path
        disk.step()
        over = Path(new).read_bytes() if os.path.isfile(new) else None
        ORIGINAL["replace"](old, new)

        def undo() -> None:
            ORIGINAL["replace"](new, old)
            if over is not None:
                with OPEN(new, "wb") as file:
                    file.write(over)

        disk.named(str(new), undo)

    def unlink(path: Any) -> None:  # noqa: ANN401 - a path
        disk.step()
        ORIGINAL["unlink"](path)

    def mkdir(path: Any, mode: int = 0o777) -> None:  # noqa: ANN401 - a path
        disk.step()
        ORIGINAL["mkdir"](path, mode)
        disk.named(str(path), lambda: _forget(str(path)))

    def rmdir(path: Any) -> None:  # noqa: ANN401 - a path
        disk.step()
        ORIGINAL["rmdir"](path)

    for name, hook in {"rename": rename, "replace": rename, "unlink": unlink, "remove": unlink}.items():
        setattr(os, name, hook)
    os.mkdir, os.rmdir, os.fsync = mkdir, rmdir, disk.fsync  # type: ignore[assignment]
    io.open = open_  # type: ignore[assignment]


def _forget(folder: str) -> None:
    """Remove a folder and what is in it."""
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            ORIGINAL["unlink"](os.path.join(place, name))
        ORIGINAL["rmdir"](place)


def run_until(at: int, work: Callable[[], None], power: bool = False) -> int | None:
    """Run `work` in a child that dies at operation `at`.

    Returns:
        None if it died there; otherwise, `work` came to its end and this is its number of operations.
    """
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        disk = Disk(at, power)
        try:
            install(disk)
            work()
            os.write(write, str(disk.count).encode())
        except BaseException as error:
            traceback.print_exception(error)
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        count = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, DIED):
        raise RuntimeError(f"the child ended with {code} instead of dying at operation {at}")
    return int(count) if code == 0 else None
