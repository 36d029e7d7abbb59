"""Push features against the demonstrator's plan on the true surface."""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from helms_learning.models import push, room
from helms_learning.models.features import FRAME, own_features, seen_features
from helms_learning.models.layers import Normaliser

from helms_sim.env import Observation, StackEnv
from helms_sim.expert.demonstrator import Demonstrator
from helms_sim.expert.options import nearest
from helms_sim.expert.topple import lies_slanted, plan_push, shove
from helms_sim.expert.view import View

BLUE = 2


def found_for_blue(seen: Observation) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Return what the networks see of the push that blue needs, (17,), and the matrix to the tool's axes."""
    normaliser = Normaliser(FRAME)
    own = own_features(torch.from_numpy(seen["proprioception"][:1]), normaliser, "tool")
    values = seen_features(torch.from_numpy(seen["objects"][:1]), own, normaliser, "tool")[0].numpy()
    cosine, sine = own[0, :2].tolist()
    turned = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    return values[-room.SIZE - push.SIZE : -room.SIZE].reshape(3, -1)[BLUE], turned


def test_it_is_where_the_demonstrator_would_push() -> None:
    env = StackEnv(object_set=2)
    view = View(env)
    same = total = 0
    for seed in range(40):
        seen, _ = env.reset(seed=seed)
        for _ in range(10):
            seen, *_ = env.step(np.zeros(5))
        planned = plan_push(view.solid(BLUE), view.others(BLUE), view.pinch)
        if not lies_slanted(view.solid(BLUE)) or planned is None:
            continue
        found, turned = found_for_blue(seen)
        total += 1
        # Where two pushes cost alike a trembling object decides, and room is judged more coarsely than on surfaces.
        if found[9:11] @ turned[:2, :2] @ planned.direction < 0.99:
            continue
        same += 1
        # The demonstrator's surface is sampled every 3 mm.
        np.testing.assert_allclose(0.1 * found[:3], turned @ (planned.start - view.pinch), atol=0.003)
        assert found[11] == pytest.approx(nearest(planned.yaw, view.yaw) - view.yaw, abs=0.01)
        assert found[12] == pytest.approx(np.tanh(found[11] / room.AIM), abs=1e-5)
        assert found[13] == pytest.approx(planned.angle, abs=0.01)
    assert total > 10 and same >= 0.9 * total


def test_lane_and_slant_are_those_that_the_demonstrator_decides_by() -> None:
    env = StackEnv(object_set=2)
    view, demonstrator = View(env), Demonstrator(env)
    lanes, slants = [], []
    for seed in (9509, 9529):
        seen, _ = env.reset(seed=seed)
        demonstrator.reset(seed)
        for _ in range(180):
            found, _ = found_for_blue(seen)
            slants.append((lies_slanted(view.solid(BLUE)), found[16] > 0.5))
            if (true := shove(view, BLUE)) is not None:
                lanes.append((true[1], found[15] > 0.0))
            seen, *_ = env.step(demonstrator.act())
    for pairs in (np.array(lanes), np.array(slants)):
        assert 10 < pairs[:, 0].sum() < len(pairs) - 10
        assert (pairs[:, 0] == pairs[:, 1]).mean() > 0.97


def test_upright_padding_is_never_pushed() -> None:
    """Objects with fewer pairs of faces than others are padded with nothing; none of it may be chosen."""
    env = StackEnv(object_set=2)
    seen, _ = env.reset(seed=0)
    own = own_features(torch.from_numpy(seen["proprioception"][:1]), Normaliser(FRAME), "tool")
    values = seen_features(torch.from_numpy(seen["objects"][:1]), own, Normaliser(FRAME), "tool")[0]
    found = values[-room.SIZE - push.SIZE : -room.SIZE].reshape(3, -1)
    # A direction has length one; that of padding has none.
    np.testing.assert_allclose(np.hypot(found[:, 9], found[:, 10]), 1.0, atol=1e-2)
