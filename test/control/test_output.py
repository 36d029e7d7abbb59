"""Output: one JSON object as the last line."""

import json
from typing import Any

import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_control.output import echo_json, json_line


def test_the_line_is_compact_and_keeps_the_order() -> None:
    assert json_line({"b": 1, "a": [True, None, 0.5], "c": {}}) == '{"b":1,"a":[true,null,0.5],"c":{}}'


def test_a_line_break_in_a_text_stays_on_one_line() -> None:
    assert json_line({"text": "a\nb"}).splitlines() == ['{"text":"a\\nb"}']


def test_numpy_values_become_plain() -> None:
    values = {"i": np.int64(3), "f": np.float32(0.5), "b": np.bool_(True), "a": np.arange(4.0).reshape(2, 2), "t": (1,)}
    assert json.loads(json_line(values)) == {"i": 3, "f": 0.5, "b": True, "a": [[0, 1], [2, 3]], "t": [1]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": {"b": [0.0, float("nan")]}}, r"a\.b\[1\] is nan, which JSON cannot hold"),
        ({"a": np.float32("inf")}, "a is inf, which JSON cannot hold"),
        ({"a": np.array([[1.0, np.nan]])}, r"a\[0\]\[1\] is nan"),
        ({"a": {1, 2}}, "a is of type set, which JSON cannot hold"),
        ({"a": {1: 2}}, "a has the key 1; keys of JSON objects must be strings"),
        ({None: 2}, "the object has the key None"),
        ([1, 2], "must be one JSON object, got list"),
    ],
)
def test_what_json_cannot_hold_is_refused_with_its_place(value: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(HelmsError, match=message):
        json_line(value)


def test_the_object_is_the_last_line_of_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    echo_json({"success": 0.5})
    assert capsys.readouterr().out == '{"success":0.5}\n'
