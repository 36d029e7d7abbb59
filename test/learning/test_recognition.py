"""Objects are recognised by what would touch the floor; their outlines are those of the published shapes."""

import numpy as np
import pytest
import torch

from helms_control.spec import OBJECTS
from helms_learning.models.features import matrices_of
from helms_learning.models.recognition import DIRECTIONS, SIZE, Recognition
from helms_sim.env import StackEnv
from helms_sim.expert.grasp import closing_axis
from helms_sim.objects import TRIPLETS, rgb_object
from helms_sim.objects.geometry import faces

RECOGNITION = Recognition()


def poses_of(env: StackEnv) -> tuple[torch.Tensor, torch.Tensor]:
    """Return heights (1, 3) and orientations (1, 3, 3, 3) of an environment's objects."""
    bodies = env.cell.names.objects
    heights = torch.tensor([[env.cell.data.xpos[body][2] for body in bodies]], dtype=torch.float32)
    turns = np.array([[env.cell.data.xmat[body].reshape(3, 3) for body in bodies]])
    return heights, torch.from_numpy(turns).float()


@pytest.mark.parametrize("object_set", [1, 2, 3, 4, 5])
def test_every_object_set_is_recognised_wherever_it_lies(object_set: int) -> None:
    env = StackEnv(object_set=object_set)
    for seed in range(6):
        env.reset(seed=seed)
        for _ in range(20):
            env.step(np.zeros(5))
        heights, matrices = poses_of(env)
        likely = RECOGNITION.triplet(heights, matrices)[0]
        assert likely[list(TRIPLETS).index(object_set)] > 0.95
        # Red in the air, as if held: the two others tell.
        heights[0, 0] += 0.1
        assert int(RECOGNITION.triplet(heights, matrices).argmax()) == list(TRIPLETS).index(object_set)


def test_outlines_are_those_of_the_published_shapes() -> None:
    env = StackEnv(object_set=5)
    env.reset(seed=1)
    for _ in range(20):
        env.step(np.zeros(5))
    heights, matrices = poses_of(env)
    heading = 0.4
    found = RECOGNITION(heights, matrices, torch.tensor([[np.cos(heading), np.sin(heading)]]).float())[0]
    assert found.shape == (SIZE,)
    for item, name in enumerate(TRIPLETS[5]):
        part = found[5 + item * (2 * DIRECTIONS + 9) :]
        corners = rgb_object(name).vertices @ matrices[0, item].double().numpy().T
        for index in range(DIRECTIONS):
            angle = heading + index * np.pi / DIRECTIONS
            along = corners[:, :2] @ [np.cos(angle), np.sin(angle)]
            assert 0.05 * (part[index].item() + 1.0) == pytest.approx(np.ptp(along), abs=2e-4)
            middle = 0.5 * (along.max() + along.min())
            assert 0.02 * part[DIRECTIONS + index].item() == pytest.approx(middle, abs=2e-4)
        bottom, top = 0.05 * part[2 * DIRECTIONS : 2 * DIRECTIONS + 2]
        assert bottom.item() == pytest.approx(0.0, abs=1e-3)
        assert top.item() == pytest.approx(np.ptp(corners[:, 2]), abs=1e-3)


@pytest.mark.parametrize("object_set", [1, 2, 4])
def test_the_turn_is_to_the_nearest_upright_pair_of_parallel_faces(object_set: int) -> None:
    env = StackEnv(object_set=object_set)
    for seed in range(4):
        env.reset(seed=seed)
        for _ in range(20):
            env.step(np.zeros(5))
        heights, matrices = poses_of(env)
        for yaw in (-1.3, -0.4, 0.3, 1.5):
            heading = torch.tensor([[np.cos(yaw), np.sin(yaw)]]).float()
            found = RECOGNITION(heights, matrices, heading)[0]
            for item, name in enumerate(TRIPLETS[object_set]):
                turn, fine, aim, lies = found[5 + item * 33 + 29 :][:4].tolist()
                if lies < 0.95:
                    continue
                normals = [face.normal for face in faces(rgb_object(name).vertices)]
                pairs = [one for one in normals if any(one @ other < -0.98 for other in normals)]
                turned = np.array(pairs) @ matrices[0, item].double().numpy().T
                upright = turned[np.hypot(*turned[:, :2].T) > 0.95]
                # All rotations of the tool that the wrist allows, and whose fingers close along one of them.
                grid = np.arange(-np.pi / 2 - 0.07, np.pi / 2 + 0.07, 0.002)
                along = np.stack([closing_axis(angle) for angle in grid]) @ upright[:, :2].T
                fits = grid[np.abs(along / np.linalg.norm(upright[:, :2], axis=1)).max(axis=1) > np.cos(0.002)]
                assert abs(turn) == pytest.approx(np.abs(fits - yaw).min(), abs=0.01)
                assert fine == pytest.approx(np.tanh(turn / 0.2), abs=1e-5)
                assert aim == pytest.approx(yaw + turn, abs=1e-5)


def test_quaternions_become_mujocos_matrices() -> None:
    env = StackEnv()
    seen, _ = env.reset(seed=0)
    _, matrices = poses_of(env)
    quaternions = torch.from_numpy(seen["objects"][0]).unflatten(-1, (6, 7))[:3, 3:]  # type: ignore[no-untyped-call]
    assert OBJECTS.slices["red_pose"].start == 0
    torch.testing.assert_close(matrices_of(quaternions), matrices[0], atol=1e-6, rtol=0)
