"""Speed of offline training relative to bare matrix products, measured alternately."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from helms_control.spec import ACTION, OBJECTS, PROPRIOCEPTION
from helms_learning.datasets.edit import masks
from helms_learning.datasets.episode import Episode, Meta
from helms_learning.datasets.writer import DatasetWriter
from helms_learning.offline.config import TrainConfig, with_dataset
from helms_learning.offline.trainer import Trainer
from helms_sim.objects import TRIPLETS, rgb_object

EPISODES, STEPS = 4, 400
SIZE = 2048
"""Size of the square matrices of the reference product."""
PRODUCTS = 3
"""Products in each round; the fastest counts."""
WARM_UP = 3
"""Untimed steps, in which optimiser state and memory are allocated."""


def measure(config: TrainConfig, rounds: int = 8, steps: int = 3, size: int = SIZE) -> Iterator[dict[str, float]]:
    """Time training steps and bare matrix products alternately, so that load on the machine affects both.

    The steps are those of a real run (windows from a file, bound, gradients, Adam) on random numbers.

    Args:
        config: of the run; its dataset is not used.
        rounds: number of rounds, over which medians are taken.
        steps: training steps in a round.
        size: of the square matrices.

    Yields:
        After each round the figures so far: steps_per_s, flop_per_step, matmul_flop_per_s, share_of_matmul.
    """
    left, right, product = (torch.rand(size, size) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        dataset = write_random(Path(folder) / "random.h5", max(STEPS, config.length))
        trainer = Trainer(Path(folder), with_dataset(config, str(dataset)), "cpu")
        flop = flop_of_step(trainer)
        _steps_s(trainer, WARM_UP)
        _product_s(left, right, product)
        step_s, product_s = [], []
        for _ in range(rounds):
            product_s.append(min(_product_s(left, right, product) for _ in range(PRODUCTS)))
            step_s.append(_steps_s(trainer, steps) / steps)
            rate, reached = 1.0 / float(np.median(step_s)), 2.0 * size**3 / float(np.median(product_s))
            yield {
                "steps_per_s": rate,
                "flop_per_step": flop,
                "matmul_flop_per_s": reached,
                "share_of_matmul": rate * flop / reached,
            }


def flop_of_step(trainer: Trainer) -> int:
    """Take one gradient step and return its floating-point operations.

    Matrix products only, a multiplication and an addition counted as two: forward pass, gradients of weights and of
    inputs. Not counted: elu, tanh, softmax, likelihood, KL, clipping, optimiser.
    """
    with FlopCounterMode(display=False) as counter:
        trainer.improve()
    trainer.step += 1
    found: int = counter.get_total_flops()
    return found


def write_random(path: Path, steps: int = STEPS) -> Path:
    """Write a dataset of random numbers with the real shapes; return its path."""
    rng = np.random.default_rng(0)
    with DatasetWriter(path) as writer:
        for seed in range(EPISODES):
            actions = rng.uniform(-1.0, 1.0, (steps, ACTION.size))
            writer.add(
                Episode(
                    proprioception=rng.normal(size=(steps, PROPRIOCEPTION.size)).astype(np.float32),
                    objects=rng.normal(size=(steps, OBJECTS.size)).astype(np.float32),
                    actions=actions,
                    expert_action=actions,
                    rewards=np.zeros(steps),
                    stages=np.zeros(steps, np.uint8),
                    meta=Meta(seed, "random", "red_on_blue", "4", "off", TRIPLETS[4], False, 0.0),
                    shapes=tuple(rgb_object(name).vertices for name in TRIPLETS[4]),
                )
            )
        writer.split(masks(EPISODES, 0.25, 0))
    return path


def _steps_s(trainer: Trainer, count: int) -> float:
    started = time.perf_counter()
    for _ in range(count):
        trainer.improve()
        trainer.step += 1
    return time.perf_counter() - started


def _product_s(left: torch.Tensor, right: torch.Tensor, product: torch.Tensor) -> float:
    started = time.perf_counter()
    torch.matmul(left, right, out=product)
    return time.perf_counter() - started
