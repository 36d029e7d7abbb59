"""The shipped policies load, and answer ten recorded observations as they did when they were recorded."""

import numpy as np
import pytest

from helms_control.policy import load_bundle
from test.support.shipped import POLICIES, RECORDED, ROOT, STEPS, answer


def test_there_are_policies() -> None:
    assert POLICIES == ["all_pairs", "red_on_blue"]


@pytest.mark.parametrize("name", POLICIES)
def test_a_shipped_policy_answers_as_recorded(name: str) -> None:
    recorded = np.load(RECORDED)
    observed = {key: recorded[key] for key in ("proprioception", "objects")}
    found = answer(name, observed)
    assert found["skill"].tolist() == recorded[f"{name}.skill"].tolist()
    for field in ("probabilities", "latent", "action"):
        assert len(found[field]) == STEPS
        np.testing.assert_allclose(found[field], recorded[f"{name}.{field}"], atol=1e-4)


@pytest.mark.parametrize("name", POLICIES)
def test_a_manifest_says_how_it_was_made_and_measured(name: str) -> None:
    manifest = load_bundle(ROOT / "policies" / name).manifest
    assert manifest.name == name
    assert manifest.training["command"].startswith("helms train offline")
    assert {"dataset", "episodes", "steps", "whole", "cut_short"} <= manifest.training["data"].keys()
    for entry in manifest.success:
        assert entry["success_low"] <= entry["success"] <= entry["success_high"]
        assert entry["task"] in manifest.tasks and entry["object_set"] in manifest.object_sets
