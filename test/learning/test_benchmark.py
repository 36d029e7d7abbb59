"""The benchmark of training: operations against torch's counter, and consistent figures."""

import json
from importlib import metadata

import pytest
import torch
from click.testing import CliRunner
from helms_learning.models.skills import stack
from helms_learning.offline.losses import loss
from torch.utils.flop_counter import FlopCounterMode

from helms_control.cli import GROUP, build_root
from helms_learning.benchmark.flops import flop_per_step
from helms_learning.benchmark.offline import measure
from helms_learning.offline.config import load_config
from helms_learning.offline.run import make_model


@pytest.mark.parametrize(
    "changes",
    [
        [],
        ["model.skills=3", "model.latent=2", "model.width=32"],
        ["model.look_ahead=0", "length=10"],
        ["model.inputs=tool"],
        ["model.kind=npmp", "model.skills=1"],
        ["model.kind=npmp", "model.skills=1", "model.autoregression=0.9"],
        ["model.kind=bc", "model.skills=1"],
    ],
    ids=["paper", "small", "no look-ahead", "tool", "npmp", "npmp with AR(1)", "bc"],
)
def test_operations_are_those_that_torch_counts(changes: list[str]) -> None:
    config = load_config("paper", ["batch=3", *changes])
    model = make_model(config)
    frames = torch.randn(3, 2 + config.length + config.model.look_ahead, 85)
    targets = torch.rand(3, config.length, 5)
    inputs = stack(frames, model.normaliser, model.config)
    with FlopCounterMode(display=False) as counter:
        total, _ = loss(model, inputs, targets, config.weights, torch.Generator().manual_seed(0))
        total.backward()  # type: ignore[no-untyped-call]
    assert flop_per_step(config.model, config.batch, config.length) == counter.get_total_flops()


def test_the_figures_agree_with_each_other() -> None:
    rounds = list(measure(load_config("smoke"), rounds=2, steps=1, size=32))
    assert len(rounds) == 2
    figures = rounds[-1]
    assert set(figures) == {"steps_per_s", "flop_per_step", "matmul_flop_per_s", "share_of_matmul"}
    reached = figures["steps_per_s"] * figures["flop_per_step"]
    assert figures["share_of_matmul"] == pytest.approx(reached / figures["matmul_flop_per_s"])
    assert min(figures.values()) > 0.0


def test_the_command_prints_one_json_object_or_a_table() -> None:
    main = build_root(metadata.entry_points(group=GROUP))
    words = ["bench", "offline", "--config", "smoke", "--set", "batch=2"]
    done = CliRunner().invoke(main, [*words, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["flop_per_step"] == flop_per_step(load_config("smoke").model, 2, 25)
    table = CliRunner().invoke(main, words)
    assert "share of that rate that training reaches" in table.stdout
    assert "(at least 0.6)" in table.stdout
