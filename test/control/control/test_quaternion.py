"""Quaternions against MuJoCo's own functions, and the axioms of rotations."""

from itertools import pairwise

import mujoco
import numpy as np
import pytest
from transforms3d import quaternions

from helms_control.control import quaternion as q

RNG = np.random.default_rng(1)
RANDOM = [q.positive(RNG.normal(size=4)) for _ in range(20)]


@pytest.mark.parametrize("turn", RANDOM)
def test_matrix_and_quaternion_are_one_rotation_as_in_mujoco(turn: np.ndarray) -> None:
    matrix, back = np.empty(9), np.empty(4)
    mujoco.mju_quat2Mat(matrix, turn)
    np.testing.assert_allclose(q.rotation_of(turn), matrix.reshape(3, 3), atol=1e-12)
    mujoco.mju_mat2Quat(back, matrix)
    np.testing.assert_allclose(q.of_rotation(matrix.reshape(3, 3)), q.positive(back), atol=1e-12)


@pytest.mark.parametrize("half_turn", [np.diag([1.0, -1, -1]), np.diag([-1.0, 1, -1]), np.diag([-1.0, -1, 1])])
def test_half_turns_are_found(half_turn: np.ndarray) -> None:
    found = q.of_rotation(half_turn)
    np.testing.assert_allclose(q.rotation_of(found), half_turn, atol=1e-12)
    assert found[0] == 0.0


def test_products_turn_one_after_the_other() -> None:
    for first, second in pairwise(RANDOM):
        both = q.rotation_of(q.product(first, second))
        np.testing.assert_allclose(both, q.rotation_of(first) @ q.rotation_of(second), atol=1e-12)
        undone = q.product(q.inverse(first), first)
        np.testing.assert_allclose(undone, [1, 0, 0, 0], atol=1e-12)


def test_they_are_those_of_transforms3d() -> None:
    for first, second in pairwise(RANDOM):
        matrix = quaternions.quat2mat(first)
        np.testing.assert_allclose(q.rotation_of(first), matrix, atol=1e-12)
        np.testing.assert_allclose(q.of_rotation(matrix), q.positive(quaternions.mat2quat(matrix)), atol=1e-12)
        np.testing.assert_allclose(q.product(first, second), q.positive(quaternions.qmult(first, second)), atol=1e-12)
        np.testing.assert_allclose(q.inverse(first), quaternions.qinverse(first), atol=1e-12)


def test_the_scalar_is_never_negative_and_the_length_one() -> None:
    found = q.positive(np.array([-2.0, 0.0, 2.0, 0.0]))
    np.testing.assert_allclose(found, [np.sqrt(0.5), 0.0, -np.sqrt(0.5), 0.0])
    assert not q.positive(np.zeros(4)).any()
