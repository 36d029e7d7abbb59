"""Shaping of distances into rewards, against hand-worked numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helms_sim.tasks.shaping import DistanceShape, shaped_distance, tanh2

SHAPE = DistanceShape(horizontal=0.02, vertical=0.01, margin=0.1)


def test_loss_is_nought_at_nought_and_095_at_the_margin() -> None:
    assert tanh2(0.0, 0.15) == 0.0
    assert tanh2(0.15, 0.15) == pytest.approx(0.95, abs=1e-12)


def test_loss_at_half_the_margin() -> None:
    # tanh(a / 2) = tanh(a) / (1 + sqrt(1 - tanh(a)^2)) with tanh(a)^2 = 0.95: squared 0.95 / (1 + sqrt(0.05))^2.
    assert tanh2(0.5, 1.0) == pytest.approx(0.95 / (1 + 0.05**0.5) ** 2, abs=1e-12)


@given(st.floats(-10, 10), st.floats(1e-3, 300))
def test_loss_is_even_and_within_zero_and_one(distance: float, margin: float) -> None:
    assert 0.0 <= tanh2(distance, margin) <= 1.0
    assert tanh2(distance, margin) == tanh2(-distance, margin)


@given(st.floats(0, 1), st.floats(0, 1))
def test_loss_grows_with_distance(first: float, second: float) -> None:
    near, far = sorted((first, second))
    assert tanh2(near, 0.3) <= tanh2(far, 0.3)


def test_full_reward_inside_the_ellipsoid_only() -> None:
    # (0.012 / 0.02)^2 + (0.007 / 0.01)^2 = 0.36 + 0.49 = 0.85; with 0.009 instead of 0.007: 0.36 + 0.81 = 1.17.
    assert shaped_distance(0.0, 0.012, 0.007, SHAPE) == 1.0
    assert shaped_distance(0.0, 0.012, 0.009, SHAPE) < 1.0


def test_outside_the_ellipsoid_the_euclidean_distance_counts() -> None:
    # 0.06, 0.0, 0.08 is 0.1 long, which is the margin.
    assert shaped_distance(0.06, 0.0, 0.08, SHAPE) == pytest.approx(0.05, abs=1e-12)
