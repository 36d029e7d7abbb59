"""Packing of fields into a vector, and unpacking."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helms_control.spec.errors import ContractError
from helms_control.spec.field import Field
from helms_control.spec.layout import Layout

LAYOUT = Layout(
    (
        Field("pair", 2, "m", "base", "Two.", (-1.0, -2.0), (1.0, 2.0)),
        Field("one", 1, "rad", "base", "One.", (0.0,), (3.0,)),
    )
)


def test_places_and_names() -> None:
    assert LAYOUT.size == 3
    assert LAYOUT.slices == {"pair": slice(0, 2), "one": slice(2, 3)}
    assert LAYOUT.names == ("pair[0]", "pair[1]", "one")


def test_limits_are_in_the_order_of_the_vector_and_read_only() -> None:
    np.testing.assert_array_equal(LAYOUT.low, [-1, -2, 0])
    np.testing.assert_array_equal(LAYOUT.high, [1, 2, 3])
    with pytest.raises(ValueError, match="read-only"):
        LAYOUT.low[0] = 0.0


def test_pack_does_not_depend_on_the_order_of_the_mapping() -> None:
    vector = LAYOUT.pack({"one": [3.0], "pair": (1, 2)})
    assert vector.dtype == np.float32
    np.testing.assert_array_equal(vector, [1, 2, 3])


@pytest.mark.parametrize("one", [3.0, np.float64(3.0), np.array(3.0), True, np.uint8(3)])
def test_pack_takes_a_bare_number_for_a_field_of_one(one: Any) -> None:  # noqa: ANN401
    assert LAYOUT.pack({"pair": [1, 2], "one": one})[2] == float(one)


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=3, max_size=3))
def test_unpack_undoes_pack(numbers: list[float]) -> None:
    vector = LAYOUT.pack({"pair": numbers[:2], "one": numbers[2:]})
    parts = LAYOUT.unpack(vector)
    assert parts["pair"].tolist() + parts["one"].tolist() == numbers


def test_unpack_gives_views_of_many_vectors() -> None:
    stacked = np.arange(12.0).reshape(2, 2, 3)
    parts = LAYOUT.unpack(stacked)
    parts["one"][:] = -1.0
    assert parts["pair"].shape == (2, 2, 2)
    np.testing.assert_array_equal(stacked[..., 2], -np.ones((2, 2)))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"pair": [1, 2]}, r"missing fields: \['one'\], unknown fields: \[\]; expected: pair, one"),
        ({"pair": [1, 2], "one": 1, "two": 2}, r"missing fields: \[\], unknown fields: \['two'\]"),
        ({"pair": 1.0, "one": 1}, r"'pair' must have shape \(2,\), got \(\)"),
        ({"pair": [1, 2], "one": [1, 2]}, r"'one' must have shape \(1,\), got \(2,\)"),
        ({"pair": [1, float("nan")], "one": 1}, r"pair\[1\] is nan in float32, but every observation must be finite"),
        ({"pair": [1, 2], "one": -1e39}, "one is -inf in float32"),
        ({"pair": ["1", "2"], "one": 1}, "'pair' must be numeric"),
        ({"pair": [1, None], "one": 1}, "'pair' must be numeric"),
        ({"pair": [1, [2, 3]], "one": 1}, "'pair' is not an array of numbers"),
    ],
)
def test_pack_names_the_field_that_does_not_fit(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ContractError, match=message):
        LAYOUT.pack(values)


@pytest.mark.parametrize("shape", [(), (2,), (3, 2), (0,)])
def test_unpack_refuses_another_length(shape: tuple[int, ...]) -> None:
    with pytest.raises(ContractError, match=r"expected an array of shape \(\.\.\., 3\), got \("):
        LAYOUT.unpack(np.zeros(shape))


def test_a_layout_refuses_no_field_and_two_of_one_name() -> None:
    with pytest.raises(ContractError, match=r"got \[\]"):
        Layout(())
    with pytest.raises(ContractError, match=r"repeated: \['one'\]"):
        Layout((LAYOUT.fields[1], LAYOUT.fields[1]))


def test_a_layout_travels_between_processes() -> None:
    used = Layout(LAYOUT.fields)
    used.unpack(np.zeros(3))
    assert pickle.loads(pickle.dumps(used)) == LAYOUT
