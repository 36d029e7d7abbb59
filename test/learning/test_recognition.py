"""Objects are recognised by what would touch the floor; their outlines are those of the published shapes."""

import numpy as np
import pytest
import torch

from helms_control.spec import OBJECTS
from helms_learning.models.features import matrices_of
from helms_learning.models.recognition import DIRECTIONS, SIZE, Recognition
from helms_sim.env import StackEnv
from helms_sim.objects import TRIPLETS, rgb_object

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
        part = found[5 + item * (2 * DIRECTIONS + 5) :]
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


def test_quaternions_become_mujocos_matrices() -> None:
    env = StackEnv()
    seen, _ = env.reset(seed=0)
    _, matrices = poses_of(env)
    quaternions = torch.from_numpy(seen["objects"][0]).unflatten(-1, (6, 7))[:3, 3:]  # type: ignore[no-untyped-call]
    assert OBJECTS.slices["red_pose"].start == 0
    torch.testing.assert_close(matrices_of(quaternions), matrices[0], atol=1e-6, rtol=0)
