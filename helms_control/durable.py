"""Files that survive a crash: content and name reach the disk before anything that they replace is gone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder onto the disk.

    Raises:
        OSError: the disk refuses.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Bring the content of a file onto the disk.

    Raises:
        OSError: the disk refuses.
    """
    with path.open("rb") as file:
        os.fsync(file.fileno())


def rename(old: Path, new: Path) -> None:
    """Rename a file or folder, atomically and durably; a file at `new` is replaced.

    Raises:
        OSError: the disk refuses, or `new` is a folder that is not empty.
    """
    old.replace(new)
    sync_folder(new.parent)
    if old.parent != new.parent:
        sync_folder(old.parent)


def write_text(path: Path, text: str) -> None:
    """Write a whole text file, or leave what was there.

    Raises:
        OSError: the disk refuses.
    """
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a whole file, or leave what was there.

    Raises:
        OSError: the disk refuses.
    """
    with whole_file(path) as draft:
        draft.write_bytes(content)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield the name to write a file under; it becomes `path` when it is complete, and is removed after an error.

    It ends as `path` does, for libraries that choose a format by the name.

    Raises:
        OSError: the disk refuses.
    """
    draft = path.with_name(f".partial-{path.name}")
    try:
        yield draft
        sync_file(draft)
        rename(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
