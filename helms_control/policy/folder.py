"""Writing, replacing and removing bundle folders without losing one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from helms_control.durable import rename, sync_file, sync_folder
from helms_control.policy.contract import FILES
from helms_control.policy.errors import BundleError
from helms_control.policy.manifest import NAME

_FILES = {NAME, f".partial-{NAME}", *FILES.values()}
"""Everything that a bundle's folder may hold."""


def check_replaceable(folder: Path) -> None:
    """Refuse to replace anything but a bundle; an interrupted replacement is undone first.

    Raises:
        BundleError: it is there, but no folder with a bundle's manifest (of any format) and nothing but its files.
    """
    recover(folder)
    if not folder.exists() and not folder.is_symlink():
        return
    if folder.is_symlink() or not _is_bundle(folder):
        raise BundleError(f"{folder} is no bundle, so it is not replaced; name another folder, or move that one away")
    _refuse_others(folder)


def _is_bundle(folder: Path) -> bool:
    try:
        loaded = yaml.safe_load((folder / NAME).read_text())
        # Before format 3 the files were listed without their graphs.
        files = loaded["files"] if "files" in loaded else [graph["file"] for graph in loaded["graphs"].values()]
        return bool(files) and set(files) <= set(FILES.values())
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError):
        return False


def _refuse_others(folder: Path) -> None:
    if others := sorted({path.name for path in folder.iterdir()} - _FILES):
        raise BundleError(
            f"{folder} holds more than a bundle ({', '.join(others)}), so it is neither replaced nor removed; move "
            "these files away"
        )


@contextmanager
def new_bundle(folder: Path) -> Iterator[Path]:
    """Yield the folder to write a bundle into; without an error it gets its name, and replaces a bundle that is there.

    The old bundle is removed after the new one has its name. In between it is called .NAME.old; `recover` restores it
    after a crash there.

    Raises:
        BundleError: as `check_replaceable`.
        OSError: the disk refuses; the old bundle stays.
    """
    draft, old = folder.with_name(f".{folder.name}.partial"), old_of(folder)
    check_replaceable(folder)
    remove_bundle(draft)
    try:
        draft.mkdir(parents=True)
        yield draft
        for path in draft.iterdir():
            sync_file(path)
        sync_folder(draft)
        check_replaceable(folder)
        if folder.exists():
            remove_bundle(old)
            rename(folder, old)
        rename(draft, folder)
        remove_bundle(old)
    finally:
        recover(folder)
        remove_bundle(draft)


def old_of(folder: Path) -> Path:
    """Return the name of a bundle while it is replaced."""
    return folder.with_name(f".{folder.name}.old")


def recover(folder: Path) -> None:
    """Give a bundle its name back whose replacement was interrupted.

    Raises:
        OSError: the disk refuses.
    """
    old = old_of(folder)
    if not folder.exists() and (old / NAME).is_file():
        rename(old, folder)


def remove_bundle(folder: Path) -> None:
    """Remove a bundle's files and its folder, if it is there.

    Raises:
        BundleError: it holds other files, too; everything stays.
        OSError: the disk refuses.
    """
    if not folder.is_dir():
        return
    _refuse_others(folder)
    # The manifest goes first: what remains after a crash is no bundle.
    for name in sorted(_FILES, key=lambda name: name != NAME):
        (folder / name).unlink(missing_ok=True)
    folder.rmdir()
