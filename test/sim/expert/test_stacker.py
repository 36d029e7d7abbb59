"""The demonstrator's feedback law takes over from any state that another driver leaves."""

import numpy as np
import pytest

from helms_sim.env import StackEnv
from helms_sim.expert.demonstrator import Demonstrator
from helms_sim.expert.options import nearest
from helms_sim.expert.placement import is_level
from helms_sim.expert.topple import lies_slanted
from helms_sim.expert.view import View
from helms_sim.rollout.actors import ExpertActor, RandomActor
from helms_sim.rollout.dagger import DaggerActor


def handed_over(object_set: int, seed: int, after: int, fingers: float, steps: int = 400) -> tuple[StackEnv, bool]:
    """Let a demonstrator start, let the arm be jerked about for ten steps, and let another one go on."""
    env = StackEnv(object_set=object_set)
    env.reset(seed=seed)
    first = Demonstrator(env)
    first.reset(seed)
    for _ in range(after):
        env.step(first.act())
    rng = np.random.default_rng(seed)
    jerk = rng.uniform(-1.0, 1.0, 5)
    jerk[4] = fingers
    for _ in range(10):
        env.step(jerk)
    second = Demonstrator(env)
    second.reset(seed)
    info = {"success": False}
    for _ in range(steps - 10 - after):
        *_, info = env.step(second.act())
    return env, bool(info["success"])


@pytest.mark.parametrize(("after", "fingers"), [(40, 1.0), (100, -1.0), (120, 1.0)])
def test_another_one_takes_over_in_the_middle(after: int, fingers: float) -> None:
    # On the way to the object with closing fingers; while lifting it, let go; while carrying it, held on to.
    assert sum(handed_over(4, seed, after, fingers)[1] for seed in (3000, 3001, 3002)) >= 2


def test_it_keeps_its_hands_off_a_finished_stack() -> None:
    env, success = handed_over(4, 3000, 5, -1.0, steps=300)
    assert success
    red = env.cell.data.xpos[env.cell.names.objects[0]].copy()
    again = Demonstrator(env)
    again.reset(0)
    for _ in range(100):
        env.step(again.act())
    np.testing.assert_allclose(env.cell.data.xpos[env.cell.names.objects[0]], red, atol=1e-3)


@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_whoever_drives_the_demonstrator_says_what_it_would_do(beta: float) -> None:
    env = StackEnv()
    seen, _ = env.reset(seed=1)
    taught, alone, policy = DaggerActor(env, RandomActor(env), beta), ExpertActor(env), RandomActor(env)
    for driver in (taught, alone, policy):
        driver.reset(1)
    for _ in range(30):
        action, shown, drawn = taught.act(seen), alone.act(seen), policy.act(seen)
        np.testing.assert_array_equal(taught.expert_action, shown)
        np.testing.assert_array_equal(action, shown if beta else drawn)
        seen, *_ = env.step(action)


def test_they_take_turns() -> None:
    env = StackEnv()
    seen, _ = env.reset(seed=1)
    taught = DaggerActor(env, RandomActor(env), 0.5)
    taught.reset(1)
    drives = []
    for _ in range(400):
        action = taught.act(seen)
        drives.append(not np.array_equal(action, taught.expert_action))
        seen, *_ = env.step(action)
    changes = np.count_nonzero(np.diff(drives))
    assert 0.1 < np.mean(drives) < 0.9
    # 400 steps, a draw in 50, half of which change nothing.
    assert 1 <= changes <= 16


@pytest.mark.parametrize("seed", [7004, 7011])
def test_a_slanted_lower_object_is_pushed_over_whoever_begins(seed: int) -> None:
    env = StackEnv(object_set=2)
    env.reset(seed=seed)
    blue = View(env).solid(2)
    assert lies_slanted(blue) and not is_level(blue)
    first = Demonstrator(env)
    first.reset(0)
    for _ in range(60):
        env.step(first.act())
    # Another one takes over on the way to the push, or in it.
    second = Demonstrator(env)
    second.reset(0)
    for _ in range(340):
        *_, info = env.step(second.act())
    assert is_level(View(env).solid(2))
    assert info["success"]


@pytest.mark.parametrize(
    ("grasp", "now", "expected"),
    [(1.52, -1.5, -np.pi + 1.52), (0.3, -1.2, 0.3), (1.2, -1.5, 1.2), (-1.57, 1.6, np.pi - 1.57)],
)
def test_a_grasp_may_be_taken_half_a_turn_away_where_the_wrist_allows(
    grasp: float, now: float, expected: float
) -> None:
    assert nearest(grasp, now) == pytest.approx(expected)
