"""Scenes against the demonstrator's solids and MuJoCo's matrices."""

import numpy as np
import pytest

from helms_control.features import robot
from helms_control.features.geometry import pack
from helms_control.features.rotation import matrices_of
from helms_control.features.scene import DIRECTIONS, scene_of
from helms_sim.env import StackEnv
from helms_sim.expert.view import CENTRE, View
from helms_sim.objects.geometry import centroid
from test.control.features.cell import settled


def unit(angle: float) -> np.ndarray:
    """Return the horizontal unit vector at an angle."""
    return np.array([np.cos(angle), np.sin(angle)])


@pytest.mark.parametrize("object_set", ["1", "2", "5", "heldout"])
def test_it_is_what_the_demonstrator_measures(object_set: str) -> None:
    env = StackEnv(object_set=object_set)
    seen = settled(env, 1)
    view = View(env)
    own = robot.robot_frame(np, seen["proprioception"][0].astype(np.float64))
    poses = seen["objects"][0].astype(np.float64).reshape(6, 7)
    scene = scene_of(np, poses, pack(env.episode.shapes), own[robot.HEADING], own[robot.ANGLE])
    back = scene.turned.T
    for item in range(3):
        solid = view.solid(item)
        np.testing.assert_allclose(back @ scene.com[item], solid.com - solid.origin, atol=2e-5)
        np.testing.assert_allclose(back @ scene.away[item], solid.origin - view.pinch, atol=1e-5)
        np.testing.assert_allclose(scene.places[item], solid.origin - [*CENTRE, 0.0], atol=1e-5)
        np.testing.assert_allclose(back @ scene.matrices[item], solid.rotation, atol=2e-5)
        assert scene.level[item] == pytest.approx(np.cos(solid.tilt(+1.0)), abs=1e-5)
        assert scene.under[item] == pytest.approx(np.cos(solid.tilt(-1.0)), abs=1e-5)
        # Of several faces that are equally level, either may be the top.
        tops = [polygon for polygon, up in zip(solid.polygons, solid.directions[:, 2], strict=True)
                if up > scene.level[item] - 1e-4]  # fmt: skip
        far = [np.abs(back @ scene.top[item] - centroid(top) + solid.origin).max() for top in tops]
        assert min(far) < 2e-5
        around = solid.vertices - solid.origin
        assert scene.lowest[item] == pytest.approx(around[:, 2].min(), abs=2e-5)
        assert scene.highest[item] == pytest.approx(around[:, 2].max(), abs=2e-5)
        for index in range(2 * DIRECTIONS):
            along = unit(view.yaw + index * np.pi / DIRECTIONS)
            assert scene.extent[item, index] == pytest.approx((around[:, :2] @ along).max(), abs=3e-5)
            far = ((solid.vertices - view.pinch)[:, :2] @ along).max()
            assert scene.reach[item, index] == pytest.approx(far, abs=3e-5)
        # Each normal that another one opposes is there, one way or the other.
        opposed = solid.directions[(solid.directions @ solid.directions.T).min(1) < -0.98]
        np.testing.assert_allclose(np.abs(opposed @ back @ scene.pairs[item].T).max(1), 1.0, atol=1e-4)


def test_quaternions_become_mujocos_matrices() -> None:
    env = StackEnv()
    seen, _ = env.reset(seed=0)
    turns = np.array([env.cell.data.xmat[body].reshape(3, 3) for body in env.cell.names.objects])
    quaternions = seen["objects"][0].reshape(6, 7)[:3, 3:]
    np.testing.assert_allclose(matrices_of(np, quaternions), turns, atol=1e-6)
    np.testing.assert_allclose(matrices_of(np, -quaternions), turns, atol=1e-6)
