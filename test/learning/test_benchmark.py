"""The benchmark of training: operations against those worked by hand, and consistent figures."""

import json
from importlib import metadata
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from helms_control.cli import GROUP, build_root
from helms_control.features.features import FEATURES
from helms_learning.benchmark.offline import flop_of_step, measure, write_random
from helms_learning.offline.config import load_config, with_dataset
from helms_learning.offline.trainer import Trainer

SMALL = ["policy.width=16", "policy.skills=1", "batch=3", "length=10"]


def flop(folder: Path, *changes: str) -> int:
    """Return the operations of a step of the preset `paper` with some changes."""
    dataset = write_random(folder / "random.h5", 50)
    trainer = Trainer(folder, with_dataset(load_config("paper", [*SMALL, *changes]), str(dataset)), "cpu")
    found = flop_of_step(trainer)
    assert trainer.step == 1
    return found


@pytest.mark.parametrize("features", FEATURES)
def test_operations_of_a_small_clone_are_those_worked_by_hand(tmp_path: Path, features: str) -> None:
    inputs, rows = sum(FEATURES[features].sizes), 3 * 10
    # Each layer: the product itself and the gradient of its weights; that of its inputs where these are no data.
    layers = 2 * inputs * 16 + 3 * 16 * 16 + 3 * 16 * 5
    assert flop(tmp_path, "policy.kind=clone", f"policy.features={features}") == 2 * rows * layers


def test_operations_of_a_latent_are_those_worked_by_hand(tmp_path: Path) -> None:
    own, inputs, rows, latent = FEATURES["raw"].sizes[0], sum(FEATURES["raw"].sizes), 3 * 10, 8
    mid = 2 * inputs * 16 + 3 * 16 * 16 + 3 * 16 * (2 * latent)
    # Of the first layer of the low level, the robot's part has data as inputs, that of the latent has not.
    low = 2 * own * 16 + 3 * latent * 16 + 3 * 16 * 16 + 3 * 16 * 5
    assert flop(tmp_path, "policy.kind=npmp") == 2 * rows * (mid + low)


def test_a_skill_costs_a_network_of_the_mid_level_and_its_share_of_the_low_level(tmp_path: Path) -> None:
    found = []
    for skills in (2, 3):
        (tmp_path / str(skills)).mkdir()
        found.append(flop(tmp_path / str(skills), f"policy.skills={skills}"))
    inputs, rows, latent, batch = sum(FEATURES["raw"].sizes), 3 * 10, 8, 3
    mid = 2 * inputs * 16 + 3 * 16 * 16 + 3 * 16 * (2 * latent)
    low = 3 * latent * 16 + 3 * 16 * 16 + 3 * 16 * 5
    # The high level has one more output, the posterior 9 instead of 4; so has the recursion over 10 steps, whose first
    # belief is constant.
    heads, beliefs = 3 * 16 * (1 + 5), batch * (2 + 3 * 9) * (9 - 4)
    assert found[1] - found[0] == 2 * (rows * (mid + low + heads) + beliefs)


def test_the_figures_agree_with_each_other() -> None:
    rounds = list(measure(load_config("smoke"), rounds=2, steps=1, size=32))
    assert len(rounds) == 2
    figures = rounds[-1]
    assert set(figures) == {"steps_per_s", "flop_per_step", "matmul_flop_per_s", "share_of_matmul"}
    reached = figures["steps_per_s"] * figures["flop_per_step"]
    assert figures["share_of_matmul"] == pytest.approx(reached / figures["matmul_flop_per_s"])
    assert min(figures.values()) > 0.0


def test_the_command_prints_one_json_object_or_a_table(tmp_path: Path) -> None:
    main = build_root(metadata.entry_points(group=GROUP))
    words = ["bench", "offline", "--config", "smoke", *(word for change in SMALL for word in ("--set", change))]
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    dataset = write_random(tmp_path / "random.h5")
    trainer = Trainer(tmp_path, with_dataset(load_config("smoke", SMALL), str(dataset)), "cpu")
    assert json.loads(done.stdout)["flop_per_step"] == flop_of_step(trainer)
    table = CliRunner().invoke(main, words)
    assert "share of that rate that training reaches" in table.stdout
    assert "(at least 0.6)" in table.stdout


def test_counting_changes_nothing(tmp_path: Path) -> None:
    """A step that is counted is a step like every other."""
    dataset = write_random(tmp_path / "random.h5", 50)
    config = with_dataset(load_config("paper", SMALL), str(dataset))
    counted, plain = Trainer(tmp_path, config, "cpu"), Trainer(tmp_path, config, "cpu")
    flop_of_step(counted)
    plain.improve()
    for one, other in zip(counted.policy.parameters(), plain.policy.parameters(), strict=True):
        assert torch.equal(one, other)
