"""Folder of a training run: configuration, provenance, metrics."""

import json
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
import yaml

from helms_control.durable import write_text
from helms_control.errors import HelmsError
from helms_control.features.features import features_named, fingerprint
from helms_control.spec import SPEC
from helms_learning.datasets.edit import describe
from helms_learning.offline.checkpoint import checkpoints, newest, restore, step_of
from helms_learning.offline.config import TrainConfig, from_mapping, to_mapping
from helms_learning.policies.base import Policy
from helms_learning.policies.kinds import make_policy

CONFIG, PROVENANCE, METRICS = "config.yaml", "provenance.yaml", "metrics.jsonl"
UNKNOWN = "unknown"
_SAME = ("episodes", "steps", "splits", "digest")
"""What must not change about the dataset of a run."""


def begin(folder: Path, config: TrainConfig, command: str, device: torch.device) -> None:
    """Write configuration and provenance of a new run.

    Args:
        folder: of the run.
        config: of the run.
        command: that started it.
        device: that it trains on.

    Raises:
        HelmsError: the folder holds a run already, or cannot be written to.
    """
    if (folder / CONFIG).exists():
        raise HelmsError(f"{folder} holds a run already; resume it with --resume, or choose another folder")
    if (folder / METRICS).exists() or checkpoints(folder):
        raise HelmsError(f"{folder} holds a run without its {CONFIG}; choose another folder")
    # The configuration is written last: a folder with one is complete.
    known = features_named(config.policy.features)
    seen = {"features": {"name": known.name, "version": known.version, "hash": fingerprint(known)}}
    _write(folder, PROVENANCE, _provenance(command, device) | seen | {"data": _data(config)})
    _write(folder, CONFIG, to_mapping(config))


def resume(folder: Path, command: str, device: torch.device) -> TrainConfig:
    """Return the configuration of a run; where it is not finished, its continuation is added to its provenance.

    Args:
        folder: of the run.
        command: that continues it.
        device: that it continues on.

    Raises:
        HelmsError: no run, or its dataset is not the one that it began with.
    """
    config, provenance = read_config(folder), read_provenance(folder)
    before, now = provenance.get("data", {}), _data(config)
    _require_features(folder, config, provenance)
    other = [f"{key} {before[key]} then, {now[key]} now" for key in _SAME if before.get(key, now[key]) != now[key]]
    if other:
        raise HelmsError(
            f"{config.dataset} is not the dataset that {folder} began with ({'; '.join(other)}); put that one back, or "
            "begin another run"
        )
    found = checkpoints(folder)
    step = step_of(found[-1]) if found else 0
    if step < config.steps:
        resumed = [*provenance.get("resumed", []), {"step": step, **_provenance(command, device)}]
        _write(folder, PROVENANCE, provenance | {"resumed": resumed})
    return config


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
    """Return command, versions, git state, device and data of a run's start, and of its continuations.

    Raises:
        HelmsError: the file is missing or damaged.
    """
    try:
        loaded = yaml.safe_load((folder / PROVENANCE).read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise HelmsError(f"the {PROVENANCE} of {folder} cannot be read: {error}") from error
    if not isinstance(loaded, dict):
        raise HelmsError(f"{folder / PROVENANCE} holds a {type(loaded).__name__}; provenance is a mapping")
    return loaded


def load_policy(folder: Path) -> tuple[Policy, TrainConfig, int]:
    """Return a run's policy with the newest weights, its configuration, and the step.

    Raises:
        HelmsError: no run, no checkpoint, or a damaged one.
    """
    config = read_config(folder)
    _require_features(folder, config, read_provenance(folder))
    policy = make_policy(config.policy, config.seed)
    step = restore(newest(folder), policy)
    return policy.eval(), config, step


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """Return a run's metrics, one mapping for each line; an incomplete line is left out."""
    found = []
    path = folder / METRICS
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def choose_device(name: str | None) -> torch.device:
    """Return the device of a name such as "cpu"; without one, a GPU where there is one."""
    return torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))


def _require_features(folder: Path, config: TrainConfig, provenance: dict[str, Any]) -> None:
    """Refuse a run that began with another version of its features; both are named."""
    then, now = provenance.get("features", {}), features_named(config.policy.features)
    if then.get("hash") != fingerprint(now):
        raise HelmsError(
            f"{folder} began with features {then.get('name', UNKNOWN)} {then.get('version', UNKNOWN)}, but this "
            f"release has {now.name} {now.version}; train it anew, or continue it with the release that began it"
        )


def _write(folder: Path, name: str, values: dict[str, Any]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / name, yaml.safe_dump(values, sort_keys=False))
    except OSError as error:
        raise HelmsError(f"{folder / name} cannot be written: {error}; nothing was trained") from error


def _provenance(command: str, device: torch.device) -> dict[str, Any]:
    return {
        "command": command,
        **_git_state(),
        "helms": _version(),
        "spec": SPEC.label,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "threads": torch.get_num_threads(),
        "device": str(device),
    }


def _data(config: TrainConfig) -> dict[str, Any]:
    """Return what the dataset holds, without its folder."""
    return describe(Path(config.dataset)) | {"dataset": Path(config.dataset).name}


def _version() -> str:
    try:
        return version("helms")
    except PackageNotFoundError:
        return UNKNOWN


def _git_state() -> dict[str, Any]:
    """Return commit and changes of the repository that tracks this package.

    An installed package may lie inside of another repository, whose commit says nothing about it.
    """
    if _git("ls-files", "--error-unmatch", Path(__file__).name) is None:
        return {"git": UNKNOWN, "git_changed": UNKNOWN}
    changes = _git("status", "--porcelain")
    return {"git": _git("rev-parse", "HEAD") or UNKNOWN, "git_changed": UNKNOWN if changes is None else bool(changes)}


def _git(*arguments: str) -> str | None:
    """Return the output of a git command in this package's folder; None where it fails or there is no git."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
