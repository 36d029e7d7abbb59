"""Each bound against hand-worked numbers."""

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.safety.bounds import Bounds
from helms_control.safety.findings import Kind
from helms_control.safety.limits import SafetyLimits
from test.control.safety.arm import Arm

Array = npt.NDArray[np.float64]

BOUNDS = Bounds(SafetyLimits())
LIMITS = BOUNDS.limits
MIDDLE = 0.5 * (BOUNDS.lower + BOUNDS.upper)


def one(index: int, value: float, size: int = 7) -> Array:
    vector = np.zeros(size)
    vector[index] = value
    return vector


def test_half_of_the_published_joint_speed_is_used() -> None:
    assert BOUNDS.joint_speed(one(0, 0.87)) == 1.0
    assert BOUNDS.joint_speed(one(0, -1.74)) == pytest.approx(0.5)
    assert BOUNDS.joint_speed(one(6, 4.545) + one(0, 0.8)) == pytest.approx(0.5)


def test_the_tool_is_slowed_by_the_norm_of_its_velocity() -> None:
    assert BOUNDS.tcp_speed(np.array([0.12, 0, 0, 0, 0, 1.2])) == 1.0
    # (0.12, 0.16) is 0.2 long: 0.12 / 0.2.
    assert BOUNDS.tcp_speed(np.array([0.12, 0.16, 0, 0, 0, 0])) == pytest.approx(0.6)
    assert BOUNDS.tcp_speed(np.array([0.01, 0, 0, 0, 0, -4.8])) == pytest.approx(0.25)


def test_a_joint_stops_before_its_limit() -> None:
    # 1 rad/s, braked at half of 10 rad/s^2: 0.2 s. It needs 1 x 0.1 s of reaction and 1 x 0.2 / 2 of braking: 0.2 rad.
    joints = MIDDLE.copy()
    joints[0] = BOUNDS.upper[0] - 0.2
    assert BOUNDS.joint_position(one(0, 1.0), 0.2, joints) == pytest.approx(1.0)
    # With 0.1 rad left, s 0.1 + s^2 0.1 = 0.1: the golden ratio.
    joints[0] = BOUNDS.upper[0] - 0.1
    assert BOUNDS.joint_position(one(0, 1.0), 0.2, joints) == pytest.approx((np.sqrt(5.0) - 1.0) / 2.0)
    assert BOUNDS.joint_position(one(0, -1.0), 0.2, joints) == 1.0


def test_beyond_a_joint_limit_only_the_way_back_is_open() -> None:
    joints = MIDDLE.copy()
    joints[3] = BOUNDS.lower[3] - 0.001
    assert BOUNDS.joint_position(one(3, -0.01), 0.002, joints) == 0.0
    assert BOUNDS.joint_position(one(3, 0.5), 0.1, joints) == 1.0


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("outward", [-1.0, 1.0])
def test_the_tool_stops_before_a_wall(axis: int, outward: float) -> None:
    wall = (BOUNDS.box_upper if outward > 0.0 else BOUNDS.box_lower)[axis]
    tcp = 0.5 * (BOUNDS.box_lower + BOUNDS.box_upper)
    # 0.1 m/s needs 0.01 m of reaction and 0.1^2 / 2 = 0.005 m of braking at 1 m/s^2.
    tcp[axis] = wall - outward * 0.015
    assert BOUNDS.workspace(one(axis, outward * 0.1, 3), 0.0, tcp) == pytest.approx(1.0)
    # With 6 mm left, s 0.01 + s^2 0.005 = 0.006: s = sqrt(2.2) - 1.
    tcp[axis] = wall - outward * 0.006
    factor = BOUNDS.workspace(one(axis, outward * 0.1, 3), 0.0, tcp)
    assert factor == pytest.approx(np.sqrt(2.2) - 1.0)
    assert factor * 0.1 <= np.sqrt(2.0 * LIMITS.tcp_deceleration * 0.006)
    # Joints that brake slowly need more room: 0.01 s + s 0.1 x 0.4 / 2 x s = 0.006, s^2 0.02 + s 0.01 = 0.006.
    assert BOUNDS.workspace(one(axis, outward * 0.1, 3), 0.4, tcp) == pytest.approx((np.sqrt(5.8) - 1.0) / 4.0)
    assert BOUNDS.workspace(one(axis, -outward * 0.1, 3), 0.0, tcp) == 1.0


