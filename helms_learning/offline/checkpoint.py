"""Checkpoints: weights and the optimiser's moments as safetensors, written whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from helms_control.durable import whole_file
from helms_control.errors import HelmsError
from helms_learning.policies.base import Policy

_POLICY, _OPTIMISER = "policy.", "optimiser."
FOLDER = "checkpoints"


def save_checkpoint(run: Path, step: int, policy: Policy, optimiser: torch.optim.Optimizer) -> Path:
    """Write a checkpoint into a run's folder; only the newest two are kept.

    Raises:
        HelmsError: it cannot be written, for instance because the disk is full; nothing is lost.
    """
    folder = run / FOLDER
    tensors = {_POLICY + name: tensor.contiguous() for name, tensor in policy.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        tensors |= {f"{_OPTIMISER}{index}.{name}": torch.as_tensor(value) for name, value in state.items()}
    path = folder / f"step_{step:07d}.safetensors"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as draft:
            save_file(tensors, draft, {"step": json.dumps(step)})
    except (OSError, SafetensorError) as error:
        raise HelmsError(f"{path} cannot be written: {error}; the run can be resumed once there is room") from error
    for old in checkpoints(run)[:-2]:
        old.unlink()
    return path


def checkpoints(run: Path) -> list[Path]:
    """Return a run's checkpoints, oldest first; files of other names beside them are none."""
    return sorted((run / FOLDER).glob(f"step_{'[0-9]' * 7}.safetensors"))


def step_of(checkpoint: Path) -> int:
    """Return the step that a checkpoint's name says."""
    return int(checkpoint.stem.removeprefix("step_"))


def newest(run: Path) -> Path:
    """Return the newest checkpoint of a run.

    Raises:
        HelmsError: there is none.
    """
    found = checkpoints(run)
    if not found:
        raise HelmsError(f"{run} holds no checkpoint; train it first: helms train offline --help")
    return found[-1]


def read_checkpoint(path: Path) -> tuple[int, dict[str, Tensor], dict[str, Tensor]]:
    """Return step, the policy's tensors and the optimiser's.

    Raises:
        HelmsError: the file is damaged.
    """
    try:
        with safe_open(path, "pt") as file:
            step = int(json.loads(file.metadata()["step"]))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise HelmsError(f"{path} is no whole checkpoint: {error}; delete it to go on from the one before") from error
    return step, _with(tensors, _POLICY), _with(tensors, _OPTIMISER)


def restore(path: Path, policy: Policy, optimiser: torch.optim.Optimizer | None = None) -> int:
    """Load a checkpoint into a policy and, if given, its optimiser; return the step.

    Raises:
        HelmsError: the file is damaged, or of a policy of other sizes.
    """
    step, weights, moments = read_checkpoint(path)
    try:
        policy.load_state_dict(weights)
    except RuntimeError as error:
        raise HelmsError(f"{path} does not fit the run's configuration: {error}") from error
    if optimiser is not None:
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in moments.items():
            index, _, key = name.partition(".")
            state.setdefault(int(index), {})[key] = tensor
        optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
    return step


def _with(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
