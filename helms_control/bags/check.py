"""Check of a bag: files undamaged, contract kept, episodes complete."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from helms_control.bags.episodes import ACTION, COMMANDED, EVENTS, OBSERVATION, EpisodeRecord, collect, name_of
from helms_control.bags.layout import METADATA, is_mcap, is_partial
from helms_control.bags.mcap_file import read_summary
from helms_control.bags.metadata import hashes_of, read_information, sha256
from helms_control.bags.reader import Message, open_bag
from helms_control.bags.repair import renamed
from helms_control.bags.salvage import mapped, scan
from helms_control.errors import HelmsError
from helms_control.spec import ACTION as ACTION_LAYOUT
from helms_control.spec import FRAMES, OBJECTS, PROPRIOCEPTION, SPEC

_LENGTHS = {
    OBSERVATION: {"proprioception": FRAMES * PROPRIOCEPTION.size, "objects": FRAMES * OBJECTS.size},
    ACTION: {"action": ACTION_LAYOUT.size},
}


def check_bag(path: Path) -> list[str]:
    """Return everything that is wrong with a bag or a single .mcap file, in words; empty when nothing is.

    Checked are the files (`damages`), the number of messages, every message of the path from observation to action
    (decodes, contract, lengths, finite), and every episode (ended, no step missing).

    Raises:
        HelmsError: there is no such path.
    """
    problems = damages(path)
    if problems:
        return problems
    if not is_mcap(path):
        problems += _contract(path)
    try:
        with open_bag(path) as bag:
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


def damages(path: Path) -> list[str]:
    """Return what is wrong with the files of a bag, in words: all of it can be repaired.

    A bag's files are compared with the hashes of their recording, a single file with the checksums in it.

    Raises:
        HelmsError: there is no such path.
    """
    if is_mcap(path):
        return list(_file(path))
    if not path.is_dir():
        raise HelmsError(f"{path} is no folder and no .mcap file; name a bag")
    if is_partial(path):
        return [f"{path.name} was not closed: the recorder was killed, or is still running"]
    if not (path / METADATA).is_file():
        return [f"{METADATA} is missing"]
    try:
        hashes = hashes_of(read_information(path))
    except HelmsError as error:
        return [str(error)]
    there_as = renamed(path, hashes)
    return [problem for name in hashes for problem in _hashed(path / name, hashes[name], there_as.get(name))]


def _file(path: Path) -> Iterator[str]:
    if read_summary(path) is None:
        yield f"{path.name} was not closed, or its end is damaged"
        return
    with mapped(path) as data:
        if lost := scan(data).lost:
            yield f"{path.name} is damaged: {lost} bytes of it cannot be read"


def _hashed(path: Path, digest: str | None, there_as: Path | None) -> Iterator[str]:
    if there_as is not None:
        yield f"{path.name} is missing, but {there_as.name} has its SHA-256; give it back its name"
    elif not path.is_file():
        yield f"{path.name} is missing"
    elif digest is None:
        yield from _file(path)
    elif sha256(path) != digest:
        yield f"{path.name} is not as it was recorded: its SHA-256 differs"


def _contract(folder: Path) -> Iterator[str]:
    custom = read_information(folder)["custom_data"]
    if custom.get("spec_hash", SPEC.hash) != SPEC.hash:
        theirs = f"{custom.get('spec_version')} ({str(custom['spec_hash'])[:12]})"
        yield f"recorded for spec {theirs}, but this helms uses spec {SPEC.label}"


def _message(message: Message) -> Iterator[str]:
    lengths = _LENGTHS.get(name_of(message.topic))
    if lengths is None:
        return
    try:
        content = message.decoded()
    except HelmsError as error:
        yield f"a message of {message.topic} at {message.stamp_ns} ns cannot be decoded: {error.__cause__ or error}"
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
