"""Training on small data: the loss falls, resuming gives the same numbers, invalid input is refused."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from click.testing import CliRunner
from safetensors.torch import load_file

from helms_control.cli import GROUP, build_root
from helms_control.errors import HelmsError
from helms_control.features.features import FEATURES, fingerprint
from helms_control.policy import load_bundle, read_manifest
from helms_learning.datasets.edit import masks
from helms_learning.datasets.windows import Windows
from helms_learning.datasets.writer import DatasetWriter
from helms_learning.export import _manifest_values, export_run
from helms_learning.offline import run
from helms_learning.offline.checkpoint import newest
from helms_learning.offline.config import TrainConfig, from_mapping, load_config, presets, to_mapping, with_dataset
from helms_learning.offline.run import begin, load_policy, read_provenance
from helms_learning.offline.seen import features_of
from helms_learning.offline.trainer import Trainer
from helms_learning.policies.inputs import inputs_of
from test.learning.conftest import make_dataset, make_episode, make_small_bundle
from test.learning.test_building import helms

SMALL = ["policy.width=16", "policy.latent=3", "policy.skills=2", "batch=8", "steps=60", "save_every=20"]


def small(dataset: Path, changes: Sequence[str] = ()) -> TrainConfig:
    return with_dataset(load_config("smoke", [*SMALL, *changes]), str(dataset))


def train(folder: Path, config: TrainConfig) -> Trainer:
    begin(folder, config, "test", torch.device("cpu"))
    trainer = Trainer(folder, config, "cpu")
    trainer.run()
    return trainer


@pytest.mark.parametrize(
    "changes",
    [
        [],
        ["policy.features=raw", "policy.order=colours"],
        ["policy.features=tool", "policy.input_dropout=0.1", "weights.mutual_information=1.0"],
        ["policy.kind=npmp", "policy.skills=1"],
        ["policy.kind=npmp", "policy.skills=1", "policy.autoregression=0.9"],
        ["policy.kind=clone", "policy.skills=1"],
    ],
    ids=["helms", "raw", "dropout", "npmp", "npmp with AR(1)", "clone"],
)
def test_every_policy_learns(dataset: Path, tmp_path: Path, changes: list[str]) -> None:
    config = small(dataset, [*changes, "steps=300", "learning_rate=0.003"])
    begin(tmp_path / "run", config, "test", torch.device("cpu"))
    trainer = Trainer(tmp_path / "run", config, "cpu")
    # All windows, with mean latents: nothing is drawn, so what is compared does not depend on luck.
    windows = Windows(dataset, "train", config.length, config.policy.look_ahead, config.target)
    windows.use(features_of(windows, trainer.policy.features, config.policy.order))
    frames, targets = (torch.from_numpy(part) for part in windows.take(range(len(windows))))
    inputs = inputs_of(frames, trainer.policy.features, trainer.policy.normaliser, config.policy.look_ahead)
    with torch.no_grad():
        before = trainer.policy.loss(inputs, targets, config.weights, None).terms
    trainer.run()
    with torch.no_grad():
        after = trainer.policy.loss(inputs, targets, config.weights, None).terms
    assert after["reconstruction"] > before["reconstruction"] + 0.5
    assert trainer.step == 300


def test_an_interrupted_run_goes_on_with_the_same_numbers(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(dataset)
    whole = train(tmp_path / "whole", config)
    begin(tmp_path / "cut", config, "test", torch.device("cpu"))
    cut = Trainer(tmp_path / "cut", config, "cpu")
    improve = cut.improve

    def interrupted() -> Any:  # noqa: ANN401
        if cut.step == 33:
            raise KeyboardInterrupt
        return improve()

    monkeypatch.setattr(cut, "improve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cut.run()
    resumed = Trainer(tmp_path / "cut", config, "cpu")
    assert resumed.step == 20
    resumed.run()
    for one, other in zip(whole.policy.parameters(), resumed.policy.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_run_says_where_it_comes_from(dataset: Path, tmp_path: Path) -> None:
    train(tmp_path / "run", small(dataset))
    assert {"command", "git", "spec", "torch", "device"} <= read_provenance(tmp_path / "run").keys()
    assert newest(tmp_path / "run").name == "step_0000060.safetensors"
    assert len(list((tmp_path / "run" / "checkpoints").iterdir())) == 2
    policy, config, step = load_policy(tmp_path / "run")
    assert (config, step) == (small(dataset), 60)
    weights = load_file(newest(tmp_path / "run"))
    assert torch.equal(weights["policy.high.network.head.bias"], policy.state_dict()["high.network.head.bias"])
    with pytest.raises(HelmsError, match="holds a run already; resume it with --resume"):
        begin(tmp_path / "run", config, "test", torch.device("cpu"))


def test_a_run_records_the_device_it_trains_on_and_its_data(dataset: Path, tmp_path: Path) -> None:
    begin(tmp_path / "run", small(dataset), "test", torch.device("cuda:3"))
    found = read_provenance(tmp_path / "run")
    assert found["device"] == "cuda:3"
    assert (found["data"]["dataset"], found["data"]["episodes"]) == ("demos.h5", 6)
    assert {group["object_set"] for group in found["data"]["groups"]} == {"1", "2", "3", "4", "5"}
    known = FEATURES["affordances"]
    assert found["features"] == {"name": "affordances", "version": known.version, "hash": fingerprint(known)}


def test_a_run_of_another_version_of_its_features_is_refused(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    train(folder, small(dataset))
    version = FEATURES["affordances"].version
    monkeypatch.setattr(type(FEATURES["affordances"]), "version", version + 1)
    message = f"began with features affordances {version}, but this release has affordances {version + 1}; train it"
    for use in (load_policy, lambda run_folder: run.resume(run_folder, "again", torch.device("cpu"))):
        with pytest.raises(HelmsError, match=message):
            use(folder)
    with pytest.raises(HelmsError, match=message):
        export_run(folder, tmp_path / "policy")


def test_a_continuation_is_recorded_and_another_dataset_is_refused(dataset: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    begin(folder, small(dataset), "first", torch.device("cpu"))
    run.resume(folder, "second", torch.device("cuda:1"))
    Trainer(folder, small(dataset), "cpu").run()
    run.resume(folder, "third", torch.device("cpu"))  # it is finished: nothing goes on
    found = read_provenance(folder)
    assert (found["command"], found["device"]) == ("first", "cpu")
    assert [(each["step"], each["command"], each["device"]) for each in found["resumed"]] == [(0, "second", "cuda:1")]
    assert _manifest_values(folder, small(dataset), 60)["training"]["resumed"] == found["resumed"]
    make_dataset(tmp_path / "new.h5", first=6).replace(dataset)
    with pytest.raises(HelmsError, match=r"is not the dataset that .*run began with \(digest \w+ then, \w+ now\); put"):
        run.resume(folder, "fourth", torch.device("cpu"))


def test_a_folder_with_what_another_run_left_is_refused(dataset: Path, tmp_path: Path) -> None:
    train(tmp_path / "run", small(dataset))
    (tmp_path / "run" / "config.yaml").unlink()
    with pytest.raises(HelmsError, match=r"run holds a run without its config.yaml; choose another folder"):
        begin(tmp_path / "run", small(dataset), "test", torch.device("cpu"))


def test_checkpoints_of_other_names_are_neither_used_nor_removed(dataset: Path, tmp_path: Path) -> None:
    best = tmp_path / "run" / "checkpoints" / "step_best.safetensors"
    begin(tmp_path / "run", small(dataset), "test", torch.device("cpu"))
    best.parent.mkdir()
    best.write_bytes(b"mine")
    Trainer(tmp_path / "run", small(dataset), "cpu").run()
    assert newest(tmp_path / "run").name == "step_0000060.safetensors"
    assert best.read_bytes() == b"mine"


def test_the_commit_is_that_of_the_repository_that_tracks_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed into another repository, as a virtual environment often is, that one's commit says nothing."""
    ours = run._git_state()
    tracked = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=Path(run.__file__).parent, capture_output=True, text=True, check=True
    )
    assert ours["git"] == tracked.stdout.strip()
    other = tmp_path / "venv" / "run.py"
    other.parent.mkdir()
    other.touch()
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "other"], cwd=tmp_path, check=True)
    monkeypatch.setattr(run, "__file__", str(other))
    assert run._git_state() == {"git": "unknown", "git_changed": "unknown"}
    monkeypatch.undo()
    git_of = run._git
    monkeypatch.setattr(run, "_git", lambda *words: None if words[0] == "status" else git_of(*words))
    assert run._git_state() == {"git": ours["git"], "git_changed": "unknown"}


