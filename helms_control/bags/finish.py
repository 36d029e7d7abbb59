"""Turning the segments of a recording into one bag."""

import hashlib
from pathlib import Path
from typing import Any

import yaml

from helms_control.bags.layout import METADATA, mcap_of, segments_of
from helms_control.errors import HelmsError
from helms_control.spec import SPEC

INFORMATION = "rosbag2_bagfile_information"


class NothingRecordedError(HelmsError):
    """A recording without a single message."""


def finish(partial: Path, folder: Path) -> None:
    """Join the closed segments of a recording under one metadata.yaml, and give the bag its name.

    Args:
        partial: the recording.
        folder: the bag.

    Raises:
        NothingRecordedError: there is no message in it.
        OSError: the disk refuses; called again it goes on.
    """
    segments = segments_of(partial)
    parts = {segment: _information(segment) for segment in segments}
    if not any(part["message_count"] for part in parts.values()):
        raise NothingRecordedError(
            f"{partial} holds no message; nothing was published while it was recorded. Delete it"
        )
    hashes = {mcap_of(segment).name: sha256(mcap_of(segment)) for segment in segments}
    metadata = partial / METADATA
    draft = metadata.with_name(f".{METADATA}.partial")
    draft.write_text(yaml.safe_dump({INFORMATION: _merged(list(parts.values()), hashes)}, sort_keys=False))
    for segment in segments:
        mcap_of(segment).rename(partial / mcap_of(segment).name)
        (segment / METADATA).unlink()
        segment.rmdir()
    draft.replace(metadata)
    partial.rename(folder)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _information(segment: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((segment / METADATA).read_text())
    information: dict[str, Any] = loaded[INFORMATION]
    return information


def _merged(parts: list[dict[str, Any]], hashes: dict[str, str]) -> dict[str, Any]:
    """Return the metadata of a bag of several files, rosbag2 format 9."""
    full = [part for part in parts if part["message_count"]]
    starts = [part["starting_time"]["nanoseconds_since_epoch"] for part in full]
    ends = [start + part["duration"]["nanoseconds"] for start, part in zip(starts, full, strict=True)]
    topics: dict[str, dict[str, Any]] = {}
    for part in parts:
        for topic in part["topics_with_message_count"]:
            name = topic["topic_metadata"]["name"]
            known = topics.setdefault(name, {**topic, "message_count": 0})
            known["message_count"] += topic["message_count"]
    custom = {"spec_version": SPEC.version, "spec_hash": SPEC.hash}
    return {
        **parts[0],
        "relative_file_paths": [path for part in parts for path in part["relative_file_paths"]],
        "starting_time": {"nanoseconds_since_epoch": min(starts)},
        "duration": {"nanoseconds": max(ends) - min(starts)},
        "message_count": sum(part["message_count"] for part in parts),
        "topics_with_message_count": list(topics.values()),
        "files": [file for part in parts for file in part["files"]],
        "custom_data": custom | {f"sha256:{name}": digest for name, digest in hashes.items()},
    }
