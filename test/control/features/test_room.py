"""Clearance of the fingers against sampled surface points; rotations to the nearest faces within the wrist's range."""

import numpy as np
import pytest

from helms_control.features import room
from helms_control.features.plan import GROUND
from helms_control.features.scene import DIRECTIONS
from helms_control.robot import gripper
from helms_sim.env import StackEnv
from helms_sim.expert.grasp import closing_axis
from helms_sim.expert.view import FLOOR, View, floor_height
from helms_sim.objects import TRIPLETS, rgb_object
from helms_sim.objects.geometry import faces
from test.control.features.cell import parts_of, settled

GRASPS = slice(0, 30)
FAN = slice(30, 66)


def missing(view: View, item: int, yaw: float) -> float:
    """Return by how much points of the neighbours, or the basket, reach into where the fingers come down, m; or 0."""
    solid, axis = view.solid(item), closing_axis(yaw)
    side = np.array([-axis[1], axis[0]])
    tip = max(solid.com[2] - 0.012, FLOOR + GROUND, gripper.LOWEST_PINCH - gripper.reach(0.05))
    points = np.concatenate([other.points for other in view.others(item)])
    away = points[points[:, 2] > tip - 0.004][:, :2] - solid.com[:2]
    along, across = np.abs(away @ axis), np.abs(away @ side)
    inner, outer = 0.5 * gripper.FULL_GAP - 0.002, 0.5 * gripper.FULL_GAP + gripper.THICKNESS
    within = np.minimum(np.minimum(along - inner, outer - along), 0.018 - across)
    ends = solid.com[:2] + np.outer([-1.0, 1.0], axis) * (0.5 * gripper.FULL_GAP + 0.015)
    corners = np.concatenate([ends + gripper.HALF_WIDTH * side, ends - gripper.HALF_WIDTH * side])
    # The floor's slope is 0.48: what is missing to the side, from what is missing in height.
    return max(float(within.max(initial=0.0)), float((floor_height(corners) - tip - 0.001).max()) / 0.476, 0.0)


def test_the_room_is_what_points_on_the_surfaces_say() -> None:
    free = blocked = mistaken = 0
    for object_set in (1, 2, 4, 5):
        env = StackEnv(object_set=object_set)
        for seed in range(5):
            seen = settled(env, seed)
            view = View(env)
            fan = 0.01 * np.arctanh(np.clip(parts_of(env, seen).room[FAN].reshape(3, DIRECTIONS), -0.999, 0.999))
            for item in range(3):
                for index in range(DIRECTIONS):
                    lacks = missing(view, item, view.yaw + index * np.pi / DIRECTIONS)
                    if fan[item, index] > 0.002:
                        assert lacks == 0.0
                        free += 1
                    elif fan[item, index] < -0.006:
                        blocked += 1
                        mistaken += int(lacks == 0.0)
    # Bodies that only an axis between those would part look as if they met: room is never seen where none is,
    # but now and then it is overlooked.
    assert free > 100 and blocked > 100 and mistaken < 0.05 * blocked


@pytest.mark.parametrize("object_set", [1, 2, 4])
def test_the_turn_is_to_the_nearest_upright_pair_of_parallel_faces(object_set: int) -> None:
    env = StackEnv(object_set=object_set)
    for seed in range(4):
        seen = settled(env, seed)
        for yaw in (-1.3, -0.4, 0.3, 1.5):
            grasps = parts_of(env, seen, yaw).room[GRASPS].reshape(3, 5, room.CHOICES)
            for item, name in enumerate(TRIPLETS[object_set]):
                turn, fine, aim, lies, _ = grasps[item, :, 1].tolist()
                if lies < 0.95:
                    continue
                vertices = rgb_object(name).vertices
                normals = [face.normal for face in faces(vertices)]
                pairs = [one for one in normals if any(one @ other < -0.98 for other in normals)]
                pairs = [one for one in pairs if np.ptp(vertices @ one) < 0.078]
                turned = np.array(pairs) @ View(env).solid(item).rotation.T
                upright = turned[np.hypot(*turned[:, :2].T) > 0.95]
                # All rotations of the tool that the wrist allows, and whose fingers close along one of them.
                grid = np.arange(-np.pi / 2 - 0.07, np.pi / 2 + 0.07, 0.002)
                along = np.stack([closing_axis(angle) for angle in grid]) @ upright[:, :2].T
                fits = grid[np.abs(along / np.linalg.norm(upright[:, :2], axis=1)).max(axis=1) > np.cos(0.002)]
                assert abs(turn) == pytest.approx(np.abs(fits - yaw).min(), abs=0.01)
                assert fine == pytest.approx(np.tanh(turn / 0.2), abs=1e-5)
                assert aim == pytest.approx(yaw + turn, abs=1e-5)


def test_of_two_grasps_the_one_with_room_comes_first() -> None:
    further = 0
    for seed in range(30):
        env = StackEnv(object_set=4)
        grasps = parts_of(env, settled(env, seed)).room[GRASPS].reshape(3, 5, room.CHOICES)
        assert (grasps[:, 4, 0] >= grasps[:, 4, 1] - 1e-6).all()
        further += int((np.abs(grasps[:, 0, 0] - grasps[:, 0, 1]) > 0.1).sum())
    assert further > 3
