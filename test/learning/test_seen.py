"""The cache of features: computed once, of each episode's own shapes and roles, and again after a change."""

import errno
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from helms_control.features.features import FEATURES, stack
from helms_control.features.geometry import pack
from helms_control.features.roles import reordered
from helms_control.spec.task import roles_of
from helms_learning.datasets.episode import DatasetError, Episode
from helms_learning.datasets.windows import Windows
from helms_learning.datasets.writer import DatasetWriter
from helms_learning.networks.normaliser import Normaliser
from helms_learning.offline import seen
from helms_learning.offline.seen import features_of
from helms_learning.policies.inputs import inputs_of
from helms_sim.objects import rgb_object
from test.learning.conftest import make_episode

TASKS = {"red_on_blue": ("r3", "s0", "b2"), "blue_on_green": ("r5", "g2", "b3"), "green_on_red": ("r3", "s0", "b2")}


def episodes() -> Iterator[Episode]:
    """Yield an episode of each task, with objects of its own and unit quaternions."""
    for seed, (task, names) in enumerate(TASKS.items()):
        episode = make_episode(seed, steps=40 + 10 * seed)
        objects, own = episode.objects.copy(), episode.proprioception.copy()
        for start in range(3, 42, 7):
            objects[:, start : start + 4] /= np.linalg.norm(objects[:, start : start + 4], axis=1, keepdims=True)
            objects[:, start - 3 : start] *= 0.1
        shapes = tuple(rgb_object(name).vertices for name in names)
        meta = replace(episode.meta, task=task, objects=names)
        yield replace(episode, objects=objects, proprioception=own, shapes=shapes, meta=meta)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Three tasks with objects and lengths of their own."""
    with DatasetWriter(tmp_path / "mixed.h5") as writer:
        for episode in episodes():
            writer.add(episode)
    return tmp_path / "mixed.h5"


@pytest.mark.parametrize("order", ["colours", "roles"])
@pytest.mark.parametrize("name", list(FEATURES))
def test_features_are_those_of_each_episodes_objects_in_their_order(
    mixed: Path, name: str, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "ROWS", 33)  # batches that begin and end within episodes
    features = FEATURES[name]
    found = features_of(Windows(mixed), features, order)
    expected = []
    for episode in episodes():
        places = roles_of(episode.meta.task) if order == "roles" else (0, 1, 2)
        shapes = pack([episode.shapes[item] for item in places])
        for own, objects in zip(episode.proprioception[:-1], episode.objects[:-1], strict=True):
            robot = features.robot(own)
            expected.append(np.concatenate([robot, features.scene(reordered(objects, places), robot, shapes)]))
    assert found.shape == (150, sum(features.frame_sizes))
    assert found.dtype == (np.float32 if features.standardised else np.float16)
    # Half precision has 11 bits; where two choices cost the same, numpy and torch may choose otherwise.
    close = np.isclose(found.astype(np.float32), np.array(expected), rtol=2e-3, atol=1e-3)
    assert close.all() if name == "raw" else close.mean() > 0.999


def test_they_are_computed_once(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = np.array(features_of(Windows(mixed), FEATURES["tool"], "roles"))

    def never(*_: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(seen, "_write", never)
    np.testing.assert_array_equal(features_of(Windows(mixed), FEATURES["tool"], "roles"), first)
    for features, order in (("tool", "colours"), ("affordances", "roles"), ("raw", "roles")):
        with pytest.raises(AssertionError, match="computed again"):
            features_of(Windows(mixed), FEATURES[features], order)


def test_features_of_another_version_or_of_a_changed_file_are_computed_anew(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = np.array(features_of(Windows(mixed), FEATURES["tool"], "colours"))
    mixed.unlink()
    with DatasetWriter(mixed) as writer:
        for episode in episodes():
            writer.add(replace(episode, objects=episode.objects[::-1].copy()))
    second = np.array(features_of(Windows(mixed), FEATURES["tool"], "colours"))
    assert (np.abs(second - first).max(1) > 0.01).any()
    monkeypatch.setattr(type(FEATURES["tool"]), "version", 99)
    size = FEATURES["tool"].frame_sizes[0]
    monkeypatch.setattr(type(FEATURES["tool"]), "robot", lambda self, own: 0.0 * own[:, :size])
    third = features_of(Windows(mixed), FEATURES["tool"], "colours")
    assert not third[:, :size].any() and second[:, :size].any()


def test_raw_features_in_the_order_of_the_stream_are_the_frames_themselves(mixed: Path) -> None:
    windows = Windows(mixed)
    assert features_of(windows, FEATURES["raw"], "colours") is windows.frames
    assert not list(windows.folder.glob("raw_*"))


def test_unknown_shapes_are_told_where_they_are_needed(tmp_path: Path) -> None:
    with DatasetWriter(tmp_path / "demos.h5") as writer:
        writer.add(make_episode(0))
        episode = make_episode(1)
        writer.add(replace(episode, shapes=(), meta=replace(episode.meta, objects=())))
    windows = Windows(tmp_path / "demos.h5")
    with pytest.raises(DatasetError, match=r"an episode does not say which objects it has; tool features need their"):
        features_of(windows, FEATURES["tool"], "colours")
    assert features_of(windows, FEATURES["raw"], "roles").shape == (120, 85)


def test_a_full_disk_is_told_and_leaves_nothing(mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    windows = Windows(mixed)
    before = sorted(windows.folder.iterdir())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("numpy.lib.format.write_array_header_1_0", full)
    with pytest.raises(DatasetError, match="No space left on device; nothing was trained, make room"):
        features_of(windows, FEATURES["tool"], "colours")
    assert sorted(windows.folder.iterdir()) == before


@pytest.mark.parametrize("name", list(FEATURES))
def test_inputs_of_windows_of_features_are_the_stacks_of_their_frames(mixed: Path, name: str) -> None:
    """Features first and windows then, or windows first: the same inputs of the networks."""
    features, ahead = FEATURES[name], 5
    windows = Windows(mixed, length=9, look_ahead=ahead)
    frames = torch.from_numpy(windows.draw(6, 0, 0).frames)
    chosen = np.searchsorted(windows._starts, np.random.default_rng([0, 0]).integers(len(windows), size=6), "right")
    windows.use(features_of(windows, features, "colours"))
    normaliser = Normaliser(features)
    if features.standardised:
        normaliser.set_statistics(*map(torch.from_numpy, windows.statistics()))
    found = inputs_of(torch.from_numpy(windows.draw(6, 0, 0).frames), features, normaliser, ahead)
    size = sum(features.frame_sizes)
    assert found.future.shape == (6, 9, ahead * size)
    shapes = torch.from_numpy(windows.shapes[chosen])
    for step in range(9):
        newest = [step + 2, step + 1, step]
        robot, scene = stack(features, frames[:, newest, :43], frames[:, newest, 43:], shapes)
        torch.testing.assert_close(found.plain[:, step], robot, rtol=2e-3, atol=1e-3)
        torch.testing.assert_close(found.robot[:, step], normaliser.robot(robot), rtol=2e-3, atol=1e-3)
        both = torch.cat([normaliser.robot(robot), normaliser.scene(scene)], -1)
        close = torch.isclose(found.all[:, step], both, rtol=2e-3, atol=1e-3)
        assert close.all() if name == "raw" else close.float().mean() > 0.998
        # What is ahead of a step is what the next steps see as their newest frame.
        following = torch.from_numpy(windows.draw(6, 0, 0).frames)[:, step + 3 : step + 3 + ahead]
        torch.testing.assert_close(found.future[:, step], normaliser.frames(following).flatten(1))
