"""Configuration of a training run: a preset or a YAML file, with single values replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from helms_control.errors import HelmsError, unknown
from helms_learning.policies.configuration import PolicyConfig
from helms_learning.policies.weights import Weights

_FOLDER = resources.files("helms_learning") / "presets"


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Configuration of a run.

    Raises:
        HelmsError: an invalid value.
    """

    policy: PolicyConfig = field(default_factory=PolicyConfig)
    """Kind, features and sizes."""
    weights: Weights = field(default_factory=Weights)
    """Weights of the loss terms."""
    dataset: str = ""
    """HDF5 file."""
    target: str = "expert_action"
    """"expert_action": the demonstrator's actions without disturbance; "actions": as carried out."""
    steps: int = 40_000
    """Gradient steps."""
    batch: int = 128
    """Windows in a batch."""
    length: int = 25
    """Control steps in a window."""
    learning_rate: float = 1e-4
    """Initial learning rate of Adam."""
    final_learning_rate: float = 1e-4
    """Final learning rate, after a half cosine."""
    clip: float = 10.0
    """Norm to which gradients are clipped."""
    seed: int = 0
    """Seed of weights, windows and latents."""
    save_every: int = 1000
    """Steps between checkpoints."""
    validate_every: int = 1000
    """Steps between validations."""

    def __post_init__(self) -> None:
        """Check the values."""
        least = {"steps": 1, "batch": 1, "length": 2, "save_every": 1, "validate_every": 1, "seed": 0}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise HelmsError(f"{name} is {getattr(self, name)}; it must be {bound} or more")
        if min(self.learning_rate, self.final_learning_rate, self.clip) <= 0.0:
            raise HelmsError("learning_rate, final_learning_rate and clip must be above 0")


def presets() -> list[str]:
    """Return the names of the presets."""
    return sorted(item.name.removesuffix(".yaml") for item in _FOLDER.iterdir() if item.name.endswith(".yaml"))


def load_config(name: str, changes: Sequence[str] = ()) -> TrainConfig:
    """Read a preset or a file, and replace single values.

    Args:
        name: of a preset, or path of a YAML file.
        changes: such as "policy.skills=10".

    Raises:
        HelmsError: neither a preset nor a file, no YAML mapping, or an invalid key or value.
    """
    source = _FOLDER / f"{name}.yaml" if name in presets() else Path(name)
    if not source.is_file():
        raise unknown("preset or file", name, presets())
    try:
        loaded = yaml.safe_load(source.read_text())
        for change in changes:
            key, _, value = change.partition("=")
            *path, last = key.split(".")
            place = loaded
            for word in path:
                place = place.setdefault(word, {})
            place[last] = yaml.safe_load(value)
    except (yaml.YAMLError, AttributeError, TypeError, UnicodeDecodeError) as error:
        raise HelmsError(f"{name} with {list(changes)} cannot be read: {error}") from error
    if not isinstance(loaded, dict):
        raise HelmsError(f"{name} holds a {type(loaded).__name__}; a configuration is a mapping")
    return from_mapping(loaded)


def from_mapping(values: Mapping[str, Any]) -> TrainConfig:
    """Return a configuration from plain values, as `to_mapping` returns them."""
    built: TrainConfig = _build(TrainConfig, values, "")
    return built


def to_mapping(config: TrainConfig) -> dict[str, Any]:
    """Return plain values, for YAML."""
    return asdict(config)


def _build(kind: type[Any], values: Mapping[str, Any], where: str) -> Any:  # noqa: ANN401 - one of three dataclasses
    known = {item.name: item for item in fields(kind)}
    for key in values:
        if key not in known:
            raise unknown(f"key in {where or 'the configuration'}", key, known)
    built = {}
    nested = {"policy": PolicyConfig, "weights": Weights}
    for key, value in values.items():
        if is_dataclass(nested.get(key)) and not where:
            if not isinstance(value, Mapping):
                raise HelmsError(f"{key} is {value!r}; it must be a mapping")
            built[key] = _build(nested[key], value, key)
            continue
        wanted = known[key].type
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if wanted in (float, "float") and number:
            built[key] = float(value)
        elif (wanted in (int, "int") and isinstance(value, int) and number) or (
            wanted in (str, "str") and isinstance(value, str)
        ):
            built[key] = value
        else:
            name = getattr(wanted, "__name__", wanted)
            raise HelmsError(f"{where}{'.' if where else ''}{key} is {value!r}; it must be of type {name}")
    return kind(**built)


def with_dataset(config: TrainConfig, dataset: str) -> TrainConfig:
    """Return a configuration for a dataset."""
    return replace(config, dataset=dataset)
