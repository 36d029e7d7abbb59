"""Problems are counted and logged once; impossible bounds are refused."""

from dataclasses import fields, replace
from typing import Any

import pytest

from helms_control.errors import HelmsError
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.problems import Problem, Problems, describe


def test_what_repeats_itself_is_counted_but_told_once() -> None:
    told: list[tuple[Problem, str]] = []
    problems = Problems(lambda kind, text: told.append((kind, text)))
    for text in ("gone", "gone", "back", "gone"):
        problems.report(Problem.UNREACHABLE, text)
    assert problems.counts == {Problem.UNREACHABLE: 4}
    assert [text for _, text in told] == ["gone", "back", "gone"]


def test_what_was_well_in_between_is_told_again() -> None:
    told: list[str] = []
    problems = Problems(lambda _, text: told.append(text))
    problems.report(Problem.MASTER, "gone")
    problems.forget(Problem.MASTER)
    problems.report(Problem.MASTER, "gone")
    assert told == ["gone", "gone"]


def test_a_listener_that_raises_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def listener(_kind: Problem, _text: str) -> None:
        raise ValueError("tired")

    problems = Problems(listener)
    problems.report(Problem.CALLBACK, "x")
    assert problems.counts[Problem.CALLBACK] == 1
    assert "on_problem raised" in caplog.text


def test_an_exception_is_described_with_its_place() -> None:
    try:
        raise KeyError("right_j7")
    except KeyError as error:
        assert describe(error).startswith("KeyError: 'right_j7' (test_problems.py:")
    assert describe(ValueError("never raised")) == "ValueError: never raised"


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_a_limit_must_be_positive_and_finite(name: str) -> None:
    values: tuple[Any, ...] = (0, -1.0, float("inf"), float("nan"))
    for value in values:
        with pytest.raises(HelmsError, match=f"ROS 1 limit {name} must be positive, got"):
            replace(Limits(), **{name: value})
