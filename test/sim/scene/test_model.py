"""The compiled model against the published numbers of the reference cell."""

import mujoco
import numpy as np
import pytest

from helms_sim.objects import object_set
from helms_sim.scene.model import cell_model, settling_model
from helms_sim.scene.names import BASKET, BLUE, LEFT_FINGER, RED, ROBOT, Names


@pytest.fixture(scope="module")
def model() -> mujoco.MjModel:
    return cell_model(object_set(4, np.random.default_rng(0)))


def test_mass_of_the_robot_is_that_of_the_reference(model: mujoco.MjModel) -> None:
    # Arm 20.6 kg, hand 0.452, FTS300 0.976, 2F-85 1.034 (compiled reference model: 23.0432 in all).
    assert model.body_subtreemass[model.body("robot/arm_base").id] == pytest.approx(23.0432, abs=2e-3)


def test_forward_kinematics_at_zero(model: mujoco.MjModel) -> None:
    # The chain by hand at q = 0, arm stretched along +x, links 2 and 4 of 0.2725 m and 0.2415 m to the next axis pair.
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    x = 0.081 + 0.1325 + 0.26 + 0.1265 + 0.275 + 0.1053 + 0.0245
    np.testing.assert_allclose(data.site("robot/wrist").xpos[0], x, atol=0.011)
    np.testing.assert_allclose(data.site("robot/wrist").xpos[2], 0.08 + 0.237, atol=1e-6)


def test_the_pinch_point_hangs_201_mm_from_the_flange(model: mujoco.MjModel) -> None:
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    offset = data.site("robot/pinch").xpos - data.site("robot/wrist").xpos
    np.testing.assert_allclose(data.site("robot/wrist").xmat.reshape(3, 3).T @ offset, [0, 0, 0.2012], atol=1e-6)


@pytest.mark.parametrize(("driver", "gap"), [(0.0, 0.0859), (0.8, 0.00007)])
def test_finger_gap_open_and_closed(model: mujoco.MjModel, driver: float, gap: float) -> None:
    data = mujoco.MjData(model)
    for side in ("left", "right"):
        data.joint(f"robot/{side}_driver").qpos = driver
        data.joint(f"robot/{side}_follower").qpos = -driver
    mujoco.mj_kinematics(model, data)
    left, right = data.geom("robot/left_fingertip"), data.geom("robot/right_fingertip")
    between = np.linalg.norm(left.xpos - right.xpos) - 2.0 * model.geom("robot/left_fingertip").size[1]
    assert between == pytest.approx(gap, abs=3e-4)


def test_fingertips_reach_down_while_they_close(model: mujoco.MjModel) -> None:
    # Reference: centres of the finger boxes 0.1414 m below the gripper's base when open, 0.1546 m when closed.
    data, heights = mujoco.MjData(model), []
    for driver in (0.0, 0.8):
        for side in ("left", "right"):
            data.joint(f"robot/{side}_driver").qpos = driver
            data.joint(f"robot/{side}_follower").qpos = -driver
        mujoco.mj_kinematics(model, data)
        gripper = data.body("robot/gripper")
        heights.append((gripper.xmat.reshape(3, 3).T @ (data.geom("robot/left_fingertip").xpos - gripper.xpos))[2])
    assert heights[1] - heights[0] == pytest.approx(0.1546 - 0.1414, abs=3e-4)


def test_the_floor_is_flat_to_the_foot_of_the_slopes(model: mujoco.MjModel) -> None:
    # A vertical ray finds the floor 0.12 m from the middle; 0.05 m further out it is tan(25.5 deg) x 0.0484 m higher.
    data, geom = mujoco.MjData(model), np.zeros(1, np.int32)
    data.qpos[0] = 2.0  # swings the arm out of the way
    mujoco.mj_forward(model, data)
    normal = np.zeros(3)
    for out, height in ((0.12, 0.0498), (0.17, 0.0498 + 0.47698 * 0.0484)):
        start = np.array([0.6 + out, 0.0, 1.0])
        distance = mujoco.mj_ray(model, data, start, np.array([0, 0, -1.0]), None, 1, -1, geom, normal)
        assert 1.0 - distance == pytest.approx(height, abs=2e-4)


def test_objects_weigh_200_g_and_keep_their_centre_of_mass() -> None:
    model = cell_model(object_set(1, np.random.default_rng(0)))
    # r3, a trapezoid: 3.41 mm from its origin (reference, compiled).
    np.testing.assert_allclose(model.body("red").ipos, [-0.003406, 0.0, 0.0], atol=5e-6)
    np.testing.assert_allclose([model.body(colour).mass[0] for colour in ("red", "green", "blue")], 0.2)
    np.testing.assert_allclose(np.sort(model.body("red").inertia), [6.8e-5, 1.06e-4, 1.29e-4], atol=1e-6)


def test_names_sort_the_geoms(model: mujoco.MjModel) -> None:
    names = Names.of(model)
    assert names.kind[model.geom("basket_floor").id] == BASKET
    assert names.kind[model.geom("red").id] == RED
    assert names.kind[model.geom("blue").id] == BLUE
    assert names.kind[model.geom("robot/left_fingertip").id] == LEFT_FINGER
    assert names.kind[model.geom("robot/palm").id] == ROBOT


def test_settling_uses_one_contact_point_for_a_pair() -> None:
    model = settling_model(object_set(4, np.random.default_rng(0)))
    data = mujoco.MjData(model)
    data.qpos[0:3], data.qpos[7:10], data.qpos[14:17] = (0.6, 0, 0.0746), (0.6, 0.3, 1), (0.6, -0.3, 1)
    mujoco.mj_forward(model, data)
    assert data.ncon == 1
