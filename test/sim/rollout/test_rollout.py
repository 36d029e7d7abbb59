"""The loop of an episode: what a trajectory holds, against steps by hand."""

import numpy as np
import pytest

from helms_sim.env import StackEnv
from helms_sim.rollout.actors import ExpertActor, RandomActor
from helms_sim.rollout.rollout import CUT, rollout
from helms_sim.rollout.trajectory import Trajectory

SEED = 2


@pytest.fixture(scope="module")
def whole() -> Trajectory:
    """An episode of the demonstrator, disturbed, that succeeds."""
    env = StackEnv()
    return rollout(env, ExpertActor(env, 0.2), SEED)


def test_a_trajectory_holds_what_steps_by_hand_give(whole: Trajectory) -> None:
    env = StackEnv()
    seen, info = env.reset(seed=SEED)
    assert whole.triplet == info["triplet"]
    for shape, item in zip(whole.shapes, env.episode.triplet, strict=True):
        np.testing.assert_array_equal(shape, item.vertices)
    for step, action in enumerate(whole.actions):
        np.testing.assert_array_equal(whole.proprioception[step], seen["proprioception"][0])
        np.testing.assert_array_equal(whole.objects[step], seen["objects"][0])
        seen, reward, terminated, truncated, info = env.step(action)
        assert (whole.rewards[step], whole.stages[step]) == (reward, info["stage"])
        assert whole.successes[step] == info["success"]
    assert (terminated, truncated) == (whole.terminated, whole.truncated) == (False, True)
    # One observation more than actions: what a value is bootstrapped from.
    np.testing.assert_array_equal(whole.objects[-1], seen["objects"][0])
    assert len(whole.proprioception) == len(whole) + 1 == 401
    assert whole.reason == "time"


def test_the_demonstrators_actions_are_kept_without_their_disturbance(whole: Trajectory) -> None:
    apart = np.abs(whole.expert_actions - whole.actions)
    assert apart[:, :4].mean() > 0.05
    env = StackEnv()
    plain = rollout(env, ExpertActor(env), SEED, steps=100)
    np.testing.assert_array_equal(plain.expert_actions, plain.actions)


def test_an_episode_ends_after_a_standing_success_or_when_it_is_cut(whole: Trajectory) -> None:
    env = StackEnv()
    rested = rollout(env, ExpertActor(env, 0.2), SEED, rest=8)
    assert whole.steps_to_success is not None
    assert rested.successes[-9:].all()
    assert not rested.successes[-10]
    assert (rested.terminated, rested.truncated, rested.reason) == (False, False, CUT)
    cut = rollout(env, RandomActor(env), SEED, steps=7)
    assert (len(cut), cut.truncated, cut.steps_to_success) == (7, False, None)
    np.testing.assert_array_equal(cut.expert_actions, cut.actions)


@pytest.mark.parametrize(
    ("successes", "since"),
    [([0, 0, 1, 1], 3), ([1, 0, 0, 1], 4), ([1, 1, 1, 1], 1), ([1, 1, 1, 0], None)],
)
def test_steps_to_success_count_only_the_success_that_lasts(successes: list[int], since: int | None) -> None:
    count, none = len(successes), np.zeros(0, np.float32)
    actions, rewards = np.zeros((count, 5)), np.zeros(count)
    found = Trajectory(
        seed=0,
        task="red_on_blue",
        object_set="4",
        randomisation="off",
        triplet=(),
        shapes=(),
        proprioception=none,
        objects=none,
        actions=actions,
        expert_actions=actions,
        rewards=rewards,
        stages=np.zeros(count, np.uint8),
        successes=np.array(successes, np.bool_),
        terminated=False,
        truncated=True,
        reason="time",
        drawn={},
    )
    assert found.steps_to_success == since
