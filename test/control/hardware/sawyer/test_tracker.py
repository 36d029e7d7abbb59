"""Check of object poses: sound trajectories pass, every defect is refused and holds the arm until it has passed."""

import re
from dataclasses import replace

import numpy as np
import pytest

from helms_control.hardware.sawyer.objects import Calibration, Objects
from helms_control.hardware.sawyer.tracker import CONFIRMED
from helms_control.safety.state import Mode
from helms_sim.env import StackEnv
from helms_sim.expert.demonstrator import Demonstrator
from test.control.hardware.sawyer import rig as rigs
from test.control.hardware.sawyer.rig import CONFIG, POSES, SENSES, TICKS, Array, Rig

PERIOD = 1.0 / 30.0
RESTING = POSES + np.array([0.0, 0.0, -0.0052, 0.0, 0.0, 0.0, 0.0])
"""Cubes of 50 mm on the floor."""


def play(trajectory: Array, object_set: str, period: float = PERIOD) -> list[str]:
    """Return the doubt after each of (n, 3, 7) poses."""
    objects, doubts = Objects(Calibration(), object_set), []
    for step, poses in enumerate(trajectory):
        for index, pose in enumerate(poses):
            objects.see(index, pose, "base", period * step)
        doubts.append(objects.doubt)
    return doubts


def episode(object_set: str, seed: int, drops: bool) -> Array:
    """Return (401, 3, 7) poses of an episode in which red is carried, and dropped from a height if asked for."""
    env = StackEnv(object_set=object_set)
    observation, _ = env.reset(seed=seed)
    expert, released, over = Demonstrator(env, noise=0.2), False, False
    expert.reset(seed=seed)
    found = [observation["objects"][0, :21].reshape(3, 7)]
    while not over:
        action = expert.act()
        released = released or (drops and float(found[-1][:, 2].max()) > 0.125)
        observation, _, _, over, _ = env.step(np.array([0.0, 0.0, 0.0, 0.0, -1.0]) if released else action)
        found.append(observation["objects"][0, :21].reshape(3, 7))
    return np.array(found, np.float64)


@pytest.mark.parametrize("object_set", ["1", "2", "3", "4", "5"])
def test_no_sound_trajectory_is_refused(object_set: str) -> None:
    rng = np.random.default_rng(int(object_set))
    for seed, drops in ((2, False), (3, True)):
        sound = episode(object_set, seed, drops)
        assert np.ptp(sound[..., 2], axis=0).max() > 0.03
        noisy = sound + rng.normal(size=sound.shape) * np.array([0.002] * 3 + [0.005] * 4)
        noisy[..., 3:] /= np.linalg.norm(noisy[..., 3:], axis=-1, keepdims=True)
        for trajectory in (sound, noisy):
            assert set(play(trajectory, object_set, 0.05)) == {""}
            assert set(play(trajectory, "", 0.05)) == {""}


def test_a_falling_object_is_sound_and_a_faster_one_is_not() -> None:
    times = PERIOD * np.arange(8)
    fall = np.tile(RESTING, (8, 1, 1))
    fall[:, 0, 2] = np.maximum(0.25 - 4.905 * times**2, RESTING[0, 2])
    assert set(play(fall, "")) == {""}
    assert "red jumped by" in play(fall, "", 0.3 * PERIOD)[-3:][0]


def moved(index: int, by: tuple[float, float, float]) -> Array:
    """Return the resting poses with one object moved, m."""
    poses: Array = RESTING.copy()
    poses[index, :3] += by
    return poses


DEFECTS: dict[str, tuple[Array, str]] = {
    "outside": (moved(1, (0.0, -0.35, 0.1)), r"green lies 0\.15 m outside the basket"),
    "above": (moved(2, (0.0, 0.0, 0.6)), r"blue lies 0\.23 m outside the basket"),
    "under": (moved(0, (0.0, 0.0, -0.012)), r"red lies 12 mm under the basket's floor \(shape: s0\)"),
    "jump": (moved(0, (0.0, 0.0, 0.15)), "red jumped by 150 mm within 33 ms"),
    "together": (moved(1, (-0.02, 0.08, 0.0)), "green and red are 36 mm apart, possible are 50"),
}


