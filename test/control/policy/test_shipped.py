"""The shipped policies are found and load; their outputs for ten recorded observations are unchanged."""

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from helms_control.cli import GROUP, build_root
from helms_control.policy import load_bundle, shipped, shipped_policy
from test.support.shipped import POLICIES, RECORDED, ROOT, STEPS, answer, current


def test_there_are_policies() -> None:
    assert POLICIES == ["all_pairs", "red_on_blue"]


@current
@pytest.mark.parametrize("name", POLICIES)
def test_a_shipped_policy_answers_as_recorded(name: str) -> None:
    recorded = np.load(RECORDED)
    observed = {key: recorded[key] for key in ("proprioception", "objects")}
    found = answer(name, observed)
    assert found["skill"].tolist() == recorded[f"{name}.skill"].tolist()
    for field in ("probabilities", "latent", "action"):
        assert len(found[field]) == STEPS
        # ONNX Runtime without its graph optimisations, other rounding, differs by 5e-7.
        np.testing.assert_allclose(found[field], recorded[f"{name}.{field}"], rtol=0.0, atol=1e-5)


@current
@pytest.mark.parametrize("name", POLICIES)
def test_a_manifest_says_how_it_was_made_and_measured(name: str) -> None:
    manifest = load_bundle(ROOT / "policies" / name).manifest
    assert manifest.name == name
    assert manifest.training["command"].startswith("helms train offline")
    assert {"dataset", "episodes", "steps", "whole", "cut_short"} <= manifest.training["data"].keys()
    for entry in manifest.success:
        assert entry["success_low"] <= entry["success"] <= entry["success_high"]
        assert entry["task"] in manifest.tasks and entry["object_set"] in manifest.object_sets


def test_the_working_directory_comes_before_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shipped_policy() == ROOT / shipped.SHIPPED
    (tmp_path / shipped.SHIPPED).mkdir(parents=True)
    (tmp_path / shipped.SHIPPED / "manifest.yaml").touch()
    assert shipped_policy() == shipped.SHIPPED


@pytest.mark.parametrize("name", ["graph", "policy", "soak"])
def test_an_installation_without_the_repository_asks_for_a_policy(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shipped, "__file__", str(tmp_path / "site-packages/helms_control/policy/shipped.py"))
    done = CliRunner().invoke(build_root(metadata.entry_points(group=GROUP)), ["bench", name])
    assert done.exit_code == 1
    assert f"there is no policies/red_on_blue in {tmp_path} or beside this installation" in done.output
    assert "name the folder of a bundle with --policy" in done.output


@current
def test_a_policy_leaves_no_files_of_telemetry(tmp_path: Path) -> None:
    # ONNX Runtime collects nothing on machines that say CI anyway.
    kept = {key: value for key, value in os.environ.items() if key not in ("CI", "ORT_DISABLE_TELEMETRY")}
    places = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(tmp_path))
    code = "from pathlib import Path; from helms_control.policy import load_bundle; load_bundle(Path({!r}))"
    command = [sys.executable, "-c", code.format(str(ROOT / shipped.SHIPPED))]
    subprocess.run(command, check=True, env=kept | places, cwd=ROOT)
    assert list(tmp_path.iterdir()) == []