def test_an_export_says_unknown_where_the_run_did_not_record_its_data(dataset: Path, tmp_path: Path) -> None:
    train(tmp_path / "run", small(dataset))
    path = tmp_path / "run" / "provenance.yaml"
    told = yaml.safe_load(path.read_text())
    del told["data"]
    path.write_text(yaml.safe_dump(told))
    manifest = read_manifest(export_run(tmp_path / "run", tmp_path / "policy") / "manifest.yaml")
    assert (manifest.tasks, manifest.object_sets) == (("unknown",), ("unknown",))
    assert manifest.training["data"] == {"dataset": "demos.h5"}
    done = helms("export", str(tmp_path / "run"), "-o", str(tmp_path / "other"), "--measure", "1")
    assert done.exit_code == 1
    assert "the run did not record its tasks ['unknown'] and object sets ['unknown']; name them" in done.stderr


def test_an_export_names_every_task_of_its_data(tmp_path: Path) -> None:
    with DatasetWriter(tmp_path / "demos.h5") as writer:
        for seed, task in enumerate(("red_on_blue", "blue_on_red", "red_on_blue", "red_on_blue")):
            episode = make_episode(seed)
            writer.add(replace(episode, meta=replace(episode.meta, task=task, object_set="4")))
        writer.split(masks(4, 0.3, 0))
    train(tmp_path / "run", small(tmp_path / "demos.h5"))
    done = helms("export", str(tmp_path / "run"), "-o", str(tmp_path / "policy"), "--measure", "1", "--json")
    manifest = load_bundle(tmp_path / "policy").manifest
    assert (manifest.tasks, manifest.object_sets) == (("blue_on_red", "red_on_blue"), ("4",))
    told = json.loads(done.stdout.splitlines()[-1])
    assert [(each["task"], each["object_set"], each["episodes"]) for each in told["success"]] == [
        ("blue_on_red", "4", 1),
        ("red_on_blue", "4", 1),
    ]
    assert list(manifest.success) == told["success"]
    done = helms("report", str(tmp_path / "policy"), "-o", str(tmp_path / "a.html"))
    assert "policy was trained on the tasks blue_on_red, red_on_blue; choose one of" in done.stderr


