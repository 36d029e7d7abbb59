"""Files that survive a crash: content and name reach the disk before anything that they replace is gone."""

import os
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
    draft = path.with_name(f".{path.name}.partial")
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    rename(draft, path)
