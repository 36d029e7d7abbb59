"""Stacking of the newest observations."""

import copy

import numpy as np
import pytest

from helms_control.spec.errors import ContractError
from helms_control.spec.frames import FrameStack


def observation(value: float) -> np.ndarray:
    """Return an observation of two equal numbers."""
    return np.full(2, value, np.float32)


def test_reset_fills_every_frame_with_the_first() -> None:
    stack = FrameStack(2)
    np.testing.assert_array_equal(stack.reset(observation(1.0)), np.ones((3, 2)))


def test_push_puts_the_newest_first_and_forgets_the_oldest() -> None:
    stack = FrameStack(2)
    stack.reset(observation(1.0))
    seen = [stack.push(observation(value))[:, 0].tolist() for value in (2.0, 3.0, 4.0, 5.0)]
    assert seen == [[2, 1, 1], [3, 2, 1], [4, 3, 2], [5, 4, 3]]


def test_reset_forgets_the_episode_before() -> None:
    stack = FrameStack(2)
    stack.reset(observation(1.0))
    stack.push(observation(2.0))
    assert stack.reset(observation(7.0))[:, 0].tolist() == [7, 7, 7]


def test_one_frame_is_the_observation_itself() -> None:
    stack = FrameStack(2, frames=1)
    stack.reset(observation(1.0))
    assert stack.push(observation(2.0)).tolist() == [[2, 2]]


def test_answers_are_float32_copies() -> None:
    stack = FrameStack(2)
    first = stack.reset(np.ones(2, np.float64))
    first[:] = -1.0
    second = stack.push(observation(2.0))
    assert second.dtype == np.float32
    assert (first.tolist(), second[:, 0].tolist()) == ([[-1, -1]] * 3, [2, 1, 1])


def test_a_copied_stack_goes_its_own_way() -> None:
    stack = FrameStack(2)
    stack.reset(observation(1.0))
    twin = copy.deepcopy(stack)
    twin.push(observation(9.0))
    assert twin.push(observation(8.0))[:, 0].tolist() == [8, 9, 1]
    assert stack.push(observation(2.0))[:, 0].tolist() == [2, 1, 1]


def test_a_push_before_the_first_reset_is_refused() -> None:
    with pytest.raises(ContractError, match="before its first reset"):
        FrameStack(2).push(observation(1.0))


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 2)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    stack = FrameStack(2)
    with pytest.raises(ContractError, match=r"expected one observation of shape \(2,\), got"):
        stack.reset(np.zeros(shape))
    stack.reset(observation(1.0))
    with pytest.raises(ContractError, match=r"expected one observation of shape \(2,\), got"):
        stack.push(np.zeros(shape))


@pytest.mark.parametrize(("size", "frames"), [(0, 3), (2, 0)])
def test_an_empty_stack_is_refused(size: int, frames: int) -> None:
    with pytest.raises(ContractError, match=f"got size {size} and {frames} frames"):
        FrameStack(size, frames)