def test_an_export_replaces_only_when_it_is_told_to(dataset: Path, tmp_path: Path) -> None:
    """Also where an interrupted replacement has left the bundle under its other name."""
    train(tmp_path / "run", small(dataset))
    make_small_bundle(tmp_path / "policy").rename(tmp_path / ".policy.old")
    with pytest.raises(HelmsError, match="policy exists already; choose another name, or give --replace"):
        export_run(tmp_path / "run", tmp_path / "policy")
    assert (tmp_path / "policy" / "manifest.yaml").is_file()


def test_what_cannot_be_loaded_is_told(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(HelmsError, match=r"is no run: its config.yaml cannot be read"):
        load_policy(tmp_path)
    begin(tmp_path / "run", small(dataset), "test", torch.device("cpu"))
    with pytest.raises(HelmsError, match="holds no checkpoint; train it first"):
        load_policy(tmp_path / "run")
    Trainer(tmp_path / "run", small(dataset), "cpu").run()
    path = newest(tmp_path / "run")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(HelmsError, match="is no whole checkpoint"):
        load_policy(tmp_path / "run")


def test_a_loss_that_is_not_finite_ends_the_run(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(tmp_path / "run", small(dataset), "test", torch.device("cpu"))
    trainer = Trainer(tmp_path / "run", small(dataset), "cpu")
    monkeypatch.setattr(trainer, "improve", lambda: {"elbo": torch.tensor(torch.nan)})
    with pytest.raises(HelmsError, match=r"elbo is not finite; the last checkpoint is kept. Lower learning_rate"):
        trainer.run()


def test_the_paper_preset_is_table_5() -> None:
    paper = load_config("paper")
    assert (paper.batch, paper.length, paper.learning_rate, paper.final_learning_rate) == (128, 25, 1e-4, 1e-4)
    assert (paper.weights.beta_y, paper.weights.beta_z) == (1.0, 0.1)
    policy = paper.policy
    assert (policy.latent, policy.width, policy.look_ahead, policy.action_sigma, policy.skills) == (8, 256, 5, 0.1, 5)
    assert (policy.kind, policy.features, policy.order) == ("hierarchical", "raw", "colours")
    assert presets() == ["laptop", "paper", "smoke"]


@pytest.mark.parametrize("name", presets())
def test_configurations_survive_yaml(name: str) -> None:
    config = load_config(name)
    assert from_mapping(yaml.safe_load(yaml.safe_dump(to_mapping(config)))) == config


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["policy.skils=3"], r"unknown key in policy 'skils'; choose one of: .*Did you mean 'skills'"),
        (["steps=many"], "steps is 'many'; it must be of type int"),
        (["steps=0"], "steps is 0; it must be 1 or more"),
        (["policy.sticky_prob=1.0"], "sticky_prob must lie between 0 and 1"),
        (["policy.kind=clone"], "clone has one component: set it to 1"),
        (["policy.autoregression=0.5"], "only npmp has such a prior"),
        (["weights.beta_z=-1"], "weights must be 0 or more"),
        (["policy=3"], "policy is 3; it must be a mapping"),
        (["learning_rate=0"], "must be above 0"),
    ],
)
def test_bad_configurations_are_refused(changes: list[str], message: str) -> None:
    with pytest.raises(HelmsError, match=message):
        load_config("smoke", changes)


