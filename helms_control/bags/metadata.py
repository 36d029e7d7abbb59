"""The metadata.yaml that makes a bag of MCAP files, worked out from the files themselves."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from mcap.reader import make_reader
from mcap.records import Schema
from mcap.summary import Summary

from helms_control.bags.layout import METADATA, files_of
from helms_control.bags.mcap_file import read_summary
from helms_control.bags.types import type_store, types_of
from helms_control.durable import rename, write_text
from helms_control.errors import HelmsError

_INFORMATION = "rosbag2_bagfile_information"
_HASH = "sha256:"
_EVENT = "helms_msgs/msg/EpisodeEvent"


class NothingRecordedError(HelmsError):
    """A recording without a single message."""


def finish(partial: Path, folder: Path) -> None:
    """Write the metadata of a recording whose files are closed, then give the bag its name.

    Args:
        partial: the recording.
        folder: the bag.

    Raises:
        NothingRecordedError: there is no message in it.
        HelmsError: a file is not closed.
        OSError: the disk refuses; called again it goes on.
    """
    information = describe(files_of(partial))
    if not information["message_count"]:
        raise NothingRecordedError(
            f"{partial} holds no message; nothing was published while it was recorded. Delete it"
        )
    write_text(partial / METADATA, yaml.safe_dump({_INFORMATION: information}, sort_keys=False))
    rename(partial, folder)


def read_information(folder: Path) -> dict[str, Any]:
    """Return what the metadata.yaml of a bag says.

    Raises:
        HelmsError: it cannot be read, or lacks what every bag has.
    """
    try:
        information: dict[str, Any] = yaml.safe_load((folder / METADATA).read_text())[_INFORMATION]
        names, custom = information["relative_file_paths"], information.get("custom_data") or {}
        information["relative_file_paths"] = [Path(name).name for name in names]
        information["custom_data"] = dict(custom)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise HelmsError(f"{METADATA} cannot be read: {error}") from error
    return information


def hashes_of(information: dict[str, Any]) -> dict[str, str | None]:
    """Return the recorded SHA-256 of each file of a bag; None where there is none."""
    return {name: information["custom_data"].get(_HASH + name) for name in information["relative_file_paths"]}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(files: Sequence[Path]) -> dict[str, Any]:
    """Return the metadata of a bag of some files, rosbag2 format 9.

    Raises:
        HelmsError: a file is not closed.
    """
    summaries = {path: _summary(path) for path in files}
    full = [summary.statistics for summary in summaries.values() if summary.statistics and _count(summary)]
    start = min((item.message_start_time for item in full), default=0)
    end = max((item.message_end_time for item in full), default=0)
    return {
        "version": 9,
        "storage_identifier": "mcap",
        "relative_file_paths": [path.name for path in files],
        "starting_time": {"nanoseconds_since_epoch": start},
        "duration": {"nanoseconds": end - start},
        "message_count": sum(map(_count, summaries.values())),
        "topics_with_message_count": _topics(list(summaries.values())),
        "compression_format": "",
        "compression_mode": "",
        "files": [_file(path, summary) for path, summary in summaries.items()],
        "custom_data": _spec(summaries) | {_HASH + path.name: sha256(path) for path in files},
        "ros_distro": "rosbags",
    }


def _summary(path: Path) -> Summary:
    summary = read_summary(path)
    if summary is None:
        raise HelmsError(f"{path} was not closed; run `helms bag check --repair {path.parent}`")
    return summary


def _count(summary: Summary) -> int:
    assert summary.statistics is not None
    return int(summary.statistics.message_count)


def _file(path: Path, summary: Summary) -> dict[str, Any]:
    assert summary.statistics is not None
    start, end = summary.statistics.message_start_time, summary.statistics.message_end_time
    return {
        "path": path.name,
        "starting_time": {"nanoseconds_since_epoch": start},
        "duration": {"nanoseconds": end - start},
        "message_count": _count(summary),
    }


def _topics(summaries: Sequence[Summary]) -> list[dict[str, Any]]:
    topics: dict[tuple[str, str], dict[str, Any]] = {}
    for summary in summaries:
        assert summary.statistics is not None
        for channel in summary.channels.values():
            schema = summary.schemas.get(channel.schema_id)
            kind = schema.name if schema is not None else ""
            about = {
                "name": channel.topic,
                "type": kind,
                "serialization_format": channel.message_encoding,
                "offered_qos_profiles": [],
                "type_description_hash": _hash(schema),
            }
            topic = topics.setdefault((channel.topic, kind), {"topic_metadata": about, "message_count": 0})
            topic["message_count"] += summary.statistics.channel_message_counts.get(channel.id, 0)
    return list(topics.values())


def _hash(schema: Schema | None) -> str:
    """Return the hash of a type as it was recorded, which may be an earlier release's; empty for unknown ones."""
    if schema is None or schema.name not in type_store().fielddefs:
        return ""
    try:
        return types_of(schema.name, schema.data).hash_rihs01(schema.name)
    except Exception:
        # The parser lets through whatever a damaged definition leads to.
        return type_store().hash_rihs01(schema.name)


def _spec(summaries: dict[Path, Summary]) -> dict[str, str]:
    """Return version and hash of the contract that the first episode was recorded under; nothing if none tells."""
    for path, summary in summaries.items():
        kinds = {number for number, schema in summary.schemas.items() if schema.name == _EVENT}
        topics = [channel.topic for channel in summary.channels.values() if channel.schema_id in kinds]
        if not topics:
            continue
        with path.open("rb") as file:
            for _, _, message in make_reader(file).iter_messages(topics):
                event: Any = type_store().deserialize_cdr(message.data, _EVENT)
                return {"spec_version": event.spec_version, "spec_hash": event.spec_hash}
    return {}
