"""Ablations: a grid of runs, trained once, compared in one table."""

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from helms_control.cli import GROUP, build_root
from helms_control.errors import HelmsError
from helms_control.policy import Policy, load_bundle
from helms_control.spec.task import roles_of
from helms_learning.ablation import Row, grid, markdown, write_table
from helms_learning.datasets.file import Dataset
from helms_learning.export import export_run
from helms_learning.offline.checkpoint import newest
from helms_learning.offline.chosen import chosen_skills
from helms_learning.offline.config import load_config
from helms_learning.offline.run import load_policy, read_metrics
from helms_learning.policies.kinds import make_policy
from test.learning.conftest import make_dataset

SMALL = ["policy.width=16", "policy.latent=3", "policy.skills=2", "batch=8", "steps=40", "save_every=20"]
ROW = Row("a", 0.1, 0.9, 40, 0.25, -1.5, 0.125, 12.5, 0.5)


def ablate(dataset: Path, out: Path, *words: str) -> Result:
    options = [word for change in SMALL for word in ("--set", change)]
    command = ["ablate", "--dataset", str(dataset), "--out", str(out), "--config", "smoke", "--device", "cpu"]
    return CliRunner().invoke(build_root(metadata.entry_points(group=GROUP)), [*command, *options, *words])


def rows(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])["rows"]
    return found


def test_the_grid_is_every_pair_once() -> None:
    names = [name for name, _ in grid((0.1, 0.0, 0.1), (0.9, 0.5))]
    assert names == ["beta_z_0.1_sticky_0.9", "beta_z_0.1_sticky_0.5", "beta_z_0_sticky_0.9", "beta_z_0_sticky_0.5"]
    config = load_config("smoke", dict(grid((0,), (0.5,)))["beta_z_0_sticky_0.5"])
    assert (config.weights.beta_z, config.policy.sticky_prob) == (0.0, 0.5)


def test_skills_are_those_that_the_exported_policy_chooses(dataset: Path, tmp_path: Path) -> None:
    # Both skills are in use, so that the comparison is of choices.
    more = ("--set", "weights.mutual_information=4.0", "--set", "steps=120")
    rows(ablate(dataset, tmp_path / "runs", "--beta-z", "0.1", "--sticky-prob", "0.9", *more, "--json"))
    run = tmp_path / "runs" / "beta_z_0.1_sticky_0.9"
    exported = Policy(load_bundle(export_run(run, tmp_path / "policy")))
    (chosen,) = chosen_skills(load_policy(run)[0], dataset)
    with Dataset(dataset) as opened:
        episode = opened.read(opened.masks()["valid"][0])
    exported.begin(episode.shapes, roles_of(episode.meta.task))
    assert set(chosen.skills) == {0, 1}
    for step, skill in enumerate(chosen.skills):
        stack = np.maximum(step - np.arange(3), 0)
        assert exported(episode.proprioception[stack], episode.objects[stack]).skill == skill
    np.testing.assert_array_equal(chosen.stages, episode.stages)


def test_a_grid_is_trained_once_and_an_interrupted_run_goes_on(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs"
    first = rows(ablate(dataset, out, "--json"))
    assert [(row["beta_z"], row["sticky_prob"], row["steps"]) for row in first] == [
        (0.1, 0.9, 40),
        (0.1, 0.5, 40),
        (0.0, 0.9, 40),
        (0.0, 0.5, 40),
    ]
    assert json.loads((out / "table.json").read_text())["rows"] == first
    trained = {run.name: newest(run).stat().st_mtime_ns for run in out.iterdir() if run.is_dir()}
    notes = read_metrics(out / first[0]["run"])
    assert first[0]["error"] == pytest.approx(notes[-1]["error"])
    assert first[0]["elbo"] == pytest.approx(notes[-1]["elbo"])
    newest(out / first[1]["run"]).unlink()
    assert rows(ablate(dataset, out, "--json")) == first
    again = {run.name: newest(run).stat().st_mtime_ns for run in out.iterdir() if run.is_dir()}
    assert {name for name in trained if trained[name] != again[name]} == {first[1]["run"]}
    # It went on from step 20: two more notes, those of step 40.
    assert len(read_metrics(out / first[1]["run"])) == len(notes) + 2


def test_the_statistics_are_those_of_the_chosen_skills(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs"
    (row,) = rows(ablate(dataset, out, "--beta-z", "0", "--sticky-prob", "0.5", "--json"))
    (chosen,) = chosen_skills(load_policy(out / row["run"])[0], dataset)
    share = np.mean(chosen.skills == 0)
    assert row["least_used"] == pytest.approx(min(share, 1.0 - share))
    assert row["segment_steps"] == pytest.approx(60 / (1 + np.count_nonzero(np.diff(chosen.skills))))
    assert 0.0 <= row["stage_nmi"] <= 1.0


def test_runs_of_another_configuration_are_refused_before_training(dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "runs"
    rows(ablate(dataset, out, "--beta-z", "0", "--sticky-prob", "0.5", "--json"))
    done = ablate(dataset, out, "--set", "steps=50")
    assert done.exit_code == 1
    assert "holds a run of another configuration: steps is 40 there, 50 here. Choose another --out" in done.output
    assert [path.name for path in out.iterdir() if path.is_dir()] == ["beta_z_0_sticky_0.5"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--sticky-prob", "1"), "sticky_prob must lie between 0 and 1"),
        (("--beta-z", "-1"), "weights must be 0 or more"),
        (
            ("--set", "policy.kind=clone", "--set", "policy.skills=1"),
            "policy.kind is clone, which has no skills to compare",
        ),
        (("--dataset", "none.h5"), "none.h5 does not exist; make it with helms dataset collect or build"),
    ],
)
def test_what_cannot_be_compared_is_told(dataset: Path, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    done = ablate(dataset, tmp_path / "runs", *words)
    assert done.exit_code == 1
    assert message in done.output
    assert not (tmp_path / "runs").exists()


def test_a_table_has_a_line_for_each_run(tmp_path: Path) -> None:
    lines = markdown([ROW, ROW]).splitlines()
    assert lines[2] == lines[3] == "| a | 0.1 | 0.9 | 0.2500 | -1.500 | 12.5% | 12.5 | 0.500 |"
    assert {line.count("|") for line in lines[:4]} == {9}
    write_table(tmp_path, [ROW])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table.json", "table.md"]


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "table.md").mkdir()
    with pytest.raises(HelmsError, match=r"table.md cannot be written: .*; the runs are kept, call the command again"):
        write_table(tmp_path, [ROW])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table.json", "table.md"]


@pytest.mark.parametrize(("name", "text"), [("table.md", "my notes"), ("table.json", "[1, 2]"), ("table.json", "{")])
def test_a_table_of_something_else_is_kept(dataset: Path, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / name).write_text(text)
    done = ablate(dataset, tmp_path / "runs")
    assert done.exit_code == 1
    assert "was not written by helms ablate; choose another --out" in done.stderr
    assert [(path.name, path.read_text()) for path in (tmp_path / "runs").iterdir()] == [(name, text)]


def test_a_clone_and_a_file_without_split_have_no_skills(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path / "demos.h5", episodes=2)
    clone = make_policy(load_config("smoke", ["policy.kind=clone", "policy.skills=1"]).policy, 0)
    with pytest.raises(HelmsError, match="a policy of kind clone has no skills"):
        list(chosen_skills(clone, dataset))
    with pytest.raises(HelmsError, match="has no split 'test'; make it with helms dataset split"):
        list(chosen_skills(make_policy(load_config("smoke").policy, 0), dataset, "test"))
