"""Push features against the demonstrator's plan on the true surface."""

import numpy as np
import pytest

from helms_control.features import room
from helms_sim.env import Observation, StackEnv
from helms_sim.expert.demonstrator import Demonstrator
from helms_sim.expert.options import nearest
from helms_sim.expert.topple import lies_slanted, plan_push, shove
from helms_sim.expert.view import View
from test.control.features.cell import Array, parts_of, settled

BLUE = 2


def found_for_blue(env: StackEnv, seen: Observation) -> tuple[Array, Array]:
    """Return what the networks see of the push that blue needs, (17,), and the matrix to the tool's axes."""
    parts = parts_of(env, seen)
    return parts.push.reshape(3, -1)[BLUE], parts.turned


def test_it_is_where_the_demonstrator_would_push() -> None:
    env = StackEnv(object_set=2)
    view = View(env)
    same = total = 0
    for seed in range(40):
        seen = settled(env, seed)
        planned = plan_push(view.solid(BLUE), view.others(BLUE), view.pinch)
        if not lies_slanted(view.solid(BLUE)) or planned is None:
            continue
        found, turned = found_for_blue(env, seen)
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
            found, _ = found_for_blue(env, seen)
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
    found = parts_of(env, seen).push.reshape(3, -1)
    # A direction has length one; that of padding has none.
    np.testing.assert_allclose(np.hypot(found[:, 9], found[:, 10]), 1.0, atol=1e-2)
