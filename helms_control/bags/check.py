"""Whether a bag is whole and keeps the contract."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from helms_control.bags.episodes import ACTION, COMMANDED, EVENTS, OBSERVATION, EpisodeRecord, collect, name_of
from helms_control.bags.finish import INFORMATION, sha256
from helms_control.bags.layout import METADATA, is_partial
from helms_control.bags.reader import Message, open_bag
from helms_control.errors import HelmsError
from helms_control.spec import ACTION as ACTION_LAYOUT
from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION, SPEC

_LENGTHS = {
    OBSERVATION: {"proprioception": FRAMES * PROPRIOCEPTION.size, "objects": FRAMES * OBJECTS.size},
    ACTION: {"action": ACTION_LAYOUT.size},
}


def check_bag(folder: Path) -> list[str]:
    """Return everything that is wrong with a bag, in words; empty when nothing is.

    Checked are the files against the hashes of their recording, the number of messages, every message of the path from
    observation to action (decodes, contract, lengths, finite), and every episode (ended, no step missing).

    Raises:
        HelmsError: there is no such folder.
    """
    if not folder.is_dir():
        raise HelmsError(f"{folder} is no folder; name the folder of a bag")
    if is_partial(folder):
        return [f"{folder.name} was not closed: the recorder was killed, or is still running"]
    if not (folder / METADATA).is_file():
        return [f"{METADATA} is missing"]
    problems = list(_files(folder))
    if problems:
        return problems
    try:
        with open_bag(folder) as bag:
            counts: Counter[str] = Counter()
            kept: list[Message] = []
            for message in bag.messages():
                counts[message.topic] += 1
                problems += _message(message)
                if name_of(message.topic) in (EVENTS, OBSERVATION, ACTION, COMMANDED):
                    kept.append(message)
            for topic, (_, expected) in bag.topics.items():
                if counts[topic] != expected:
                    problems.append(f"{topic} has {counts[topic]} messages; the metadata says {expected}")
            problems += _episodes(collect(_decodable(kept)))
    except HelmsError as error:
        problems.append(str(error))
    return problems


def _files(folder: Path) -> Iterator[str]:
    try:
        information: dict[str, Any] = yaml.safe_load((folder / METADATA).read_text())[INFORMATION]
        names, custom = information["relative_file_paths"], information.get("custom_data") or {}
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as error:
        yield f"{METADATA} cannot be read: {error}"
        return
    if custom.get("spec_hash", SPEC.hash) != SPEC.hash:
        theirs = f"{custom.get('spec_version')} ({str(custom['spec_hash'])[:12]})"
        yield f"recorded for spec {theirs}, but this helms uses spec {SPEC.label}"
    for name in names:
        path, digest = folder / name, custom.get(f"sha256:{name}")
        if not path.is_file():
            yield f"{name} is missing"
        elif digest is not None and sha256(path) != digest:
            yield f"{name} is not as it was recorded: its SHA-256 differs"


def _message(message: Message) -> Iterator[str]:
    lengths = _LENGTHS.get(name_of(message.topic))
    if lengths is None:
        return
    try:
        content = message.decoded()
    except HelmsError as error:
        yield f"a message of {message.topic} at {message.stamp_ns} ns cannot be decoded: {error.__cause__}"
        return
    where = f"{message.topic}, step {content.step} of episode {content.episode}"
    if content.spec_hash != SPEC.hash:
        yield f"{where}: spec {content.spec_hash[:12]}, but this helms uses spec {SPEC.label}"
    for name, size in lengths.items():
        values = np.asarray(getattr(content, name))
        if values.size != size:
            yield f"{where}: {name} has {values.size} numbers instead of {size}"
        elif not np.isfinite(values).all():
            yield f"{where}: {name} holds numbers that are not finite"


def _decodable(messages: Iterable[Message]) -> Iterator[Message]:
    for message in messages:
        try:
            message.decoded()
        except HelmsError:
            continue
        yield message


def _episodes(records: list[EpisodeRecord]) -> Iterator[str]:
    if not records:
        yield "there is no episode in it"
    for record in records:
        where = f"episode {record.number}"
        if record.driver == "":
            yield f"{where}: its beginning was not recorded"
        if not record.ended:
            yield f"{where}: its end was not recorded"
        if record.drops:
            yield f"{where}: {len(record.drops)} observations are missing, first of step {record.drops[0]}"
