"""`helms dataset build` from whole and damaged bags; training on damaged data; full disks."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from click.testing import CliRunner, Result
from safetensors.torch import save_file

from helms_control.bags import BagWriter
from helms_control.cli import GROUP, build_root
from helms_control.errors import HelmsError
from helms_learning.datasets.file import Dataset
from helms_learning.datasets.windows import Windows
from helms_learning.offline import checkpoint
from helms_learning.offline.checkpoint import newest
from helms_learning.offline.config import load_config, with_dataset
from helms_learning.offline.run import begin
from helms_learning.offline.trainer import Trainer
from test.control.bags.messages import STEP_NS, event, observe, write
from test.learning.conftest import make_dataset

STEPS = 30


def helms(*words: str) -> Result:
    return CliRunner().invoke(build_root(metadata.entry_points(group=GROUP)), words)


def act(writer: BagWriter, number: int, step: int, at: int) -> None:
    action = np.full(5, step / STEPS)
    write(
        writer,
        "/action",
        "Action",
        at,
        episode=number,
        step=step,
        spec_hash="",
        action=action,
        expert_action=np.zeros(0) if step % 2 else action / 2,
    )
    told: dict[str, Any] = {"velocity": np.zeros(5), "missed": 0, "refused": 0, "clipped": 0}
    write(
        writer, "/commanded", "Commanded", at + 1, episode=number, step=step, held="late" if step == 3 else "", **told
    )
    told = {"success": False, "last": step == STEPS - 1, "reason": ""}
    write(
        writer, "/progress", "Progress", at + 2, episode=number, step=step + 1, reward=0.5, stage=1 + step % 3, **told
    )


def record(folder: Path, skip: int = -1, end: int = 2, short: bool = False, **spec: Any) -> Path:  # noqa: ANN401
    """Write a bag; `end` 3 aborts the episodes, `skip` leaves out an observation, `short` observes too few numbers."""
    writer = BagWriter(folder)
    changes = {"objects": np.zeros(125, np.float32)} if short else {}
    for number in (1, 2):
        at = number * 10**10
        event(writer, number, 1, at, **spec)
        for step in range(STEPS):
            if step != skip:
                observe(writer, number, step, at + step * STEP_NS, **changes)
            act(writer, number, step, at + step * STEP_NS + 10)
        event(writer, number, end, at + STEPS * STEP_NS + 1, STEPS, **spec)
        writer.episode_finished()
    return writer.close()


def test_a_dataset_holds_what_the_bag_tells(tmp_path: Path) -> None:
    bag = record(tmp_path / "bag")
    done = helms("dataset", "build", str(bag), "-o", str(tmp_path / "demos.h5"), "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["steps"], told["noise"]) == (2 * STEPS, {"unknown": 2})
    with Dataset(tmp_path / "demos.h5") as dataset:
        first, second = dataset.episodes()
    assert (first.meta.seed, second.meta.seed, first.meta.source) == (11, 12, "bag")
    expected = np.arange(STEPS) / STEPS
    # The arm was held at step 3; where nothing was expert_action apart, the action was.
    expected[3] = 0.0
    np.testing.assert_array_equal(first.actions, np.repeat(expected[:, None], 5, 1))
    np.testing.assert_array_equal(first.expert_action[:, 0], np.where(np.arange(STEPS) % 2, expected, expected / 2))
    np.testing.assert_array_equal(first.stages, 1 + np.arange(STEPS) % 3)
    seen = np.random.default_rng([1, 4]).normal(size=129).astype(np.float32)
    np.testing.assert_array_equal(first.proprioception[4], seen[:43])


def test_a_single_file_is_built_from_and_the_same_recording_twice_is_refused(tmp_path: Path) -> None:
    bag = record(tmp_path / "bag")
    alone = tmp_path / "run.mcap"
    alone.write_bytes((bag / "bag_0.mcap").read_bytes())
    build = ("dataset", "build", str(alone), str(bag), "-o", str(tmp_path / "demos.h5"))
    done = helms(*build)
    assert done.exit_code == 1
    assert f"the episode of seed 11 of {bag} is the same as that of seed 11 of {alone}" in done.stderr
    done = helms(*build, "--drop-duplicates", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout.splitlines()[-1])["episodes"] == 2
    assert "left out 2 episodes that were there already" in done.stderr


def truncate(bag: Path) -> None:
    content = (bag / "bag_0.mcap").read_bytes()
    (bag / "bag_0.mcap").write_bytes(content[: len(content) // 2])


def tear(bag: Path) -> None:
    content = bytearray((bag / "bag_0.mcap").read_bytes())
    content[len(content) // 3 : len(content) // 3 + 200] = bytes(200)
    (bag / "bag_0.mcap").write_bytes(content)


def nothing(_: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("changes", "break_it", "message"),
    [
        ({"end": 3}, nothing, "bag holds no episode that ran to its end; look at it with helms bag info"),
        (
            {"spec_version": "0.9.0", "spec_hash": "0" * 64},
            nothing,
            "episode 1 is of spec 000000000000, but this release speaks spec 1.0.0",
        ),
        ({"skip": 7}, nothing, "episode 1 lacks what was seen at 1 steps, the first is 7; leave it out"),
        ({"short": True}, nothing, "an observation has 125 numbers; the contract wants 126"),
        ({}, truncate, "run `helms bag check"),
        ({}, tear, "run `helms bag check"),
        ({}, lambda bag: (bag / "metadata.yaml").unlink(), "is no bag: it has no metadata.yaml"),
        ({}, lambda bag: (bag / "bag_0.mcap").unlink(), "cannot be read"),
    ],
    ids=["no episode", "another spec", "a gap", "too few numbers", "truncated", "torn", "no metadata", "no file"],
)
def test_a_bag_that_is_not_whole_gives_one_error_and_no_file(
    tmp_path: Path, changes: dict[str, Any], break_it: Callable[[Path], object], message: str
) -> None:
    bag = record(tmp_path / "bag", **changes)
    break_it(bag)
    whole = record(tmp_path / "whole")
    done = helms("dataset", "build", str(whole), str(bag), "-o", str(tmp_path / "demos.h5"))
    assert done.exit_code == 1
    assert message in done.stderr.splitlines()[-1]
    assert done.stderr.count("error:") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bag", "whole"]


def test_training_on_what_is_broken_gives_one_error(dataset: Path, tmp_path: Path) -> None:
    train = ("train", "offline", "--config", "smoke", "--device", "cpu", "--out", str(tmp_path / "run"), "--dataset")
    done = helms(*train, str(dataset), "--set", "length=61")
    assert done.exit_code == 1
    assert "has no episode of 61 steps or more to make windows of" in done.stderr
    with h5py.File(dataset, "r+") as file:
        file["data/demo_2/actions"][5, 1] = np.inf
    done = helms(*train[:-3], "--out", str(tmp_path / "other"), "--dataset", str(dataset))
    assert done.exit_code == 1
    assert "demos.h5, demo_2: episode of seed 2: actions is not finite at step 5" in done.stderr


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("actions", np.zeros((60, 4)), r"demo_1: episode of seed 1: actions has shape \(60, 4\); wanted is \(60, 5\)"),
        ("obs/objects", np.zeros((59, 42)), r"demo_1: .* has shape \(60, 42\); wanted is \(61, 42\)"),
        ("stages", None, "demo_1: .*stages"),
    ],
)
def test_a_file_with_wrong_shapes_is_refused_by_name(dataset: Path, path: str, value: Any, message: str) -> None:  # noqa: ANN401
    with h5py.File(dataset, "r+") as file:
        del file[f"data/demo_1/{path}"]
        if value is not None:
            file[f"data/demo_1/{path}"] = value
    with pytest.raises(HelmsError, match=message):
        Windows(dataset)
    assert [found.name for found in dataset.parent.iterdir()] == ["demos.h5"]


def test_a_run_without_checkpoint_is_told(dataset: Path, tmp_path: Path) -> None:
    begin(tmp_path / "run", with_dataset(load_config("smoke"), str(dataset)), "test", torch.device("cpu"))
    done = helms("export", str(tmp_path / "run"), "-o", str(tmp_path / "policy"))
    assert done.exit_code == 1
    assert "holds no checkpoint; train it first: helms train offline --help" in done.stderr
    assert not (tmp_path / "policy").exists()


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def limited(size: int, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that may write files of `size` bytes at most: as on a full disk, but for the error's number."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    code = f"{limit}; from helms_control.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("size", [1000, 50_000, 150_000])
def test_a_full_disk_while_writing_a_dataset_is_told_and_leaves_nothing(
    dataset: Path, tmp_path: Path, size: int
) -> None:
    before = dataset.read_bytes()
    assert len(before) > size
    for words in (("merge", str(dataset), "-o", str(tmp_path / "all.h5")), ("split", str(dataset))):
        done = limited(size, "dataset", *words)
        assert done.returncode == 1
        assert done.stderr.startswith("error: ")
        assert done.stderr.endswith("cannot be written: [Errno 27] File too large; nothing was left behind\n")
        assert [path.name for path in tmp_path.iterdir()] == ["demos.h5"]
    assert dataset.read_bytes() == before


@pytest.mark.parametrize("size", [100, 100_000])
def test_a_full_disk_while_unpacking_is_told_and_leaves_only_the_dataset(dataset: Path, size: int) -> None:
    run = dataset.parent / "run"
    done = limited(
        size, "train", "offline", "--config", "smoke", "--dataset", str(dataset), "--out", str(run), "--device", "cpu"
    )
    assert done.returncode == 1
    assert "cannot be " in done.stderr.splitlines()[-1]
    assert "File too large" in done.stderr.splitlines()[-1]
    assert {path.name for path in dataset.parent.iterdir()} <= {"demos.h5", "run"}


def test_notes_that_cannot_be_written_end_the_run_with_one_error(dataset: Path, tmp_path: Path) -> None:
    config = with_dataset(load_config("smoke", ["policy.width=16", "batch=4", "steps=5"]), str(dataset))
    begin(tmp_path / "run", config, "test", torch.device("cpu"))
    (tmp_path / "run" / "metrics.jsonl").symlink_to("/dev/full")
    with pytest.raises(HelmsError, match=r"run cannot be written to: .*No space left on device; the last checkpoint"):
        Trainer(tmp_path / "run", config, "cpu").run()


def test_a_full_disk_during_a_checkpoint_keeps_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = with_dataset(
        load_config("smoke", ["policy.width=16", "batch=4", "steps=20", "save_every=10"]),
        str(make_dataset(tmp_path / "demos.h5")),
    )
    begin(tmp_path / "run", config, "test", torch.device("cpu"))
    trainer = Trainer(tmp_path / "run", config, "cpu")

    def half(tensors: Any, path: Path, notes: dict[str, str]) -> None:  # noqa: ANN401
        if trainer.step < 20:
            save_file(tensors, path, notes)
            return
        path.write_bytes(b"half")
        full()

    monkeypatch.setattr(checkpoint, "save_file", half)
    with pytest.raises(HelmsError, match="No space left on device; the run can be resumed once there is room"):
        trainer.run()
    assert [path.name for path in (tmp_path / "run" / "checkpoints").iterdir()] == ["step_0000010.safetensors"]
    monkeypatch.undo()
    resumed = Trainer(tmp_path / "run", config, "cpu")
    assert resumed.step == 10
    resumed.run()
    assert newest(tmp_path / "run").name == "step_0000020.safetensors"
