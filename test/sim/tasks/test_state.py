"""Pairs of objects in contact."""

from collections.abc import Callable

import pytest

from helms_sim.tasks.state import CellState

Maker = Callable[..., CellState]
PAIRS = [(0, 1), (0, 2), (1, 2)]


@pytest.mark.parametrize(("index", "pair"), list(enumerate(PAIRS)))
def test_touch_reads_only_its_own_pair(cell: Maker, index: int, pair: tuple[int, int]) -> None:
    state = cell(touching=tuple(i == index for i in range(3)))
    assert [state.touch(*other) for other in PAIRS] == [other == pair for other in PAIRS]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_touch_does_not_depend_on_the_order(cell: Maker, first: int, second: int) -> None:
    state = cell(touching=(True, False, True))
    assert state.touch(first, second) is state.touch(second, first)


def test_state_has_no_other_fields(cell: Maker) -> None:
    with pytest.raises(AttributeError, match="grip"):
        object.__setattr__(cell(), "grip", 1.0)
