"""Fixtures: small episodes and datasets."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from helms_learning.datasets.edit import masks
from helms_learning.datasets.episode import Episode, Meta
from helms_learning.datasets.writer import DatasetWriter
from helms_learning.export import write_bundle
from helms_learning.policies.configuration import PolicyConfig
from helms_learning.policies.kinds import make_policy
from helms_sim.objects import rgb_object

# Tests run beside each other; more threads than cores make small products a hundred times slower.
torch.set_num_threads(1)


def make_episode(seed: int, steps: int = 60, ended: str = "", **changes: object) -> Episode:
    """Return an episode of random numbers whose frames and actions tell their episode and step."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=(steps + 1, 43)).astype(np.float32)
    own[:, 0], own[:, 1] = seed, np.arange(steps + 1)
    actions = rng.uniform(-1.0, 1.0, (steps, 5))
    expert_action = np.clip(actions + 0.1, -1.0, 1.0)
    expert_action[:, 4] = np.arange(steps) / steps
    names = ("r2", "g3", "b6")
    meta = Meta(seed, "expert", "red_on_blue", str(1 + seed % 5), "off", names, seed % 2 == 0, 1.5, ended=ended)
    values: dict[str, object] = {
        "proprioception": own,
        "objects": rng.normal(size=(steps + 1, 42)).astype(np.float32),
        "actions": actions,
        "expert_action": expert_action,
        "rewards": rng.uniform(size=steps),
        "stages": rng.integers(0, 6, steps).astype(np.uint8),
        "meta": meta,
        "shapes": tuple(rgb_object(name).vertices for name in names),
    }
    return Episode(**(values | changes))  # type: ignore[arg-type]  # a test may break a type


def make_dataset(path: Path, episodes: int = 6, steps: int = 60, first: int = 0) -> Path:
    """Write a dataset of such episodes, seeds from `first` on."""
    with DatasetWriter(path) as writer:
        for seed in range(first, first + episodes):
            writer.add(make_episode(seed, steps))
        writer.split(masks(episodes, 0.2, 0))
    return path


def make_small_bundle(folder: Path, **changes: Any) -> Path:  # noqa: ANN401 - any field of the configuration
    """Write a bundle of a policy with random weights, by default a small hierarchical one with raw features."""
    config = PolicyConfig(**({"skills": 3, "latent": 4, "width": 16} | changes))
    values = {"tasks": ("red_on_blue",), "object_sets": ("4",), "training": {"command": "none: random weights"}}
    return write_bundle(make_policy(config, 0), folder, values)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Six episodes of 60 steps."""
    return make_dataset(tmp_path / "demos.h5")
