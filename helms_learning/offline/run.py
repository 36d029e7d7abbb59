"""The folder of a training run: what it was told, where it stands, what it measured."""

import json
import platform
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import yaml

from helms_control.errors import HelmsError
from helms_control.spec import SPEC
from helms_learning.models import BehaviourClone, SkillModel
from helms_learning.offline.checkpoint import newest, restore
from helms_learning.offline.config import TrainConfig, from_mapping, to_mapping
from helms_learning.offline.losses import Model

CONFIG, PROVENANCE, METRICS = "config.yaml", "provenance.yaml", "metrics.jsonl"


def make_model(config: TrainConfig) -> Model:
    """Build the model of a configuration, its weights drawn from the configuration's seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return BehaviourClone(config.model) if config.model.kind == "bc" else SkillModel(config.model)


def begin(folder: Path, config: TrainConfig, command: str) -> None:
    """Write what a new run was told.

    Raises:
        HelmsError: the folder holds a run already, or cannot be written to.
    """
    if (folder / CONFIG).exists():
        raise HelmsError(f"{folder} holds a run already; resume it with --resume, or choose another folder")
    # The configuration comes last: a folder that has one has everything.
    for name, values in ((PROVENANCE, _provenance(command)), (CONFIG, to_mapping(config))):
        partial = folder / f".{name}.partial"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            partial.write_text(yaml.safe_dump(values, sort_keys=False))
            partial.replace(folder / name)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise HelmsError(f"{folder / name} cannot be written: {error}; nothing was trained") from error


def read_config(folder: Path) -> TrainConfig:
    """Return the configuration of a run.

    Raises:
        HelmsError: the folder holds no run.
    """
    try:
        loaded = yaml.safe_load((folder / CONFIG).read_text())
    except (OSError, yaml.YAMLError) as error:
        raise HelmsError(f"{folder} is no run: its {CONFIG} cannot be read: {error}") from error
    if not isinstance(loaded, dict):
        raise HelmsError(f"{folder / CONFIG} holds no mapping; it is no configuration")
    return from_mapping(loaded)


def read_provenance(folder: Path) -> dict[str, Any]:
    """Return the command, versions and git state that a run was begun with."""
    loaded: dict[str, Any] = yaml.safe_load((folder / PROVENANCE).read_text())
    return loaded


def load_model(folder: Path) -> tuple[Model, TrainConfig, int]:
    """Return a run's model with the newest weights, its configuration, and the step.

    Raises:
        HelmsError: no run, no checkpoint, or a torn one.
    """
    config = read_config(folder)
    model = make_model(config)
    step = restore(newest(folder), model)
    return model.eval(), config, step


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """Return what a run noted, one mapping for each line; a line cut short by a crash is left out."""
    found = []
    path = folder / METRICS
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def with_dataset(config: TrainConfig, dataset: str) -> TrainConfig:
    """Return a configuration for a dataset."""
    return replace(config, dataset=dataset)


def _provenance(command: str) -> dict[str, Any]:
    return {
        "command": command,
        "git": _git("rev-parse", "HEAD"),
        "git_changed": bool(_git("status", "--porcelain")),
        "spec": SPEC.label,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "threads": torch.get_num_threads(),
        "device": "cuda" if torch.cuda.is_available() else "cpu",
    }


def _git(*arguments: str) -> str:
    folder = Path(__file__).parent
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()
