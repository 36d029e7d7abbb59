"""Fields: names, and refused contradictions."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from helms_control.spec.errors import ContractError
from helms_control.spec.field import Field


def make(**changes: Any) -> Field:  # noqa: ANN401
    """Return a sound field of two numbers with some attributes replaced."""
    sound: dict[str, Any] = {
        "name": "pair",
        "size": 2,
        "unit": "m",
        "frame": "base",
        "description": "Two.",
        "low": (-1.0, -2.0),
        "high": (1.0, 2.0),
    }
    return Field(**(sound | changes))


def test_elements_are_numbered() -> None:
    assert make().element_names == ("pair[0]", "pair[1]")


def test_a_single_element_has_the_bare_name() -> None:
    assert make(size=1, low=(0.0,), high=(1.0,)).element_names == ("pair",)


def test_a_field_cannot_be_changed() -> None:
    field: Any = make()
    with pytest.raises(FrozenInstanceError, match="size"):
        field.size = 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "two words"}, "'two words' must be an identifier"),
        ({"size": 0, "low": (), "high": ()}, "'pair' must have a size of 1 or more, got 0"),
        ({"low": (0.0,)}, "'pair' of size 2 needs as many limits, got 1 low and 2 high"),
        ({"low": (0.0, 2.0)}, r"'pair' needs finite limits with low < high, got 2.0 and 2.0 at index 1"),
        ({"high": (float("inf"), 2.0)}, "got -1.0 and inf at index 0"),
        ({"low": (float("nan"), -2.0)}, "got nan and 1.0 at index 0"),
    ],
)
def test_contradictions_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        make(**changes)
