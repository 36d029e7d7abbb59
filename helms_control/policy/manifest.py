"""The manifest of a bundle: what it is, what it was made for, and how it was made."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from helms_control.durable import write_text
from helms_control.features.features import features_named, fingerprint
from helms_control.features.roles import ORDERS
from helms_control.policy.contract import CHAINS, FEATURES, FILES, FORMAT, STREAMS
from helms_control.policy.errors import BundleError

NAME = "manifest.yaml"
_HEX = set("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Graph:
    """One ONNX file."""

    file: str
    """Its name."""
    sha256: str
    """Of its content."""
    inputs: Mapping[str, list[int]]
    """Shapes by name."""
    outputs: Mapping[str, list[int]]
    """Shapes by name."""

    def __post_init__(self) -> None:
        """Refuse what no file can be."""
        if not isinstance(self.sha256, str) or len(self.sha256) != 64 or not set(self.sha256) <= _HEX:
            raise BundleError(f"manifest: {self.file} has {self.sha256!r}; a SHA-256 has 64 hexadecimal digits")
        for side in (self.inputs, self.outputs):
            if not isinstance(side, Mapping):
                raise BundleError(f"manifest: {self.file} lists {side!r}; inputs and outputs are shapes by name")


@dataclass(frozen=True, slots=True)
class FeaturesUsed:
    """The features that the networks see."""

    name: str
    """Of the features."""
    version: int
    """Of the features."""
    hash: str
    """`features.fingerprint`."""
    order: str
    """Order of the objects: "colours" or "roles"."""

    def __post_init__(self) -> None:
        """Refuse features of another release."""
        known = features_named(self.name)
        if (self.version, self.hash) != (known.version, fingerprint(known)):
            raise BundleError(
                f"manifest: made for features {self.name} {self.version} ({self.hash[:12]}), but this release has "
                f"{known.name} {known.version} ({fingerprint(known)[:12]}); train and export it anew"
            )
        if self.order not in ORDERS:
            raise BundleError(f"manifest: features.order is {self.order!r}; this release knows {', '.join(ORDERS)}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What manifest.yaml says.

    Raises:
        BundleError: a value that cannot be; the message names it.
    """

    name: str
    """Of the policy."""
    kind: str
    """Of the policy: hierarchical, npmp, clone, or what another tool made."""
    streams: Mapping[str, Mapping[str, str]]
    """Version and hash of the streams that it needs."""
    features: FeaturesUsed
    """What its networks see."""
    skills: int
    """K, 1 to 255; 1 without a high level."""
    latent: int
    """Numbers of the latent; 0 without one."""
    graphs: Mapping[str, Graph]
    """The features, then the levels in order, by name."""
    tasks: tuple[str, ...]
    """Tasks in the training data; "unknown" where the data were not recorded."""
    object_sets: tuple[str, ...]
    """Object sets in the training data; likewise."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """How it was made: command, seed, data, versions."""
    success: tuple[Mapping[str, Any], ...] = ()
    """Measured: object_set, episodes, seed, success, success_low, success_high (Wilson 95 %) each."""
    format: int = FORMAT
    """Version of the manifest itself."""

    def __post_init__(self) -> None:
        """Refuse what no policy can be."""
        if not 1 <= self.skills <= 255 or self.latent < 0:
            raise BundleError(f"manifest: skills is {self.skills}, latent {self.latent}; allowed are 1 to 255 and >= 0")
        names = tuple(self.graphs)
        if names[:1] != (FEATURES,) or names[1:] not in CHAINS:
            known = "; ".join(", ".join((FEATURES, *chain)) for chain in CHAINS)
            raise BundleError(f"manifest: graphs lists {', '.join(names) or 'none'}; a bundle has one of: {known}")
        for name, graph in self.graphs.items():
            if graph.file != FILES[name]:
                raise BundleError(f"manifest: the file of graph {name} is {graph.file!r}; it must be {FILES[name]!r}")
        needed = [name for name in STREAMS if name in self.graphs[FEATURES].inputs]
        needed += ["action", "task"] if self.features.order == "roles" else ["action"]
        if unsaid := [name for name in {*needed, *self.streams} if not isinstance(self.streams.get(name), Mapping)]:
            raise BundleError(
                f"manifest: streams has no version and hash of {', '.join(sorted(unsaid))}; export it anew"
            )

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the levels in order."""
        return tuple(name for name in self.graphs if name != FEATURES)

    @property
    def sizes(self) -> dict[str, int]:
        """Sizes by the letters of `contract.SHAPES`."""
        robot, scene = features_named(self.features.name).sizes
        return {"R": robot, "S": scene, "K": self.skills, "Z": self.latent}


_KINDS: dict[str, type] = {
    "name": str,
    "kind": str,
    "streams": dict,
    "features": dict,
    "skills": int,
    "latent": int,
    "graphs": dict,
    "tasks": list,
    "object_sets": list,
    "training": dict,
    "success": list,
    "format": int,
}


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        BundleError: the file is missing, is no YAML mapping, or a key is missing, unknown or of another type.
    """
    try:
        loaded = yaml.safe_load(path.read_text())
    except FileNotFoundError as error:
        raise BundleError(f"{path.parent} is no bundle: it has no {NAME}; make one with helms export") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BundleError(f"{path} cannot be read: {error}") from error
    if not isinstance(loaded, dict):
        raise BundleError(f"{path} holds a {type(loaded).__name__}; a manifest is a mapping")
    if loaded.get("format") != FORMAT:
        raise BundleError(
            f"{path} is of format {loaded.get('format')!r}; this release reads format {FORMAT}: train the policy anew "
            "with helms train offline, and export it with helms export"
        )
    _require_keys(path, loaded, _KINDS)
    try:
        loaded["features"] = FeaturesUsed(**loaded["features"])
        loaded["graphs"] = {name: Graph(**graph) for name, graph in loaded["graphs"].items()}
        loaded["tasks"], loaded["object_sets"] = (tuple(map(str, loaded[key])) for key in ("tasks", "object_sets"))
        loaded["success"] = tuple(loaded["success"])
        return Manifest(**loaded)
    except TypeError as error:
        raise BundleError(f"{path}: features or graphs has missing, unknown or wrong entries: {error}") from error
    except BundleError as error:
        raise BundleError(f"{path.parent}: {error}") from error


def _require_keys(path: Path, loaded: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    missing, extra = sorted(kinds.keys() - loaded.keys()), sorted(map(str, loaded.keys() - kinds.keys()))
    if missing or extra:
        raise BundleError(f"{path}: missing keys {missing}, unknown keys {extra}; allowed are {sorted(kinds)}")
    for key, kind in kinds.items():
        if not isinstance(loaded[key], kind) or isinstance(loaded[key], bool):
            raise BundleError(f"{path}: {key} is a {type(loaded[key]).__name__}; it must be a {kind.__name__}")


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    """Write manifest.yaml into a folder, whole or not at all."""
    plain = asdict(manifest)
    for key in ("tasks", "object_sets", "success"):
        plain[key] = list(plain[key])
    plain["success"] = [dict(entry) for entry in plain["success"]]
    write_text(folder / NAME, yaml.safe_dump(plain, sort_keys=False))
    return folder / NAME