@pytest.mark.parametrize(("poses", "words"), DEFECTS.values(), ids=DEFECTS.keys())
def test_each_defect_is_refused_at_once_and_ends_with_it(poses: Array, words: str) -> None:
    doubts = play(np.array([*[RESTING] * 9, poses, *[RESTING] * 4]), "s0,s0,s0")
    assert set(doubts[:9]) == {""} == set(doubts[-3:])
    assert re.search(words, doubts[9])
    assert doubts[9].startswith("the tracker is wrong: ")


def test_a_refused_pose_is_not_used() -> None:
    objects = Objects(Calibration())
    for index, pose in enumerate(RESTING):
        objects.see(index, pose, "base", 1.0)
    objects.see(0, moved(0, (0.0, 0.0, 0.15))[0], "base", 1.03)
    np.testing.assert_array_equal(objects.poses, RESTING)
    assert (objects.stamps[0], objects.refused) == (1.0, 1)


@pytest.mark.parametrize(("depth", "refused", "sound"), [(0.006, 8, 2), (0.05, 0, 6)])
def test_a_constant_depth_is_refused_and_ends_with_the_mean(depth: float, refused: int, sound: int) -> None:
    """Depths of 5 to 11 mm are told from noise by the mean of ten poses."""
    doubts = play(np.array([RESTING] * 9 + [moved(0, (0.0, 0.0, -depth))] * 15 + [RESTING] * 9), "s0,s0,s0")
    assert set(doubts[: 9 + refused]) == {""} == set(doubts[24 + sound - 1 :])
    assert all(f"red lies {1e3 * depth:.0f} mm under" in doubt for doubt in doubts[9 + refused : 24])


def test_without_shapes_the_smallest_object_is_assumed() -> None:
    deep = moved(0, (0.0, 0.0, -0.0225))
    assert "12 mm under the basket's floor (shape: the smallest object)" in play(np.array([RESTING, deep]), "")[1]
    assert play(np.array([RESTING, moved(0, (0.0, 0.0, -0.012))]), "own")[1] == ""


def test_a_new_place_is_accepted_once_it_is_confirmed() -> None:
    away = moved(0, (0.0, 0.0, 0.15))
    doubts = play(np.array([RESTING, RESTING, *[away] * 8]), "s0,s0,s0")
    assert all("red jumped" in doubt for doubt in doubts[2 : 1 + CONFIRMED])
    assert set(doubts[1 + CONFIRMED :]) == {""}


def test_places_that_disagree_confirm_nothing() -> None:
    high, higher = moved(0, (0.0, 0.0, 0.15)), moved(0, (0.0, 0.0, 0.3))
    assert all("red jumped" in doubt for doubt in play(np.array([RESTING, *[high, higher] * 5]), "s0,s0,s0")[1:])


def test_two_objects_that_change_places_are_accepted() -> None:
    swapped = RESTING[[1, 0, 2]]
    assert play(np.array([*[RESTING] * 3, *[swapped] * 8]), "s0,s0,s0")[-1] == ""


@pytest.mark.parametrize("name", DEFECTS)
def test_the_arm_is_held_with_the_reason_and_goes_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig(replace(CONFIG, senses=replace(SENSES, object_set="s0,s0,s0")))
    action = rig.moving()
    rig.offer(action)
    monkeypatch.setattr(rigs, "POSES", DEFECTS[name][0])
    rig.cycle()
    monkeypatch.setattr(rigs, "POSES", POSES)
    rig.cycle(TICKS - 1)
    told = rig.loop.tick()
    assert told is not None and told[0].held.startswith("the tracker is wrong: ")
    np.testing.assert_allclose(rig.loop.senses.objects.poses, POSES)
    rig.step(action)
    assert rig.step(action)[0] == "" and rig.velocity.any()
    assert rig.loop.mode is Mode.ARMED


def test_while_a_defect_lasts_the_arm_stands_and_is_not_armed_again() -> None:
    rig = Rig()
    action = rig.moving()
    rig.silent.add("objects")
    for _ in range(6):
        rig.loop.senses.objects.see(0, DEFECTS["outside"][0][1], "base", rig.now)
        held, _ = rig.step(action)
    assert "red lies 0.15 m outside the basket" in held and not rig.velocity.any()
    assert any("red lies 0.15 m outside" in why for why in rig.loop.hindrances(rig.now))


def test_a_policy_without_object_inputs_is_not_held() -> None:
    rig = Rig(replace(CONFIG, senses=replace(SENSES, needs_objects=False)))
    rig.loop.senses.objects.see(0, DEFECTS["outside"][0][1], "base", rig.now)
    assert rig.loop.senses.objects.doubt and not rig.loop.senses.doubt()
