"""Processing of an action before it is executed."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helms_control.spec.action import check_action, to_normalised, to_physical
from helms_control.spec.errors import ActionError

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_an_action_within_the_range_passes_unchanged(dtype: type) -> None:
    action, clipped = check_action(np.array([-1, 0, 1, 0, 1], dtype))
    assert (action.tolist(), clipped) == ([-1, 0, 1, 0, 1], 0)
    assert action.dtype == np.float64


def test_components_beyond_the_range_are_clipped_and_counted() -> None:
    action, clipped = check_action([-3.0, 0.25, 1.0, 1e300, -1.0000001])
    assert (action.tolist(), clipped) == ([-1, 0.25, 1, 1, -1], 3)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=5, max_size=5))
def test_clipping_is_that_of_numpy(numbers: list[float]) -> None:
    action, clipped = check_action(numbers)
    np.testing.assert_array_equal(action, np.clip(numbers, -1.0, 1.0))
    assert clipped == np.count_nonzero(np.abs(numbers) > 1.0)


def test_the_answer_is_a_copy() -> None:
    sent = np.zeros(5)
    check_action(sent)[0][0] = 1.0
    assert sent[0] == 0.0


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ([0, 0, NAN, 0, 0], "component velocity_z is nan; every component must be finite"),
        ([0, 0, 0, -INF, 0], "component wrist_rotation is -inf"),
        (np.array([2.0, 0, 0, 0, NAN], np.float32), "component finger_speed is nan"),
        ([0, "1", 0, 0, 0], "component velocity_y is '1', which is not a real number"),
        ([None, 0, 0, 0, 0], "component velocity_x is None, which is not a real number"),
        ([0, 0, 0, 0, 1j], "component finger_speed is 1j, which is not a real number"),
        (np.zeros(5, bool), "component velocity_x is False, which is not a real number"),
        ([10**30, 0, 0, 0, 0], "an action must be 5 real numbers"),
    ],
)
def test_a_component_that_cannot_be_sent_is_named(action: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(ActionError, match=message):
        check_action(action)


@pytest.mark.parametrize("action", [np.zeros(4), np.zeros(6), np.zeros((1, 5)), 0.0, None, "stop"])
def test_another_shape_is_refused(action: Any) -> None:  # noqa: ANN401
    with pytest.raises(ActionError, match=r"must have shape \(5,\) for velocity_x, .*, finger_speed; got shape"):
        check_action(action)


def test_a_ragged_list_is_refused() -> None:
    ragged: Any = [0, [0, 0], 0, 0, 0]
    with pytest.raises(ActionError, match="an action must be 5 numbers, got"):
        check_action(ragged)


def test_physical_units_are_those_of_table_4() -> None:
    physical = to_physical(np.array([1.0, -1.0, 0.5, -1.0, 1.0]))
    np.testing.assert_allclose(physical, [0.07, -0.07, 0.035, -1.0, 255.0], rtol=1e-15)


def test_normalising_undoes_scaling_for_many_actions() -> None:
    actions = np.random.default_rng(0).uniform(-2.0, 2.0, (4, 3, 5))
    np.testing.assert_allclose(to_normalised(to_physical(actions)), actions, rtol=1e-15)
