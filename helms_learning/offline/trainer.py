"""Training loop; a resumed run computes the same numbers as an uninterrupted one."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from helms_control.errors import HelmsError
from helms_learning.datasets.windows import Batch, Windows
from helms_learning.offline.checkpoint import checkpoints, newest, restore, save_checkpoint
from helms_learning.offline.config import TrainConfig
from helms_learning.offline.memory import keep_memory
from helms_learning.offline.run import METRICS, choose_device
from helms_learning.offline.seen import features_of
from helms_learning.policies.base import Policy
from helms_learning.policies.inputs import Inputs, inputs_of
from helms_learning.policies.kinds import make_policy

NOTE_EVERY = 100
VALIDATION_BATCHES = 8

Report = Callable[[int, dict[str, float]], None]
"""Called with the step and the terms of the loss."""


class Trainer:
    """Training of one run.

    Attributes:
        step: number of gradient steps done.
        policy: current policy.
    """

    def __init__(self, folder: Path, config: TrainConfig, device: str | None = None) -> None:
        """Open the dataset and load the newest checkpoint, if any.

        Args:
            folder: of the run, which contains a configuration.
            config: of the run.
            device: such as "cpu"; by default a GPU where there is one.

        Raises:
            HelmsError: a missing dataset, or a checkpoint that does not fit.
        """
        keep_memory()
        self.folder, self.config = folder, config
        self.device = choose_device(device)
        self._train = self._windows("train")
        self._valid = self._windows("valid")
        self.policy: Policy = make_policy(config.policy, config.seed)
        rows = features_of(self._train, self.policy.features, config.policy.order)
        self._train.use(rows)
        self._valid.use(rows)
        if self.policy.features.standardised:
            self.policy.normaliser.set_statistics(*map(torch.from_numpy, self._train.statistics()))
        self.policy.to(self.device)
        self._optimiser = torch.optim.Adam(self.policy.parameters(), lr=config.learning_rate, fused=True)
        self.step = 0
        if checkpoints(folder):
            self.step = restore(newest(folder), self.policy, self._optimiser)

    def run(self, report: Report | None = None) -> dict[str, float]:
        """Train to the configured number of steps; return the terms of the last validation.

        Raises:
            HelmsError: the loss is not finite, or the folder cannot be written to.
        """
        try:
            return self._run(report)
        except OSError as error:
            raise HelmsError(
                f"{self.folder} cannot be written to: {error}; the last checkpoint is kept, make room and resume"
            ) from error

    def _run(self, report: Report | None) -> dict[str, float]:
        config, validation = self.config, {}
        start, begun = time.monotonic(), self.step
        with (self.folder / METRICS).open("a") as notes:
            while self.step < config.steps:
                terms = self.improve()
                self.step += 1
                last = self.step == config.steps
                if self.step % NOTE_EVERY == 0 or last:
                    plain = {name: value.item() for name, value in terms.items()}
                    self._refuse_broken(plain)
                    speed = {"steps_per_s": (self.step - begun) / (time.monotonic() - start)}
                    _note(notes.write, self.step, "train", plain | speed)
                    if report is not None:
                        report(self.step, plain)
                if self.step % config.validate_every == 0 or last:
                    validation = self.validate()
                    _note(notes.write, self.step, "valid", validation)
                    notes.flush()
                    if report is not None:
                        report(self.step, {f"valid_{name}": value for name, value in validation.items()})
                if self.step % config.save_every == 0 or last:
                    save_checkpoint(self.folder, self.step, self.policy, self._optimiser)
        return validation

    def validate(self) -> dict[str, float]:
        """Return the terms on fixed windows of the validation split, with mean latents and no dropout."""
        sums: dict[str, float] = {}
        with torch.no_grad():
            for turn in range(VALIDATION_BATCHES):
                batch = self._valid.draw(self.config.batch, self.config.seed + 1, turn)
                _, terms = self.policy.loss(*self._tensors(batch), self.config.weights, None)
                for name, value in terms.items():
                    sums[name] = sums.get(name, 0.0) + float(value) / VALIDATION_BATCHES
        return sums

    def learning_rate(self, step: int) -> float:
        """Return the learning rate at a step: half a cosine from the initial to the final one."""
        config = self.config
        share = 0.5 * (1.0 + math.cos(math.pi * step / config.steps))
        return config.final_learning_rate + (config.learning_rate - config.final_learning_rate) * share

    def improve(self) -> dict[str, Tensor]:
        """Take one gradient step on the windows of `step` and return the terms; the caller increments `step`."""
        config = self.config
        batch = self._train.draw(config.batch, config.seed, self.step)
        # Seeded by the step: a resumed run draws the same numbers.
        noise = torch.Generator(self.device).manual_seed((config.seed << 32) + self.step)
        for group in self._optimiser.param_groups:
            group["lr"] = self.learning_rate(self.step)
        total, terms = self.policy.loss(*self._tensors(batch), config.weights, noise)
        self._optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.policy.parameters(), config.clip)
        self._optimiser.step()
        return terms

    def _tensors(self, batch: Batch) -> tuple[Inputs, Tensor]:
        frames = torch.from_numpy(batch.frames).to(self.device)
        inputs = inputs_of(frames, self.policy.features, self.policy.normaliser, self.config.policy.look_ahead)
        return inputs, torch.from_numpy(batch.targets).to(self.device)

    def _windows(self, split: str) -> Windows:
        config = self.config
        return Windows(Path(config.dataset), split, config.length, config.policy.look_ahead, config.target)

    def _refuse_broken(self, terms: dict[str, float]) -> None:
        broken = [name for name, value in terms.items() if not math.isfinite(value)]
        if broken:
            raise HelmsError(
                f"step {self.step}: {', '.join(broken)} is not finite; the last checkpoint is kept. Lower learning_rate"
            )


def _note(write: Callable[[str], object], step: int, split: str, terms: dict[str, float]) -> None:
    write(json.dumps({"step": step, "split": split, **terms}) + "\n")