def test_train_export_and_info_on_the_command_line(dataset: Path, tmp_path: Path) -> None:
    main = build_root(metadata.entry_points(group=GROUP))
    run, policy = str(tmp_path / "run"), str(tmp_path / "policy")
    options = [word for change in SMALL for word in ("--set", change)]
    done = CliRunner().invoke(
        main, ["train", "offline", "--config", "smoke", "--dataset", str(dataset), "--out", run, *options, "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout.splitlines()[-1])["steps"] == 60
    done = CliRunner().invoke(main, ["export", run, "-o", policy, "--json"])
    assert json.loads(done.stdout.splitlines()[-1])["skills"] == 2
    again = CliRunner().invoke(main, ["export", run, "-o", policy])
    assert again.exit_code == 1
    assert "exists already; choose another name, or give --replace" in again.output
    done = CliRunner().invoke(main, ["dataset", "info", str(dataset), "--json"])
    assert json.loads(done.stdout)["episodes"] == 6
    neither = CliRunner().invoke(main, ["train", "offline"])
    assert "give either --out for a new run or --resume" in neither.output
    none = CliRunner().invoke(main, ["train", "offline", "--out", run + "2", "--dataset", "none.h5"])
    assert "none.h5 does not exist" in none.output
    assert not Path(run + "2").exists()
