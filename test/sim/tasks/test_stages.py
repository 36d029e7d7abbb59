"""Combination of stage values."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helms_sim.tasks.stages import Stage, dense_reward, sparse_staged_reward
from helms_sim.tasks.state import CellState

Maker = Callable[..., CellState]
VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=9)


def stages_of(values: list[float]) -> tuple[Stage, ...]:
    """Return one stage per value, whose primitive is that value."""
    return tuple(Stage(str(i), lambda _state, v=value: v, ()) for i, value in enumerate(values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.5, 0.0, 0.0, 0.0], (0.125, 1)),  # 0.5 / 4
        ([0.2, 0.0, 0.6, 0.0], (0.65, 3)),  # (2 + 0.6) / 4
        ([0.2, 0.0, 0.6, 0.01], (0.65, 3)),  # 0.01 does not exceed the threshold
        ([0.2, 0.0, 0.6, 0.011], (0.75275, 4)),  # (3 + 0.011) / 4
        ([0.0, 0.0, 0.0, 1.0], (1.0, 4)),
        ([0.008, 0.009, 0.0, 0.0], (0.002, 0)),  # none counts: the first one's value / 4
    ],
)
def test_dense_reward(cell: Maker, values: list[float], expected: tuple[float, int]) -> None:
    assert dense_reward(stages_of(values), cell()) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.94, 0.9, 0.95, 0.5], (0.0, 0)),
        ([0.96, 0.0, 0.0, 0.5], (0.25, 1)),
        ([0.0, 0.0, 0.951, 0.95], (0.75, 3)),
        ([0.0, 0.0, 0.0, 1.0], (1.0, 4)),
    ],
)
def test_sparse_staged_reward(cell: Maker, values: list[float], expected: tuple[float, int]) -> None:
    assert sparse_staged_reward(stages_of(values), cell()) == expected


def test_stages_below_the_deciding_one_are_not_evaluated(cell: Maker) -> None:
    def fail(_state: CellState) -> float:
        raise AssertionError("evaluated a stage that cannot matter")

    stages = (Stage("below", fail, ()), *stages_of([1.0, 0.0]))
    assert dense_reward(stages, cell()) == (2 / 3, 2)
    assert sparse_staged_reward(stages, cell()) == (2 / 3, 2)


def test_a_stage_hands_its_objects_to_its_primitive(cell: Maker) -> None:
    stage = Stage("difference", lambda _state, first, second: float(first - second), (2, 1))
    assert dense_reward((stage,), cell()) == (1.0, 1)


@given(VALUES)
def test_dense_reward_lies_in_the_band_of_its_stage(cell: Maker, values: list[float]) -> None:
    reward, stage = dense_reward(stages_of(values), cell())
    low, high = max(stage - 1, 0) / len(values), max(stage, 0.01) / len(values)
    assert low <= reward <= high


@given(VALUES, VALUES)
def test_a_later_stage_never_earns_less(cell: Maker, first: list[float], second: list[float]) -> None:
    size = min(len(first), len(second))
    outcomes = [dense_reward(stages_of(values[:size]), cell()) for values in (first, second)]
    (low, low_stage), (high, high_stage) = sorted(outcomes, key=lambda outcome: outcome[1])
    assert low_stage == high_stage or low <= high


@given(VALUES)
def test_sparse_staged_follows_dense(cell: Maker, values: list[float]) -> None:
    dense, dense_stage = dense_reward(stages_of(values), cell())
    sparse, sparse_stage = sparse_staged_reward(stages_of(values), cell())
    assert sparse_stage <= dense_stage
    # The sparse one rounds a finished stage (above 0.95) up to 1 and drops an unfinished one.
    assert sparse <= dense + 0.05 / len(values)
    assert sparse == sparse_stage / len(values)
