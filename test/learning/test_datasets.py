"""Dataset files: round trip, errors for damaged files, and no half-written files."""

import errno
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium as gym
import h5py
import numpy as np
import pytest
from scipy.spatial import ConvexHull

from helms_control.errors import HelmsError
from helms_control.features.geometry import pack
from helms_learning.datasets.collect import PAIRS, Collection, collect
from helms_learning.datasets.edit import describe, masks, merge, split
from helms_learning.datasets.episode import DatasetError
from helms_learning.datasets.file import Dataset
from helms_learning.datasets.windows import Windows
from helms_learning.datasets.writer import DatasetWriter, environment_of
from helms_sim.env import StackEnv
from helms_sim.expert.view import View
from helms_sim.objects import rgb_object
from helms_sim.rollout.actors import make_actor
from test.learning.conftest import make_dataset, make_episode, make_small_bundle


def test_what_was_written_is_read(dataset: Path) -> None:
    with Dataset(dataset) as opened:
        assert len(opened) == 6
        for seed, episode in enumerate(opened.episodes()):
            expected = make_episode(seed)
            assert episode.meta == expected.meta
            for name in ("proprioception", "objects", "actions", "expert_action", "rewards", "stages"):
                np.testing.assert_array_equal(getattr(episode, name), getattr(expected, name))
            for one, other in zip(episode.shapes, expected.shapes, strict=True):
                np.testing.assert_array_equal(one, other)


def test_shapes_are_those_of_the_episode_and_not_of_its_objects_names(tmp_path: Path) -> None:
    """Sizes may be drawn, and a robot may have objects of its own."""
    expected = make_episode(0)
    grown = replace(expected, shapes=tuple(1.02 * shape for shape in expected.shapes))
    with DatasetWriter(tmp_path / "demos.h5") as writer:
        writer.add(grown)
    with h5py.File(tmp_path / "demos.h5") as file:
        assert list(file["data/demo_0/shapes"]) == ["blue", "green", "red"]
    with Dataset(tmp_path / "demos.h5") as opened:
        np.testing.assert_array_equal(opened.read("demo_0").shapes[1], 1.02 * rgb_object("g3").vertices)
    np.testing.assert_allclose(Windows(tmp_path / "demos.h5").shapes[0], pack(grown.shapes), rtol=1e-6)


def test_the_layout_is_robomimics(dataset: Path) -> None:
    with h5py.File(dataset) as file:
        demo = file["data/demo_0"]
        assert (demo["obs/proprioception"].shape, demo["actions"].shape) == ((60, 43), (60, 5))
        assert demo["dones"][()].tolist() == [0] * 59 + [1]
        assert demo.attrs["num_samples"] == 60
        assert file["data"].attrs["total"] == 360
        assert {"env_name", "type", "env_kwargs"} <= json.loads(file["data"].attrs["env_args"]).keys()
        assert file["mask/valid"][()].dtype.kind == "S"
        assert demo["actions"].compression == "gzip"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"actions": np.zeros((60, 4))}, r"actions has shape \(60, 4\); wanted is \(60, 5\)"),
        ({"objects": np.full((61, 42), np.nan, np.float32)}, "objects is not finite at step 0"),
        ({"rewards": np.zeros(59)}, r"rewards has shape \(59,\)"),
    ],
)
def test_a_broken_episode_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        make_episode(0, **changes)


def test_a_dataset_with_nan_is_refused_by_name(dataset: Path) -> None:
    with h5py.File(dataset, "r+") as file:
        file["data/demo_3/obs/objects"][7, 0] = np.nan
    with pytest.raises(DatasetError, match=r"demos.h5, demo_3: episode of seed 3: objects is not finite at step 7"):
        Windows(dataset)
    assert [path.name for path in dataset.parent.iterdir()] == ["demos.h5"]


def test_a_file_that_is_no_dataset_is_told(dataset: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn.h5"
    torn.write_bytes(dataset.read_bytes()[:2000])
    with pytest.raises(DatasetError, match=r"torn.h5 is no whole dataset"):
        Dataset(torn)
    with pytest.raises(DatasetError, match="does not exist; make one with helms dataset build"):
        Dataset(tmp_path / "none.h5")
    with h5py.File(dataset, "r+") as file:
        file["data"].attrs["spec_hash"] = "0" * 64
    with pytest.raises(DatasetError, match=r"is of spec 1.0.0 \(000000000000\), but this release speaks spec 1.0.0"):
        Dataset(dataset)


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = DatasetWriter(tmp_path / "demos.h5")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DatasetError, match="No space left on device; nothing was left behind"), writer:
        writer.add(make_episode(0))
        monkeypatch.setattr(h5py.Group, "create_dataset", full)
        writer.add(make_episode(1))
    assert list(tmp_path.iterdir()) == []