def test_outside_the_box_only_the_way_back_is_open() -> None:
    tcp = np.array([0.6, 0.0, 0.05])
    assert BOUNDS.workspace(one(2, -1e-6, 3), 0.0, tcp) == 0.0
    assert BOUNDS.workspace(np.array([0.05, 0.0, 0.05]), 0.0, tcp) == 1.0


@pytest.mark.parametrize(("smallest", "left"), [(0.1, 1.0), (0.06, 1.0), (0.04, 0.5), (0.02, 0.0), (0.0, 0.0)])
def test_near_a_singularity_the_speed_limits_shrink_to_nothing(smallest: float, left: float) -> None:
    jacobian = np.eye(6, 7)
    jacobian[4, 4] = smallest
    assert BOUNDS.shrink(jacobian) == pytest.approx(left)


def test_a_speed_below_the_shrunken_limits_is_left_alone(arm: Arm) -> None:
    state = arm.state(
        MIDDLE, 0.0, {"jacobian": np.diag([1, 1, 1, 1, 0.04, 1, 1.0])[:6], "tcp": np.array([0.6, 0.0, 0.2])}
    )
    assert BOUNDS.factors(one(5, 0.59), state)[Kind.SINGULARITY] == 1.0
    assert BOUNDS.factors(one(5, 0.8), state)[Kind.SINGULARITY] == pytest.approx(0.6 / 0.8)


def test_a_motion_into_a_wall_slides_along_it(arm: Arm) -> None:
    joints = arm.joints(0.6, LIMITS.box_upper[1] - 1e-4, 0.2)
    state = arm.state(joints, 0.0)
    u = np.linalg.pinv(state.jacobian) @ [0.05, 0.05, -0.02, 0.0, 0.0, 0.3]
    slid = state.jacobian @ BOUNDS.along_walls(u, state)
    # It slides 1 mm inside of the wall: 0.9 mm away from it in the reaction time of 0.1 s, were the joints faster.
    assert slid[1] == pytest.approx(-0.05 * np.max(np.abs(u))) and -0.009 < slid[1] < 0.0
    np.testing.assert_allclose(np.delete(slid, 1), [0.05, -0.02, 0.0, 0.0, 0.3], atol=1e-12)


def test_far_from_walls_a_motion_is_left_alone(arm: Arm) -> None:
    state, u = arm.state(arm.joints(0.6, 0.0, 0.2), 0.0), np.full(7, 0.01)
    assert BOUNDS.along_walls(u, state) is u
    assert set(BOUNDS.factors(u, state).values()) == {1.0}


def test_an_arm_that_stands_outside_is_not_moved(arm: Arm) -> None:
    state = arm.state(arm.joints(0.6, LIMITS.box_upper[1] + 0.02, 0.2), 0.0)
    assert not BOUNDS.along_walls(np.zeros(7), state).any()
    # And while it moves outside, it is drawn back by 10 mm/s at most.
    u = np.linalg.pinv(state.jacobian) @ [0.1, 0.0, 0.0, 0.0, 0.0, 0.0]
    np.testing.assert_allclose((state.jacobian @ BOUNDS.along_walls(u, state))[:3], [0.1, -0.01, 0.0], atol=1e-12)


def test_a_wall_counts_among_the_factors_even_without_sliding(arm: Arm) -> None:
    state = arm.state(arm.joints(0.6, LIMITS.box_upper[1] - 0.002, 0.2), 0.0)
    u = np.linalg.pinv(state.jacobian) @ [0.0, 0.1, 0.0, 0.0, 0.0, 0.0]
    factors = BOUNDS.factors(u, state)
    # Less than 2 mm in the reaction time of 0.1 s: below 0.02 of the 0.1 m/s.
    assert 0.1 < factors.pop(Kind.WORKSPACE) < 0.2
    assert set(factors.values()) == {1.0}
