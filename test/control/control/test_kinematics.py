"""The arm's kinematics against published numbers, MuJoCo and finite differences."""

import math

import mujoco
import numpy as np
import pytest

from helms_control.control.kinematics import REFERENCE, SAWYER, Chain, Link, Tool
from helms_control.errors import HelmsError
from helms_sim.cell.kinematics import site_jacobian
from helms_sim.episode import EpisodeConfig, draw_episode
from helms_sim.scene.model import cell_model
from helms_sim.scene.names import ARM, Names

RNG = np.random.default_rng(0)
RANDOM = [RNG.uniform(-2.5, 2.0, 7) for _ in range(8)]


def test_the_published_arm_is_where_rethink_says() -> None:
    np.testing.assert_allclose(SAWYER.pose(np.zeros(7)).wrist, [1.0155, 0.1603, 0.3170], atol=1e-4)
    neutral = SAWYER.pose([0.0, -1.18, 0.0, 2.18, 0.0, 0.57, 3.3161])
    np.testing.assert_allclose(neutral.wrist, [0.4496, 0.1603, 0.2158], atol=1e-4)
    np.testing.assert_allclose(neutral.rotation[:, 2], [0.0, 0.0, -1.0], atol=2e-3)


@pytest.mark.parametrize("joints", RANDOM)
def test_the_reference_arm_is_the_cells(joints: np.ndarray) -> None:
    model = cell_model(draw_episode(EpisodeConfig(), np.random.default_rng(0)).triplet)
    data, names, pose = mujoco.MjData(model), Names.of(model), REFERENCE.pose(joints)
    data.qpos[ARM] = joints
    mujoco.mj_kinematics(model, data)
    mujoco.mj_comPos(model, data)
    sensor = model.site("robot/wrist_sensor").id
    for position, rotation, site in (
        (pose.wrist, pose.rotation, names.wrist),
        (pose.pinch, pose.pinch_rotation, names.pinch),
        (pose.sensor, pose.sensor_rotation, sensor),
    ):
        # The model's file gives one of the wrist's angles with five digits.
        np.testing.assert_allclose(position, data.site_xpos[site], atol=5e-6)
        np.testing.assert_allclose(rotation, data.site_xmat[site].reshape(3, 3), atol=1e-5)
    np.testing.assert_allclose(pose.jacobian, site_jacobian(model, data, names.wrist), atol=1e-5)
    np.testing.assert_allclose(pose.pinch_jacobian, site_jacobian(model, data, names.pinch), atol=1e-5)


@pytest.mark.parametrize("joints", RANDOM)
def test_the_jacobians_are_the_derivatives_of_the_pose(joints: np.ndarray) -> None:
    step, pose = 1e-6, SAWYER.pose(joints)
    for joint in range(7):
        change = step * np.eye(7)[joint]
        above, below = SAWYER.pose(joints + change), SAWYER.pose(joints - change)
        np.testing.assert_allclose((above.wrist - below.wrist) / (2 * step), pose.jacobian[:3, joint], atol=1e-8)
        np.testing.assert_allclose((above.pinch - below.pinch) / (2 * step), pose.pinch_jacobian[:3, joint], atol=1e-8)
        skew = (above.rotation - below.rotation) / (2 * step) @ pose.rotation.T
        turned = [skew[2, 1], skew[0, 2], skew[1, 0]]
        np.testing.assert_allclose(turned, pose.jacobian[3:, joint], atol=1e-8)
        np.testing.assert_allclose(turned, pose.pinch_jacobian[3:, joint], atol=1e-8)


def test_the_tool_lies_on_the_wrists_axis() -> None:
    pose = Chain(SAWYER.links, Tool(pinch=0.3, sensor=0.02)).pose(RANDOM[0])
    np.testing.assert_allclose(pose.pinch - pose.wrist, 0.3 * pose.rotation[:, 2], atol=1e-12)
    np.testing.assert_allclose(pose.sensor - pose.wrist, 0.02 * pose.rotation[:, 2], atol=1e-12)


def test_rotations_follow_the_convention_of_urdf() -> None:
    # Fixed axes: first about x, then y, then z.
    rotation = Link((0.0, 0.0, 0.0), (0.5 * math.pi, 0.0, 0.5 * math.pi)).rotation()
    np.testing.assert_allclose(rotation @ [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(rotation @ [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], atol=1e-12)


def test_what_is_no_arm_is_refused() -> None:
    with pytest.raises(HelmsError, match="chain must have 8 offsets, got 2"):
        Chain(SAWYER.links[:2])
    with pytest.raises(HelmsError, match=r"must be 3 \+ 3 finite numbers"):
        Link((0.0, 0.0, math.nan))
