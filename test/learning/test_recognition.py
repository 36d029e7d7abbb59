"""Recognition of object sets by floor contact; the shapes agree with the demonstrator's."""

import numpy as np
import pytest
import torch
from helms_learning.models.features import matrices_of
from helms_learning.models.recognition import DIRECTIONS, Recognition, Shapes
from torch import Tensor

from helms_control.spec import OBJECTS
from helms_sim.env import StackEnv
from helms_sim.expert.view import View
from helms_sim.objects import TRIPLETS, rgb_object
from helms_sim.objects.geometry import centroid, faces

RECOGNITION = Recognition()


def poses_of(env: StackEnv) -> tuple[Tensor, Tensor]:
    """Return heights (1, 3) and orientations (1, 3, 3, 3) of an environment's objects."""
    bodies = env.cell.names.objects
    heights = torch.tensor([[env.cell.data.xpos[body][2] for body in bodies]], dtype=torch.float32)
    turns = np.array([[env.cell.data.xmat[body].reshape(3, 3) for body in bodies]])
    return heights, torch.from_numpy(turns).float()


def settled(env: StackEnv, seed: int) -> None:
    """Begin an episode and let everything come to rest."""
    env.reset(seed=seed)
    for _ in range(20):
        env.step(np.zeros(5))


@pytest.mark.parametrize("object_set", [1, 2, 3, 4, 5])
def test_every_object_set_is_recognised_wherever_it_lies(object_set: int) -> None:
    env = StackEnv(object_set=object_set)
    for seed in range(6):
        settled(env, seed)
        heights, matrices = poses_of(env)
        likely = RECOGNITION.triplet(heights, matrices)[0]
        assert likely[list(TRIPLETS).index(object_set)] > 0.95
        # Red in the air, as if held: the two others tell.
        heights[0, 0] += 0.1
        assert int(RECOGNITION.triplet(heights, matrices).argmax()) == list(TRIPLETS).index(object_set)


@pytest.mark.parametrize("object_set", [1, 2, 5])
def test_shapes_are_those_that_the_demonstrator_measures(object_set: int) -> None:
    env = StackEnv(object_set=object_set)
    settled(env, 1)
    shapes = Shapes(*(part[0].numpy() for part in RECOGNITION(*poses_of(env))))
    for item, name in enumerate(TRIPLETS[object_set]):
        solid = View(env).solid(item)
        np.testing.assert_allclose(shapes.com[item], solid.com - solid.origin, atol=2e-4)
        upper = solid.polygons[solid.face(+1.0)]
        np.testing.assert_allclose(shapes.top[item], centroid(upper) - solid.origin, atol=2e-4)
        assert shapes.level[item] == pytest.approx(np.cos(solid.tilt(+1.0)), abs=1e-3)
        around = solid.vertices - solid.origin
        for index, angle in enumerate(np.arange(DIRECTIONS) * np.pi / DIRECTIONS):
            along = around[:, :2] @ [np.cos(angle), np.sin(angle)]
            assert shapes.high[item, index] == pytest.approx(along.max(), abs=2e-4)
            assert shapes.low[item, index] == pytest.approx(along.min(), abs=2e-4)
        # Each normal that another one opposes is there, one way or the other.
        normals = np.array([face.normal for face in faces(rgb_object(name).vertices)]) @ solid.rotation.T
        opposed = normals[(normals @ normals.T).min(1) < -0.98]
        np.testing.assert_allclose(np.abs(opposed @ np.asarray(shapes.pairs[item]).T).max(1), 1.0, atol=1e-3)


def test_quaternions_become_mujocos_matrices() -> None:
    env = StackEnv()
    seen, _ = env.reset(seed=0)
    _, matrices = poses_of(env)
    quaternions = torch.from_numpy(seen["objects"][0]).unflatten(-1, (6, 7))[:3, 3:]  # type: ignore[no-untyped-call]
    assert OBJECTS.slices["red_pose"].start == 0
    torch.testing.assert_close(matrices_of(quaternions), matrices[0], atol=1e-6, rtol=0)
