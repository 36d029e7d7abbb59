"""The gymnasium environment: API, determinism and options."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from helms_control.errors import HelmsError
from helms_sim.cell.start import sample_objects
from helms_sim.env import StackEnv
from helms_sim.registration import environment_id
from helms_sim.scene.model import settling_model
from helms_sim.tasks import TASK_NAMES

DIGEST = """
import hashlib, numpy as np
from helms_sim.env import StackEnv
env, digest = StackEnv(randomisation="training"), hashlib.sha256()
observation, _ = env.reset(seed=5)
for action in np.random.default_rng(0).uniform(-1, 1, (30, 5)):
    for name in sorted(observation):
        digest.update(observation[name].tobytes())
    observation, *_ = env.step(action)
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def env() -> StackEnv:
    return StackEnv()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("task", ["red_on_blue", "pyramid"])
def test_gymnasium_finds_no_fault(task: str) -> None:
    made = gym.make(environment_id(task), object_set=1)
    check_env(made.unwrapped, skip_render_check=True)
    assert made.spec is not None
    assert made.spec.id == environment_id(task)


def test_every_task_is_registered() -> None:
    assert environment_id("red_on_blue") == "helms/RedOnBlue-v0"
    assert all(environment_id(task) in gym.registry for task in TASK_NAMES)


def test_an_episode_is_400_steps_and_then_needs_a_reset(env: StackEnv) -> None:
    env.reset(seed=0)
    ends = [env.step(np.zeros(5))[2:4] for _ in range(400)]
    assert ends[:-1] == [(False, False)] * 399
    assert ends[-1] == (False, True)
    with pytest.raises(HelmsError, match=r"no episode is running: call reset\(\)"):
        env.step(np.zeros(5))


def test_observations_are_three_frames_newest_first(env: StackEnv) -> None:
    first, _ = env.reset(seed=1)
    np.testing.assert_array_equal(first["proprioception"][0], first["proprioception"][2])
    second = env.step(np.array([1, 0, 0, 0, 0]))[0]
    third = env.step(np.array([1, 0, 0, 0, 0]))[0]
    np.testing.assert_array_equal(third["proprioception"][1], second["proprioception"][0])
    np.testing.assert_array_equal(third["objects"][2], first["objects"][0])


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (np.zeros(4), r"shape \(5,\)"),
        ([0, 0, float("nan"), 0, 0], "velocity_z"),
        ([0, 0, 0, float("inf"), 0], "wrist_rotation"),
    ],
)
def test_bad_actions_are_refused_and_the_episode_goes_on(env: StackEnv, action: Any, message: str) -> None:  # noqa: ANN401
    env.reset(seed=0)
    with pytest.raises(HelmsError, match=message):
        env.step(action)
    assert not env.step(np.zeros(5))[3]


def test_clipped_components_are_counted(env: StackEnv) -> None:
    env.reset(seed=0)
    assert env.step([2.0, 0, 0, 0, -3.0])[4]["clipped"] == 2
    assert env.step([0, 0, 0, 1.5, 0])[4]["clipped"] == 3


@pytest.mark.parametrize("seed", ["7", 1.5, -1, True])
def test_a_seed_is_an_integer(env: StackEnv, seed: Any) -> None:  # noqa: ANN401
    with pytest.raises(HelmsError, match="a seed must be an integer >= 0; got"):
        env.reset(seed=seed)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task": "red_on_red"}, "unknown task 'red_on_red'; choose one of: .*red_on_blue"),
        ({"object_set": 6}, "unknown object set 6; choose one of: 1, 2, 3, 4, 5"),
        ({"reward": "shaped"}, "unknown reward kind 'shaped'; choose one of: dense"),
        ({"randomisation": "some"}, "unknown randomisation 'some'; choose one of: off, training, hard"),
        ({"camera": "top"}, "unknown camera 'top'; choose one of: main"),
        ({"render_mode": "human"}, "unknown render mode 'human'; choose 'rgb_array'"),
    ],
)
def test_unknown_names_list_the_known_ones(options: dict[str, Any], message: str) -> None:
    with pytest.raises(HelmsError, match=message):
        StackEnv(**options)


def test_reset_options_change_the_episode_and_stay(env: StackEnv) -> None:
    _, info = env.reset(seed=2, options={"object_set": 3, "task": "green_on_red"})
    assert info["triplet"] == ("r6", "g3", "b5")
    _, info = env.reset(seed=2)
    assert info["triplet"] == ("r6", "g3", "b5")
    with pytest.raises(HelmsError, match="unknown reset option 'objects'; the options are: task, object_set"):
        env.reset(options={"objects": 1})
    env.reset(options={"object_set": 4, "task": "red_on_blue"})


def test_random_triplets_come_from_the_seed() -> None:
    random = StackEnv(object_set="train")
    triplets = [random.reset(seed=seed)[1]["triplet"] for seed in (0, 1, 0)]
    assert triplets[0] == triplets[2] != triplets[1]


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    digests = {
        subprocess.run([sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_divergence_ends_the_episode_with_a_reason_and_a_dump(tmp_path: Path) -> None:
    broken = StackEnv(dump_folder=str(tmp_path))
    before, _ = broken.reset(seed=0)
    for _ in range(3):
        before, *_ = broken.step(np.zeros(5))
    broken.cell.data.qvel[12] = np.nan
    observation, reward, terminated, truncated, info = broken.step(np.zeros(5))
    assert (reward, terminated, truncated) == (0.0, True, False)
    assert "the physics diverged at" in info["reason"]
    np.testing.assert_array_equal(observation["objects"], before["objects"])
    with np.load(info["dump"], allow_pickle=False) as dump:
        assert len(dump["states"]) == 4
        assert "diverged" in str(dump["reason"])
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]


def test_objects_settle_inside_the_basket() -> None:
    from helms_sim.objects import object_set

    model = settling_model(object_set(1, np.random.default_rng(0)))
    for seed in range(5):
        poses = sample_objects(model, np.random.default_rng(seed))
        assert np.all(np.abs(poses[:, :2] - [0.6, 0.0]) < 0.16)
        assert np.all((poses[:, 2] > 0.05) & (poses[:, 2] < 0.2))
