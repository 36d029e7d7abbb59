"""Velocity ramps against hand-worked numbers."""

import numpy as np

from helms_control.safety.ramp import ramp, stop_time

ACCELERATION = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0])


def test_the_slowest_joint_sets_the_pace_of_all() -> None:
    target = np.array([0.4, 0.0, 0.0, 0.0, 0.0, -0.1, 0.4])
    # Joint 0 needs 0.4 s; in 0.1 s a quarter of the way is done by every joint.
    np.testing.assert_allclose(ramp(np.zeros(7), target, ACCELERATION, 0.1), 0.25 * target)


def test_a_target_within_reach_is_met_exactly() -> None:
    target = np.full(7, 0.1)
    assert np.array_equal(ramp(np.zeros(7), target, ACCELERATION, 0.1), target)
    assert np.array_equal(ramp(target, target, ACCELERATION, 0.0), target)


def test_no_time_changes_nothing() -> None:
    assert np.array_equal(ramp(np.ones(7), np.zeros(7), ACCELERATION, 0.0), np.ones(7))


def test_stopping_takes_as_long_as_the_slowest_joint() -> None:
    assert stop_time(np.array([0.1, -0.3, 0, 0, 0, 0, 0.5]), ACCELERATION) == 0.3
