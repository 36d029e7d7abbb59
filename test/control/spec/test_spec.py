"""Version and hash: what changes them, and the error of a mismatch."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from helms_control.spec.contract import SPEC
from helms_control.spec.errors import ContractError, SpecMismatchError
from helms_control.spec.layout import Layout
from helms_control.spec.spec import Spec


def with_first_action(**changes: Any) -> Spec:  # noqa: ANN401
    """Return the contract with the action's first field changed."""
    first, *rest = SPEC.action.fields
    return replace(SPEC, action=Layout((replace(first, **changes), *rest)))


def test_the_hash_is_the_sha256_of_what_is_printed_less_the_wording() -> None:
    content = SPEC.to_dict()
    del content["hash"]
    for part in ("proprioception", "objects", "action"):
        for field in content[part]:
            del field["description"], field["paper_name"]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    assert hashlib.sha256(canonical).hexdigest() == SPEC.hash


@pytest.mark.parametrize(
    "other",
    [
        with_first_action(name="vx"),
        with_first_action(unit="mm/s"),
        with_first_action(frame="tool"),
        with_first_action(low=(-0.08,)),
        with_first_action(high=(0.08,)),
        replace(SPEC, version="1.0.1"),
        replace(SPEC, proprioception=Layout(SPEC.proprioception.fields[::-1])),
        replace(SPEC, objects=Layout(SPEC.objects.fields[:3])),
        replace(SPEC, frames=2),
        replace(SPEC, control_hz=10),
        replace(SPEC, episode_steps=200),
        replace(SPEC, image_shape=(64, 64, 1)),
        replace(SPEC, colours=("green", "red", "blue")),
    ],
)
def test_everything_that_matters_changes_the_hash(other: Spec) -> None:
    assert other.hash != SPEC.hash


def test_wording_and_the_type_of_a_limit_do_not_change_the_hash() -> None:
    whole = replace(SPEC.action.fields[3], low=(-1,), high=(1,), description="Turns.", paper_name=None)
    fields = (*SPEC.action.fields[:3], whole, SPEC.action.fields[4])
    assert replace(SPEC, action=Layout(fields)).hash == SPEC.hash


def test_the_dictionary_survives_json() -> None:
    content = json.loads(json.dumps(SPEC.to_dict()))
    assert content["hash"] == SPEC.hash
    assert content["action"][4]["description"] == "Speed of the fingers; positive closes."


def test_the_same_contract_is_accepted() -> None:
    SPEC.require_same(SPEC.version, SPEC.hash, "bundle a")
    with pytest.raises(SpecMismatchError, match="bundle a"):
        SPEC.require_same(SPEC.version, SPEC.hash[::-1], "bundle a")


def test_another_version_is_refused_with_both_sides_named() -> None:
    expected = r"bag b was made for spec 0\.9\.0 \(0123456789ab\), but this helms uses spec 1\.0\.0 \(fb49e80efaa2\)"
    with pytest.raises(SpecMismatchError, match=expected):
        SPEC.require_same("0.9.0", "0123456789ab" + "0" * 52, "bag b")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": "1.0"}, r"'1\.0' must be semantic"),
        ({"frames": 0}, "'frames': 0"),
        ({"control_hz": 0}, "'control_hz': 0"),
        ({"episode_steps": -1}, "'episode_steps': -1"),
        ({"image_shape": (64, 0, 3)}, r"image_shape \(64, 0, 3\)"),
    ],
)
def test_a_contract_that_cannot_be_kept_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        replace(SPEC, **changes)
