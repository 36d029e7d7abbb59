"""Streams: a hash changes with the meaning, and only what is needed is compared."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from helms_control.spec import streams
from helms_control.spec.contract import ACTION, OBJECTS, PROPRIOCEPTION
from helms_control.spec.errors import SpecMismatchError
from helms_control.spec.layout import Layout
from helms_control.spec.streams import STREAMS, Stream, require_streams, stamps

LAYOUTS = {"proprioception": PROPRIOCEPTION, "objects": OBJECTS, "action": ACTION}


def test_the_hash_is_the_sha256_of_name_version_and_meaning() -> None:
    stream = Stream("a", "1.2.3", {"unit": "m", "frame": "base"})
    assert stream.hash == hashlib.sha256(b'["a","1.2.3",{"frame":"base","unit":"m"}]').hexdigest()


def test_every_stream_has_a_hash_of_its_own() -> None:
    assert len({stream.hash for stream in STREAMS.values()}) == len(STREAMS) == 6
    assert all(name == stream.name for name, stream in STREAMS.items())


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("attribute", ["name", "unit", "frame", "low", "high"])
def test_a_hash_changes_with_every_attribute_of_every_field(name: str, attribute: str) -> None:
    hashes = {STREAMS[name].hash}
    for index, field in enumerate(LAYOUTS[name].fields):
        old = getattr(field, attribute)
        sign = 1 if attribute == "high" else -1
        changed: Any = f"{old}x" if isinstance(old, str) else tuple(value + sign * 0.5 for value in old)
        fields = list(LAYOUTS[name].fields)
        fields[index] = replace(field, **{attribute: changed})
        hashes.add(of_layout(name, Layout(tuple(fields))).hash)
    assert len(hashes) == 1 + len(LAYOUTS[name].fields)


def of_layout(name: str, layout: Layout) -> Stream:
    """The stream of that name as this release would build it of another layout."""
    meaning = dict(STREAMS[name].meaning)
    del meaning["fields"], meaning["hz"]
    return streams._of_layout(name, STREAMS[name].version, layout, **meaning)


@pytest.mark.parametrize("name", LAYOUTS)
def test_order_and_number_of_the_fields_are_part_of_the_meaning(name: str) -> None:
    fields = LAYOUTS[name].fields
    found = {of_layout(name, Layout(each)).hash for each in (fields, fields[::-1], fields[1:])}
    assert len(found) == 3 and STREAMS[name].hash in found


def test_wording_is_not() -> None:
    first, *rest = ACTION.fields
    reworded = Layout((replace(first, description="Another text.", paper_name="v"), *rest))
    assert of_layout("action", reworded).hash == STREAMS["action"].hash


@pytest.mark.parametrize("name", STREAMS)
def test_a_hash_changes_with_every_other_value_and_the_version(name: str) -> None:
    stream = STREAMS[name]
    others = [replace(stream, name="other"), replace(stream, version="9.0.0"), replace(stream, meaning={})]
    for key, value in stream.meaning.items():
        others.append(replace(stream, meaning={**stream.meaning, key: [value, 1]}))
        others.append(replace(stream, meaning={k: v for k, v in stream.meaning.items() if k != key}))
    hashes = {stream.hash, *(other.hash for other in others)}
    # A stream of one key: without it, the meaning is empty, too.
    assert len(hashes) == len(others) + 1 - (len(stream.meaning) == 1)


def test_frames_rate_order_and_sizes_are_in_the_meaning() -> None:
    """By hand, from the contract's documentation."""
    assert STREAMS["proprioception"].meaning["frames"] == STREAMS["objects"].meaning["frames"] == 3
    assert {STREAMS[name].meaning["hz"] for name in LAYOUTS} == {20}
    assert STREAMS["objects"].meaning["order"] == STREAMS["shapes"].meaning["hulls"] == ["red", "green", "blue"]
    assert STREAMS["image"].meaning == {"shape": [64, 64, 3], "type": "uint8"}
    sizes = {name: sum(field[1] for field in STREAMS[name].meaning["fields"]) for name in LAYOUTS}
    assert sizes == {"proprioception": 43, "objects": 42, "action": 5}


def test_stamps_survive_json() -> None:
    found = json.loads(json.dumps(stamps(["action", "task"])))
    assert found == {name: {"version": "1.0.0", "hash": STREAMS[name].hash} for name in ("action", "task")}
    require_streams(found, "dataset a")


@pytest.mark.parametrize(
    ("needed", "message"),
    [
        (
            {"objects": {"version": "2.0.0", "hash": "ab" * 32}},
            r"bag a was made for stream objects 2\.0\.0 \(abababababab\), but this release has 1\.0\.0 "
            rf"\({STREAMS['objects'].hash[:12]}\); make it again with this release",
        ),
        ({"objects": {}}, r"stream objects None \(None\), but this release has 1\.0\.0"),
        (
            {"smell": stamps(["action"])["action"]},
            "bag a needs the stream 'smell'; this release has proprioception, objects, action, shapes, task, image",
        ),
    ],
)
def test_other_streams_are_refused_with_both_sides(needed: dict[str, dict[str, Any]], message: str) -> None:
    with pytest.raises(SpecMismatchError, match=message):
        require_streams(stamps(["action"]) | needed, "bag a")


def test_only_needed_streams_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    old = stamps(["proprioception", "action"])
    changed = dict(STREAMS) | {"objects": replace(STREAMS["objects"], version="2.0.0")}
    monkeypatch.setattr(streams, "STREAMS", changed)
    require_streams(old, "bag a")
    monkeypatch.undo()
    new = {"objects": {"version": "2.0.0", "hash": changed["objects"].hash}}
    with pytest.raises(SpecMismatchError, match="stream objects"):
        require_streams(old | new, "bag a")
