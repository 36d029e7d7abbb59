"""The vector environment: same episodes for any number of workers, and no leftover processes."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from helms_control.errors import HelmsError
from helms_sim.env import StackEnv
from helms_sim.vector import VectorStackEnv
from helms_sim.vector.env import WorkerError


@pytest.fixture(scope="module")
def three() -> Iterator[VectorStackEnv]:
    env = VectorStackEnv(3, workers=2, randomisation="training")
    yield env
    env.close()


def test_rows_are_the_plain_environments_byte_for_byte(three: VectorStackEnv) -> None:
    actions = np.random.default_rng(0).uniform(-1, 1, (10, 3, 5))
    observations, infos = three.reset(seed=40)
    plain = [StackEnv(randomisation="training") for _ in range(3)]
    first = [env.reset(seed=40 + row) for row, env in enumerate(plain)]
    assert infos["triplet"][1] == first[1][1]["triplet"]
    np.testing.assert_array_equal(observations["objects"][2], first[2][0]["objects"])
    for action in actions:
        observations, rewards, _, _, infos = three.step(action)
        for row, env in enumerate(plain):
            observation, reward, _, _, info = env.step(action[row])
            np.testing.assert_array_equal(observations["proprioception"][row], observation["proprioception"])
            np.testing.assert_array_equal(observations["objects"][row], observation["objects"])
            assert (rewards[row], infos["stage"][row]) == (reward, info["stage"])


def test_an_ended_episode_begins_anew_in_the_same_step(three: VectorStackEnv) -> None:
    three.reset(seed=0)
    for _ in range(399):
        _, _, _, truncated, infos = three.step(np.zeros((3, 5)))
        assert "final_obs" not in infos
    assert not truncated.any()
    observations, _, _, truncated, infos = three.step(np.zeros((3, 5)))
    assert truncated.all()
    assert infos["final_obs"][0]["objects"].shape == (3, 42)
    assert not np.array_equal(infos["final_obs"][0]["objects"], observations["objects"][0])


@pytest.mark.parametrize(
    ("actions", "message"),
    [(np.zeros((2, 5)), r"shape \(3, 5\); got \(2, 5\)"), (np.full((3, 5), np.nan), "component 0 of action 0 is nan")],
)
def test_bad_actions_are_refused_before_any_cell_moves(
    three: VectorStackEnv, actions: np.typing.NDArray[np.float64], message: str
) -> None:
    three.reset(seed=0)
    with pytest.raises(HelmsError, match=message):
        three.step(actions)


def test_numbers_and_names_are_checked_before_a_process_starts() -> None:
    with pytest.raises(HelmsError, match="at least 1 cell and 1 worker; got 0"):
        VectorStackEnv(0)
    with pytest.raises(HelmsError, match="unknown task"):
        VectorStackEnv(2, task="juggle")


def test_seeds_must_match_the_cells(three: VectorStackEnv) -> None:
    with pytest.raises(HelmsError, match="3 cells need 3 seeds; got 2"):
        three.reset(seed=[1, 2])


def test_a_killed_worker_is_reported_and_nothing_stays_behind() -> None:
    before = set(Path("/dev/shm").glob("psm_*"))
    env = VectorStackEnv(2, workers=2)
    processes = list(env._processes)
    env.reset(seed=0)
    os.kill(processes[0].pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match=r"worker 0 of 2 failed; all are closed\. It said: the process died"):
        env.step(np.zeros((2, 5)))
    assert all(not process.is_alive() for process in processes)
    assert set(Path("/dev/shm").glob("psm_*")) <= before
    env.close()
    with pytest.raises(HelmsError, match="this vector environment is closed"):
        env.step(np.zeros((2, 5)))
