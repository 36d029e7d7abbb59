"""The benchmark of a policy: consistency of its figures, not their values."""

import json
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from helms_control.benchmark.policy import ROUND, measure
from helms_control.cli import GROUP, build_root
from helms_control.policy import load_bundle
from helms_control.policy.contract import CHAINS
from test.control.policy.make_bundle import make_bundle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "bundle")


@pytest.mark.parametrize("levels", CHAINS, ids=" ".join)
@pytest.mark.parametrize("features", ["raw", "tool"])
def test_figures_come_every_round_and_at_the_end(tmp_path: Path, levels: tuple[str, ...], features: str) -> None:
    folder = make_bundle(tmp_path / "bundle", levels=levels, features=features)
    done, figures = zip(*measure(load_bundle(folder), ROUND + 20), strict=True)
    assert done == (ROUND, ROUND + 20)
    assert 0.0 < figures[-1]["p50_us"] <= figures[-1]["p99_us"]
    assert figures[-1]["bare_sessions_p50_us"] > 0.0


def test_the_command_prints_one_json_object_or_a_table(folder: Path) -> None:
    main = build_root(metadata.entry_points(group=GROUP))
    words = ["bench", "policy", "--policy", str(folder), "--steps", "10"]
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    assert set(json.loads(done.stdout)) == {"p50_us", "p99_us", "bare_sessions_p50_us"}
    table = CliRunner().invoke(main, words).stdout
    assert "(at most 150)" in table
    assert "(at most 1.3)" in table


def test_a_policy_that_is_not_there_is_told(tmp_path: Path) -> None:
    main = build_root(metadata.entry_points(group=GROUP))
    done = CliRunner().invoke(main, ["bench", "policy", "--policy", str(tmp_path / "none")])
    assert done.exit_code == 1
    assert "is no folder; a bundle is a folder with" in done.output
