"""The manifest of a bundle: what it is, what it was made for, and how it was made."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from helms_control.durable import write_text
from helms_control.policy.contract import FORMAT, FRAME_ORDER, GRAPHS
from helms_control.policy.errors import BundleError
from helms_control.spec import FRAMES

NAME = "manifest.yaml"
_HEX = set("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What manifest.yaml says.

    Raises:
        BundleError: a value that cannot be; the message names it.
    """

    name: str
    """Of the policy."""
    spec_version: str
    """Version of the contract it was made for."""
    spec_hash: str
    """Hash of the contract it was made for."""
    skills: int
    """K, 1 to 255."""
    latent: int
    """Numbers of the latent."""
    tasks: tuple[str, ...]
    """Tasks in the training data; "unknown" where the data were not recorded."""
    object_sets: tuple[str, ...]
    """Object sets in the training data; likewise."""
    files: Mapping[str, str]
    """SHA-256 of each of the three files, by file name."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """How it was made: command, seed, data, versions."""
    success: tuple[Mapping[str, Any], ...] = ()
    """Measured: object_set, episodes, seed, success, success_low, success_high (Wilson 95 %) each."""
    frames: int = FRAMES
    """Stacked observations."""
    frame_order: str = FRAME_ORDER
    """Of the stacked observations."""
    format: int = FORMAT
    """Version of the manifest itself."""

    def __post_init__(self) -> None:
        """Refuse what no policy can be."""
        self._require("format", self.format, (FORMAT,))
        self._require("frames", self.frames, (FRAMES,))
        self._require("frame_order", self.frame_order, (FRAME_ORDER,))
        if not 1 <= self.skills <= 255 or self.latent < 1:
            raise BundleError(
                f"manifest: skills is {self.skills} and latent {self.latent}; allowed are 1 to 255 and >= 1"
            )
        wanted = sorted(graph.file for graph in GRAPHS.values())
        if sorted(self.files) != wanted:
            raise BundleError(f"manifest: files lists {sorted(self.files)}; a bundle has {wanted}")
        for name, digest in self.files.items():
            if not isinstance(digest, str) or len(digest) != 64 or not set(digest) <= _HEX:
                raise BundleError(f"manifest: files.{name} is {digest!r}; it must be a SHA-256, 64 hexadecimal digits")

    @staticmethod
    def _require(key: str, got: object, allowed: tuple[object, ...]) -> None:
        if got not in allowed:
            raise BundleError(f"manifest: {key} is {got!r}; this release knows {', '.join(map(repr, allowed))}")


_KINDS: dict[str, type] = {
    "name": str,
    "spec_version": str,
    "spec_hash": str,
    "skills": int,
    "latent": int,
    "tasks": list,
    "object_sets": list,
    "files": dict,
    "training": dict,
    "success": list,
    "frames": int,
    "frame_order": str,
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
            f"{path} is of format {loaded.get('format')!r}; this release reads format {FORMAT}: export the run anew "
            "with helms export"
        )
    missing, extra = sorted(_KINDS.keys() - loaded.keys()), sorted(map(str, loaded.keys() - _KINDS.keys()))
    if missing or extra:
        raise BundleError(f"{path}: missing keys {missing}, unknown keys {extra}; allowed are {sorted(_KINDS)}")
    for key, kind in _KINDS.items():
        if not isinstance(loaded[key], kind) or isinstance(loaded[key], bool):
            raise BundleError(f"{path}: {key} is a {type(loaded[key]).__name__}; it must be a {kind.__name__}")
    loaded["tasks"], loaded["object_sets"] = (tuple(map(str, loaded[key])) for key in ("tasks", "object_sets"))
    loaded["success"] = tuple(loaded["success"])
    try:
        return Manifest(**loaded)
    except BundleError as error:
        raise BundleError(f"{path.parent}: {error}") from error


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    """Write manifest.yaml into a folder, whole or not at all."""
    plain = {item.name: asdict(manifest)[item.name] for item in fields(manifest)}
    plain["tasks"], plain["object_sets"] = list(manifest.tasks), list(manifest.object_sets)
    plain["success"] = [dict(entry) for entry in manifest.success]
    write_text(folder / NAME, yaml.safe_dump(plain, sort_keys=False))
    return folder / NAME
