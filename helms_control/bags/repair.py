"""Repair of recordings after a killed recorder, a full disk or an incomplete copy.

Every step can be interrupted anywhere and repeated: a damaged file keeps its content under another name (.torn) until
everything readable in it is on the disk, and the bag gets its name last.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mcap.records import Schema

from helms_control.bags.layout import MCAP, METADATA, files_of, final_of, is_partial, partial_of
from helms_control.bags.mcap_file import McapFile, read_summary, unused
from helms_control.bags.metadata import finish, hashes_of, read_information, sha256
from helms_control.bags.salvage import mapped, messages, scan
from helms_control.bags.types import type_store, types_of
from helms_control.durable import rename, sync_folder
from helms_control.errors import HelmsError

_FRESH, _TORN = ".fresh", ".torn"


@dataclass(frozen=True, slots=True)
class Repaired:
    """Result of a repair.

    Attributes:
        path: of the bag or file, whole now.
        files: that were damaged or not closed, and were written anew.
        messages: read from them.
        lost: bytes that could not be used; the original files are kept.
        unchecked: messages without a checksum.
        kept: original files, beside the new ones.
    """

    path: Path
    files: int = 0
    messages: int = 0
    lost: int = 0
    unchecked: int = 0
    kept: tuple[Path, ...] = ()

    def __add__(self, other: "Repaired") -> "Repaired":
        """Return both together."""
        return Repaired(
            self.path,
            self.files + other.files,
            self.messages + other.messages,
            self.lost + other.lost,
            self.unchecked + other.unchecked,
            self.kept + other.kept,
        )


def repair(path: Path) -> Repaired:
    """Make a whole bag of a recording that was not closed, or of a bag or a single file that is damaged.

    Args:
        path: NAME.partial, a bag, or an .mcap file.

    Raises:
        HelmsError: nothing to repair, the bag's name is taken, a recorder is running, or the disk refuses.
    """
    try:
        alone = path.suffix == MCAP and not path.is_dir() and (path.exists() or _torn_of(path))
        return repair_file(path, None) if alone else _repair_bag(path)
    except OSError as error:
        raise HelmsError(f"{path} cannot be repaired: {error.strerror or error}; nothing was lost") from error


def repair_files(folder: Path) -> Repaired:
    """Write every file of a folder that is damaged or was not closed anew; see `repair`."""
    known: dict[str, str | None] = {}
    if (folder / METADATA).is_file():
        with contextlib.suppress(HelmsError):  # then the checksums in the files count
            known = hashes_of(read_information(folder))
    _take_out(folder)
    _name_back(folder, known)
    names = {path.name.partition(_TORN)[0] for path in folder.glob(f"*{MCAP}{_TORN}*")}
    repaired = Repaired(folder)
    for name in sorted(names | {path.name for path in files_of(folder)}):
        # The hash is that of the file before its repair, where there was one.
        repaired += repair_file(folder / name, known.get(name) if name not in names else None)
    return repaired


def repair_file(path: Path, digest: str | None) -> Repaired:
    """Write a file anew if it is damaged or was not closed.

    The new file is complete on the disk before the old one is renamed; the old one stays if bytes could not be used.

    Args:
        path: of the file; where it is missing, an earlier repair was interrupted.
        digest: SHA-256 it had when it was recorded; None if unknown.
    """
    torn = path if path.exists() else _torn_of(path)[-1]
    with unused(torn):
        if torn == path and _is_sound(path, digest):
            return Repaired(path)
        fresh = path.with_name(path.name + _FRESH)
        found = _copy_sound(torn, fresh)
        if torn == path:
            torn = path.with_name(f"{path.name}{_TORN}{len(_torn_of(path)) or ''}")
            rename(path, torn)
        rename(fresh, path)
    if not found.lost and digest is None:
        # The file of a killed recorder lacks its index only: the new one holds all of it.
        torn.unlink()
        sync_folder(path.parent)
        return Repaired(path, 1, found.messages, 0, found.unchecked)
    return Repaired(path, 1, found.messages, found.lost, found.unchecked, (torn,))


def _repair_bag(folder: Path) -> Repaired:
    if not folder.exists() and partial_of(folder).is_dir():
        folder = partial_of(folder)  # an earlier repair was interrupted
    if not folder.is_dir():
        raise HelmsError(f"{folder} is no folder; name a recording such as bags/demonstrations.partial")
    if not any(folder.rglob("*.mcap*")):
        raise HelmsError(f"{folder} holds no .mcap file; there is nothing to repair")
    partial = folder if is_partial(folder) else partial_of(folder)
    final = final_of(partial)
    taken = final if folder == partial else partial
    if taken.exists():
        raise HelmsError(f"{folder} would become {taken}, which exists already; move one of them away")
    if folder != partial:
        rename(folder, partial)
    repaired = repair_files(partial)
    finish(partial, final)
    return replace(repaired, path=final, kept=tuple(final / path.name for path in repaired.kept))


def _torn_of(path: Path) -> list[Path]:
    """Return the originals of a file that was repaired, the newest last."""
    return sorted(path.parent.glob(f"{path.name}{_TORN}*"), key=lambda found: (len(found.name), found.name))


def _is_sound(path: Path, digest: str | None) -> bool:
    """Whether a file is as it was recorded or, where that is not known, closed and free of damage."""
    if digest is not None:
        return sha256(path) == digest
    if read_summary(path) is None:
        return False
    with mapped(path) as data:
        return not scan(data).lost


def _copy_sound(source: Path, fresh: Path) -> Repaired:
    """Write everything sound in a file into a new one."""
    kept, dropped, unchecked, channels = 0, 0, 0, dict[int, int]()
    with mapped(source) as data:
        sound, out = scan(data), McapFile(fresh, replace=True)
        for chunk in sound.chunks:
            for schema, channel, message, checked in messages(data, sound, chunk):
                if not checked and not _decodes(schema, message.data):
                    dropped += len(message.data)
                    continue
                if channel.id not in channels:
                    channels[channel.id] = out.copy_channel(schema, channel)
                out.append(channels[channel.id], message.log_time, message.data)
                kept, unchecked = kept + 1, unchecked + (not checked)
            out.flush()  # one chunk stays one chunk
        out.close()
    return Repaired(fresh, 1, kept, sound.lost + dropped, unchecked)


def _decodes(schema: Schema, message: bytes) -> bool:
    """Whether a message is one of its type, as far as the type is known; an earlier release's counts, too."""
    if schema.name not in type_store().fielddefs:
        return True
    try:
        types_of(schema.name, schema.data).deserialize_cdr(message, schema.name)
    except Exception:
        # The decoder lets through whatever damaged bytes lead to.
        return False
    return True


def _name_back(folder: Path, known: Mapping[str, str | None]) -> None:
    """Give files that were renamed the names under which they were recorded."""
    for name, path in renamed(folder, known).items():
        rename(path, folder / name)


def renamed(folder: Path, known: Mapping[str, str | None]) -> dict[str, Path]:
    """Return the missing files of a bag that are there under another name, told by their SHA-256."""
    missing = {digest: name for name, digest in known.items() if digest and not (folder / name).exists()}
    strangers = [path for path in files_of(folder) if path.name not in known] if missing else []
    return {missing[digest]: path for path in strangers if (digest := sha256(path)) in missing}


def _take_out(folder: Path) -> None:
    """Take the files of a recording of an earlier release out of the folder that each had while it was recorded."""
    for path in folder.glob("*/*.mcap"):
        if path.stem == path.parent.name and not (folder / path.name).exists():
            rename(path, folder / path.name)
            (path.parent / METADATA).unlink(missing_ok=True)
            path.parent.rmdir()
