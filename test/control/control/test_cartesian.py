"""The closed-form controller against a numerical solution of its optimisation problem."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import lsq_linear

from helms_control.control.cartesian import (
    LOWER,
    POSTURE,
    UPPER,
    VELOCITY,
    CartesianController,
)

Array = npt.NDArray[np.float64]

CONTROLLER = CartesianController()
JOINTS = np.array([0.06, -1.12, -0.37, 1.2, 0.16, 1.52, 0.12])
DOWN = np.diag([1.0, -1.0, -1.0])
INSIDE = (0.6, 0.0, 0.15)


def some_jacobian(seed: int) -> Array:
    return np.random.default_rng(seed).normal(size=(6, 7))


def test_the_primary_task_is_damped_least_squares() -> None:
    jacobian, twist = some_jacobian(0), np.array([0.01, -0.02, 0.03, 0.0, 0.1, -0.2])
    velocity = CONTROLLER.joint_velocity(jacobian, twist, POSTURE)
    # min |J v - t|^2 + 0.01 |v|^2 as one stacked least-squares problem; at the posture the second level adds nothing.
    stacked = np.vstack([jacobian, 0.1 * np.eye(7)])
    expected = lsq_linear(stacked, np.concatenate([twist, np.zeros(7)])).x
    np.testing.assert_allclose(velocity, expected, atol=1e-7)


def test_the_posture_moves_only_in_the_null_space() -> None:
    jacobian = some_jacobian(1)
    velocity = CONTROLLER.joint_velocity(jacobian, np.zeros(6), JOINTS)
    np.testing.assert_allclose(jacobian @ velocity, 0.0, atol=1e-6)
    null = np.linalg.svd(jacobian)[2][6]
    np.testing.assert_allclose(velocity, null * (null @ (0.5 * (POSTURE - JOINTS))), atol=1e-6)


def test_a_singular_jacobian_gives_finite_velocities() -> None:
    jacobian = some_jacobian(2)
    jacobian[5] = jacobian[4]
    velocity = CONTROLLER.joint_velocity(jacobian, np.full(6, 0.05), JOINTS)
    assert np.all(np.abs(velocity) <= VELOCITY)


@pytest.mark.parametrize("joint", range(7))
def test_no_joint_is_driven_past_its_limits(joint: int) -> None:
    jacobian, joints = 1e-3 * np.eye(6, 7), JOINTS.copy()
    for limit, inward in ((UPPER, -1.0), (LOWER, 1.0)):
        joints[joint] = limit[joint]
        velocity = CONTROLLER.joint_velocity(jacobian, np.zeros(6), joints)
        # 0.01 rad inside the limit lies the margin: 19 / s x 0.01 rad back towards it, at least.
        assert inward * velocity[joint] >= 0.19 - 1e-9


def test_velocities_stay_within_the_data_sheet() -> None:
    velocity = CONTROLLER.joint_velocity(0.01 * some_jacobian(3), np.full(6, 10.0), np.zeros(7))
    assert np.all(np.abs(velocity) <= VELOCITY)
    assert np.any(np.abs(velocity) == VELOCITY)


def test_a_fast_command_is_scaled_to_the_norm_not_by_component() -> None:
    twist = CONTROLLER.twist((0.07, 0.07, 0.07), 0.0, DOWN, INSIDE, 0.0)
    np.testing.assert_allclose(twist[:3], 0.07 / np.sqrt(3.0))


def test_a_tilted_tool_is_turned_back_down() -> None:
    # Tool axis (sin 0.1, 0, -cos 0.1): a rotation by +0.1 about +y brings it to (0, 0, -1).
    rotation = np.array([[np.cos(0.1), 0.0, np.sin(0.1)], [0.0, -1.0, 0.0], [np.sin(0.1), 0.0, -np.cos(0.1)]])
    twist = CONTROLLER.twist((0.0, 0.0, 0.0), 0.3, rotation, INSIDE, 0.0)
    np.testing.assert_allclose(twist[3:], [0.0, 0.8 * 0.1, 0.3], atol=1e-12)


@pytest.mark.parametrize(
    ("pinch", "command", "allowed"),
    [
        ((0.47, 0.0, 0.15), (-0.05, 0.01, 0.0), (0.0, 0.01, 0.0)),
        ((0.47, 0.0, 0.15), (0.05, 0.01, 0.0), (0.05, 0.01, 0.0)),
        ((0.6, 0.13, 0.06), (0.0, 0.05, -0.05), (0.0, 0.0, 0.0)),
        ((0.6, 0.13, 0.28), (0.0, -0.04, -0.04), (0.0, -0.04, -0.04)),
    ],
)
def test_outside_the_workspace_only_the_way_back_is_open(
    pinch: tuple[float, float, float], command: tuple[float, float, float], allowed: tuple[float, float, float]
) -> None:
    assert CONTROLLER.workspace.guard(command, 0.0, pinch, 0.0)[0] == allowed


def test_the_wrist_stops_at_a_quarter_turn() -> None:
    # Joint 7 at -1.6 rad is a wrist rotation of +1.6 rad, beyond pi / 2: only turning back is left.
    guard = CONTROLLER.workspace.guard
    assert guard((0.0, 0.0, 0.0), 0.5, INSIDE, -1.6)[1] == 0.0
    assert guard((0.0, 0.0, 0.0), -0.5, INSIDE, -1.6)[1] == -0.5
    assert guard((0.0, 0.0, 0.0), -0.5, INSIDE, 1.6)[1] == 0.0