def test_names_are_never_taken_twice_and_empty_files_not_written(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="exists already; choose another name"):
        DatasetWriter(dataset)
    with pytest.raises(DatasetError, match="would hold no episode"), DatasetWriter(tmp_path / "empty.h5"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["demos.h5"]


def test_merge_split_and_describe(dataset: Path, tmp_path: Path) -> None:
    other = make_dataset(tmp_path / "other.h5", episodes=4, first=6)
    merge([dataset, other], tmp_path / "all.h5", valid=0.3)
    found = describe(tmp_path / "all.h5")
    assert (found["episodes"], found["steps"], found["splits"]) == (10, 600, {"train": 7, "valid": 3})
    assert (found["whole"], found["cut_short"]) == ({"episodes": 5, "success": 1.0}, {"episodes": 5, "success": 0.0})
    assert split(dataset, 0.5, seed=1) == {"train": 3, "valid": 3}
    with Dataset(dataset) as opened:
        assert sorted(opened.masks()["train"] + opened.masks()["valid"]) == opened.names
    with pytest.raises(DatasetError, match=r"the share for validation is 1\.5"):
        masks(10, 1.5, 0)


def test_cut_episodes_are_told_apart(tmp_path: Path) -> None:
    with DatasetWriter(tmp_path / "demos.h5") as writer:
        for seed, ended in enumerate(("time", "time", "cut", "success", "cut", "")):
            writer.add(make_episode(seed, ended=ended))
    found = describe(tmp_path / "demos.h5")
    # 0 and 1 took their time, 3 ended by success; 2 and 4 were cut; nobody knows of 5, which did not succeed.
    assert found["whole"] == {"episodes": 3, "success": pytest.approx(1 / 3)}
    assert found["cut_short"] == {"episodes": 3, "success": pytest.approx(2 / 3)}


def test_the_same_episode_twice_is_refused_or_dropped(dataset: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.h5"
    copy.write_bytes(dataset.read_bytes())
    message = r"seed 0 of .*/copy.h5, demo_0 is the same as that of seed 0 of .*/demos.h5, demo_0: .* --drop-duplicates"
    with pytest.raises(DatasetError, match=message):
        merge([dataset, copy], tmp_path / "all.h5")
    assert not (tmp_path / "all.h5").exists()
    assert merge([dataset, copy], tmp_path / "all.h5", drop_duplicates=True) == 6
    assert describe(tmp_path / "all.h5")["episodes"] == 6


def test_training_refuses_a_file_with_an_episode_twice(dataset: Path) -> None:
    with h5py.File(dataset, "r+") as file:
        file.copy("data/demo_2", file["data"], "demo_6")
    with pytest.raises(DatasetError, match=r"demo_6 is the same episode as demo_2: .*helms dataset merge"):
        Windows(dataset)


def test_next_observations_are_views_of_the_same_numbers(dataset: Path) -> None:
    """Read with h5py alone, as robomimic does."""
    expected = make_episode(3)
    with h5py.File(dataset) as file:
        demo = file["data/demo_3"]
        for name in ("proprioception", "objects"):
            whole = getattr(expected, name)
            np.testing.assert_array_equal(demo[f"obs/{name}"][()], whole[:-1])
            np.testing.assert_array_equal(demo[f"next_obs/{name}"][()], whole[1:])
            np.testing.assert_array_equal(demo[f"next_obs/{name}"][-1], whole[-1])
            assert demo[f"next_obs/{name}"].is_virtual


def test_a_copied_file_and_a_demo_of_another_number_keep_their_observations(dataset: Path, tmp_path: Path) -> None:
    """The views name no file and no demo: they point neither to the original nor to the demo of that number."""
    copy = tmp_path / "copy.h5"
    copy.write_bytes(dataset.read_bytes())
    dataset.unlink()
    with h5py.File(copy) as file, h5py.File(tmp_path / "picked.h5", "w") as other:
        file.copy("observations", other)
        other.create_group("data").attrs.update(file["data"].attrs)
        for number, name in enumerate(("demo_3", "demo_0")):
            file.copy(f"data/{name}", other["data"], f"demo_{number}")
        np.testing.assert_array_equal(file["data/demo_0/next_obs/objects"][()], make_episode(0).objects[1:])
        np.testing.assert_array_equal(other["data/demo_0/next_obs/objects"][()], make_episode(3).objects[1:])
    with Dataset(tmp_path / "picked.h5") as picked:
        assert [episode.digest for episode in picked.episodes()] == [make_episode(n).digest for n in (3, 0)]


@pytest.mark.parametrize("others", [False, True])
def test_a_demo_copied_without_its_observations_is_refused(dataset: Path, tmp_path: Path, others: bool) -> None:
    with h5py.File(dataset) as file, h5py.File(tmp_path / "picked.h5", "w") as other:
        other.create_group("data").attrs.update(file["data"].attrs)
        file.copy("data/demo_3", other["data"], "demo_0")
        if others:  # the group is there, its arrays are not
            other.create_group(f"observations/{make_episode(3).digest}")
    with Dataset(tmp_path / "picked.h5") as picked, pytest.raises(DatasetError, match=r"picked\.h5, demo_0: "):
        picked.read("demo_0")


def test_numbers_that_were_changed_after_they_were_written_are_refused(dataset: Path) -> None:
    with h5py.File(dataset, "r+") as file:
        file["data/demo_2/actions"][5, 1] += 0.25
    with Dataset(dataset) as opened, pytest.raises(DatasetError, match="demo_2: its numbers are not those that were"):
        opened.read("demo_2")
    with h5py.File(dataset, "r+") as file:
        del file["data/demo_2"].attrs["digest"]
    with Dataset(dataset) as opened:
        assert opened.read("demo_2").actions[5, 1] == make_episode(2).actions[5, 1] + 0.25


def test_two_processes_do_not_write_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "demos.h5"
    with DatasetWriter(path) as first:
        first.add(make_episode(0))
        with pytest.raises(DatasetError, match=r"demos.h5 cannot be written: .* another process is writing it"):
            DatasetWriter(path)
        first.add(make_episode(1))
    assert describe(path)["episodes"] == 2


def test_a_file_that_appears_in_the_meantime_stays_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "demos.h5"
    message = r"was made by another process in the meantime; this one is .*demos_\d+.h5"
    with pytest.raises(DatasetError, match=message), DatasetWriter(path) as writer:
        writer.add(make_episode(0))
        path.write_text("of somebody else")
    assert path.read_text() == "of somebody else"
    (other,) = tmp_path.glob("demos_*.h5")
    assert describe(other)["episodes"] == 1


def test_what_a_killed_process_left_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".demos.h5.partial").write_bytes(b"half" * 100_000)
    make_dataset(tmp_path / "demos.h5", episodes=2)
    assert [path.name for path in tmp_path.iterdir()] == ["demos.h5"]
    with Dataset(tmp_path / "demos.h5") as opened:
        assert len(list(opened.episodes())) == 2


def test_files_of_format_2_are_read(dataset: Path) -> None:
    """They called expert_action intended, and had no shapes."""
    new = Windows(dataset)
    with h5py.File(dataset, "r+") as file:
        file["data"].attrs["format"] = 2
        for demo in file["data"].values():
            demo.move("expert_action", "intended")
            del demo["shapes"]
    with Dataset(dataset) as opened:
        np.testing.assert_array_equal(opened.read("demo_1").expert_action, make_episode(1).expert_action)
        for one, other in zip(opened.read("demo_1").shapes, make_episode(1).shapes, strict=True):
            np.testing.assert_array_equal(one, other)
    old = Windows(dataset)
    np.testing.assert_array_equal(old.draw(9, 0, 0).targets, new.draw(9, 0, 0).targets)
    np.testing.assert_array_equal(old.shapes, new.shapes)


@pytest.mark.parametrize("number", [0, 4])
def test_files_of_other_formats_are_refused(dataset: Path, number: int) -> None:
    with h5py.File(dataset, "r+") as file:
        assert file["data"].attrs["format"] == 3
        file["data"].attrs["format"] = number
    with pytest.raises(DatasetError, match=rf"has format {number}; this release reads 1, 2, 3"):
        Dataset(dataset)


def test_files_of_format_1_are_read(dataset: Path, tmp_path: Path) -> None:
    """They had obs alone, and did not say how an episode ended."""
    old = tmp_path / "old.h5"
    with h5py.File(dataset) as new, h5py.File(old, "w") as file:
        new.copy("data", file)
        new.copy("mask", file)
        file["data"].attrs["format"] = 1
        for name, demo in file["data"].items():
            for view in ("proprioception", "objects"):
                numbers = new[f"data/{name}/obs/{view}"][()]
                del demo[f"obs/{view}"]
                demo[f"obs/{view}"] = numbers
            demo.move("expert_action", "intended")
            del demo["next_obs"], demo["shapes"], demo.attrs["ended"], demo.attrs["digest"]
            demo.attrs["source"] = "bag"
    with Dataset(old) as opened:
        episode = opened.read("demo_1")
        assert (episode.has_last, episode.meta.ended, episode.digest) == (False, "", make_episode(1).digest)
    assert describe(old)["noise"] == {"unknown": 6}
    np.testing.assert_array_equal(Windows(old).draw(9, 0, 0).frames, Windows(dataset).draw(9, 0, 0).frames)


@pytest.mark.parametrize(
    ("tasks", "sets", "name", "kwargs"),
    [
        (["green_on_red"], ["4"], "helms/GreenOnRed-v0", {"object_set": "4", "randomisation": "off"}),
        (["pyramid"], ["1", "2"], "helms/Pyramid-v0", {"randomisation": "off"}),
        (["blue_on_red", "red_on_blue"], ["1"], "mixed", {"object_set": "1", "randomisation": "off"}),
    ],
)
def test_the_environment_is_that_of_the_episodes(
    tasks: list[str], sets: list[str], name: str, kwargs: dict[str, str]
) -> None:
    meta = make_episode(0).meta
    found = environment_of([replace(meta, task=task, object_set=of) for of in sets for task in tasks])
    assert (found["env_name"], found["env_kwargs"]) == (name, kwargs)
    assert (found["tasks"], found["object_sets"], found["randomisations"]) == (tasks, sets, ["off"])
    if name != "mixed":
        gym.make(found["env_name"], **found["env_kwargs"])


def test_windows_are_cut_where_they_should_be(dataset: Path) -> None:
    windows = Windows(dataset, length=25, look_ahead=5)
    assert (len(windows), windows.steps) == (6 * 36, 360)
    batch = windows.take([0, 35, 36, 6 * 36 - 1])
    assert batch.frames.shape == (4, 32, 85)
    assert batch.frames[:, 2, 0].tolist() == [0, 0, 1, 5]
    assert batch.frames[:, 2, 1].tolist() == [0, 35, 0, 35]
    # Before the first step its frame is repeated, behind the last one that.
    assert batch.frames[0, :4, 1].tolist() == [0, 0, 0, 1]
    assert batch.frames[3, -7:, 1].tolist() == [58, 59, 59, 59, 59, 59, 59]
    np.testing.assert_allclose(batch.targets[1, :, 4], np.arange(35, 60) / 60, rtol=1e-6)


def test_windows_know_shapes_and_roles_of_each_episode(tmp_path: Path) -> None:
    tasks = {"red_on_blue": [0, 2, 1], "blue_on_green": [2, 1, 0], "pyramid": [2, 0, 1]}
    with DatasetWriter(tmp_path / "demos.h5") as writer:
        for seed, task in enumerate(tasks):
            episode = make_episode(seed, steps=30 + seed)
            names = ("r3", "s0", "b2") if seed == 1 else episode.meta.objects
            shapes = tuple(rgb_object(name).vertices for name in names)
            writer.add(replace(episode, meta=replace(episode.meta, task=task, objects=names), shapes=shapes))
    windows = Windows(tmp_path / "demos.h5")
    assert windows.roles.tolist() == list(tasks.values())
    assert windows.lengths.tolist() == [30, 31, 32]
    for item, names in enumerate((("r2", "g3", "b6"), ("r3", "s0", "b2"), ("r2", "g3", "b6"))):
        np.testing.assert_allclose(windows.shapes[item], pack([rgb_object(name).vertices for name in names]))


def test_windows_of_other_rows_are_cut_at_the_same_steps(dataset: Path) -> None:
    windows = Windows(dataset, "valid", length=20, look_ahead=3)
    before, statistics = windows.draw(9, 0, 0), windows.statistics()
    rows = np.array(windows.frames[:, [1, 0, 0]], np.float16)
    windows.use(rows)
    after = windows.draw(9, 0, 0)
    np.testing.assert_array_equal(after.frames, before.frames[..., [1, 0, 0]])
    assert after.frames.dtype == np.float32
    np.testing.assert_array_equal(after.targets, before.targets)
    for one, other in zip(windows.statistics(), statistics, strict=True):
        np.testing.assert_allclose(one, other[[1, 0, 0]], rtol=1e-5)


def test_the_targets_are_the_ones_that_were_named(dataset: Path) -> None:
    for target in ("actions", "expert_action"):
        found = Windows(dataset, length=60, target=target).take([2]).targets[0]
        np.testing.assert_allclose(found, getattr(make_episode(2), target), atol=1e-6)


def test_windows_draw_the_same_for_the_same_seed(dataset: Path) -> None:
    windows = Windows(dataset, "train")
    one, two, other = windows.draw(8, 0, 3), windows.draw(8, 0, 3), windows.draw(8, 0, 4)
    np.testing.assert_array_equal(one.frames, two.frames)
    assert not (one.frames == other.frames).all()
    with Dataset(dataset) as opened:
        chosen = {int(name.removeprefix("demo_")) for name in opened.masks()["train"]}
    assert set(windows.draw(500, 0, 0).frames[:, 0, 0].astype(int)) == chosen


def test_statistics_are_those_of_the_chosen_episodes(dataset: Path) -> None:
    mean, deviation = Windows(dataset).statistics()
    frames = np.concatenate([np.hstack([e.proprioception, e.objects])[:-1] for e in map(make_episode, range(6))])
    np.testing.assert_allclose(mean, frames.mean(0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(deviation, frames.std(0), rtol=1e-4)


def test_windows_notice_that_the_file_changed(dataset: Path, tmp_path: Path) -> None:
    Windows(dataset)
    make_dataset(tmp_path / "new.h5", episodes=2).replace(dataset)
    assert Windows(dataset).steps == 120
    assert len(list(dataset.parent.glob(".demos.h5.*"))) == 1


def test_unpacking_removes_nothing_of_other_files(dataset: Path) -> None:
    (dataset.parent / ".demos.h5.mine.unpacked").mkdir()
    other = make_dataset(dataset.parent / "demos.h5.old.h5", episodes=2)
    kept = {Windows(other).folder.name, ".demos.h5.mine.unpacked"}
    Windows(dataset)
    assert kept < {path.name for path in dataset.parent.iterdir()}


def test_a_dataset_unpacked_by_several_at_once_is_whole(dataset: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: Windows(dataset).draw(64, 0, 0).frames, range(8)))
    for frames in found[1:]:
        np.testing.assert_array_equal(frames, found[0])
    assert len(list(dataset.parent.glob(".demos.h5.*"))) == 1


@pytest.mark.parametrize(("length", "target", "message"), [(61, "actions", "no episode of 61 steps"), (5, "x", "'x'")])
def test_impossible_windows_are_refused(dataset: Path, length: int, target: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        Windows(dataset, length=length, target=target)


def test_a_split_that_is_not_there_is_told(tmp_path: Path) -> None:
    with DatasetWriter(tmp_path / "demos.h5") as writer:
        writer.add(make_episode(0))
    with pytest.raises(DatasetError, match="has no split 'train'; make it with helms dataset split"):
        Windows(tmp_path / "demos.h5", "train")


def test_what_is_collected_is_what_the_environment_gives() -> None:
    collection = Collection(object_sets=("2", "5"), episodes=2, seed=7, noise=0.2)
    episodes = list(collect(collection, workers=1))
    assert [(e.meta.seed, e.meta.object_set) for e in episodes] == [(7, "2"), (8, "5")]
    env = StackEnv(object_set="5")
    seen, _ = env.reset(seed=8)
    driver = make_actor("expert", env, 0.2)
    driver.reset(8)
    frames, actions, done = [], [], False
    while not done:
        frames.append(seen["proprioception"])
        actions.append(driver.act(seen))
        seen, *_, done, _ = env.step(actions[-1])
    assert episodes[1].actions.tobytes() == np.array(actions).tobytes()
    # Single frames are stored; stacked again they are what the policy saw. The last one follows the last action.
    own = episodes[1].proprioception
    assert own.shape == (401, 43)
    np.testing.assert_array_equal(seen["proprioception"][0], own[400])
    assert episodes[1].meta.ended == "time"
    for step in (0, 1, 2, 399):
        np.testing.assert_array_equal(frames[step], own[[max(step - age, 0) for age in range(3)]])
    assert np.abs(episodes[1].expert_action - episodes[1].actions).mean() > 0.05


def test_an_episode_may_end_when_the_stack_has_stood_for_a_while() -> None:
    (whole,) = collect(Collection(object_sets=("4",), episodes=1, seed=3), workers=1)
    (short,) = collect(Collection(object_sets=("4",), episodes=1, seed=3, rest=5), workers=1)
    assert whole.meta.success and short.meta.success
    assert len(short) < 300 and len(whole) == 400
    assert (whole.meta.ended, short.meta.ended) == ("time", "success")
    np.testing.assert_array_equal(short.actions, whole.actions[: len(short)])


def test_an_episode_may_be_cut_short() -> None:
    (short,) = collect(Collection(object_sets=("4",), episodes=1, seed=3, steps=30), workers=1)
    assert len(short) == 30 and not short.meta.success and short.meta.ended == "cut"
    with pytest.raises(DatasetError, match="got 0 steps an episode; allowed are 1 to 400"):
        Collection(steps=0)


def steepest(episode_seed: int) -> float:
    """Return the largest upward part of a face's normal of the blue object of set 3, as an episode begins."""
    env = StackEnv(object_set="3")
    env.reset(seed=episode_seed)
    return float(ConvexHull(View(env).solid(2).vertices).equations[:, 2].max())


def test_beginnings_may_be_picked_in_which_the_lower_object_is_tilted() -> None:
    (picked,) = collect(Collection(object_sets=("3",), episodes=1, seed=9500, steps=1, tilted=True), workers=1)
    assert picked.meta.seed > 9500
    assert [steepest(seed) < np.cos(0.25) for seed in range(9500, picked.meta.seed + 1)] == [
        *[False] * (picked.meta.seed - 9500),
        True,
    ]


def test_a_set_without_tilted_beginnings_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("helms_learning.datasets.collect.TRIES", 1)
    with pytest.raises(DatasetError, match="none of 1 beginnings of red_on_blue has a tilted object"):
        list(collect(Collection(object_sets=("3",), episodes=1, seed=9500, steps=1, tilted=True), workers=1))


def test_all_pairs_take_turns_and_bad_names_are_refused() -> None:
    jobs = list(Collection("all_pairs", ("1", "2"), episodes=14).jobs())
    assert [task for task, _, _ in jobs[:4]] == [PAIRS[0], PAIRS[0], PAIRS[1], PAIRS[1]]
    assert {task for task, _, _ in jobs} == set(PAIRS)
    assert len(PAIRS) == 6
    with pytest.raises(HelmsError, match="unknown task 'fly'"):
        Collection("fly")
    with pytest.raises(HelmsError, match="unknown object set '9'"):
        Collection(object_sets=("9",))
    with pytest.raises(DatasetError, match="got 0 episodes"):
        Collection(episodes=0)
    assert Collection().actor == "expert"


@pytest.mark.parametrize("beta", [-0.1, 1.1])
def test_a_share_that_is_none_is_refused(beta: float) -> None:
    with pytest.raises(DatasetError, match=rf"beta {beta}; allowed are 1 or more, 0 or more, 0 to 1, and 0 to 1"):
        Collection(beta=beta)


def test_a_collection_beside_a_policy_names_both(tmp_path: Path) -> None:
    """With beta 1 the demonstrator drives every step; with 0 the policy does, and the demonstrator is recorded."""
    bundle = make_small_bundle(tmp_path / "tiny")
    shown, learned = (
        next(collect(Collection(episodes=1, object_sets=("4",), steps=30, policy=str(bundle), beta=beta), workers=1))
        for beta in (1.0, 0.0)
    )
    (alone,) = collect(Collection(episodes=1, object_sets=("4",), steps=30), workers=1)
    assert (shown.meta.driver, alone.meta.driver) == ("expert and tiny", "expert")
    np.testing.assert_array_equal(shown.actions, alone.actions)
    # The first observation is the same: so is what the demonstrator would do.
    np.testing.assert_array_equal(learned.expert_action[0], alone.expert_action[0])
    assert np.abs(learned.actions - learned.expert_action).max(1).min() > 0.01
    np.testing.assert_array_equal(shown.expert_action, shown.actions)
