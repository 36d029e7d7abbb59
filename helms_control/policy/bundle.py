"""Loading and validation of policy bundles."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from helms_control.policy.contract import FEATURES, OUTPUTS, SHAPES, inputs_of
from helms_control.policy.errors import BundleError
from helms_control.policy.folder import old_of
from helms_control.policy.manifest import NAME, Graph, Manifest, read_manifest
from helms_control.spec.streams import require_streams


@dataclass(frozen=True, slots=True)
class Bundle:
    """A validated policy: complete, consistent with its manifest and with this release's streams and features.

    Attributes:
        folder: source.
        manifest: its manifest.
        fingerprint: SHA-256 of the manifest, which contains those of the ONNX files.
        sessions: ONNX Runtime sessions of the requested graphs.
    """

    folder: Path
    manifest: Manifest
    fingerprint: str
    sessions: Mapping[str, ort.InferenceSession]


def load_bundle(folder: Path, graphs: Sequence[str] | None = None) -> Bundle:
    """Validate a bundle and load the requested graphs.

    Args:
        folder: with manifest.yaml and its ONNX files; all are checked, whatever is loaded.
        graphs: some of "features", "high", "mid", "low", "flat"; by default all that it has.

    Raises:
        BundleError: something is missing, changed, or of the wrong shape; the message says what was expected.
        SpecMismatchError: it was made for another version of a stream.
    """
    manifest, contents = _checked(folder)
    return _loaded(folder, manifest, contents, tuple(manifest.graphs) if graphs is None else graphs)


def load_level(folder: Path, level: str) -> Bundle:
    """Validate a bundle and load what the node of one level needs: its graph, and the features if it is the first.

    Raises:
        BundleError: as for `load_bundle`.
        SpecMismatchError: as for `load_bundle`.
    """
    manifest, contents = _checked(folder)
    return _loaded(folder, manifest, contents, (FEATURES, level) if level == manifest.levels[0] else (level,))


def _checked(folder: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest and the content of every graph, checked against it."""
    if not folder.is_dir():
        if (old_of(folder) / NAME).is_file():
            raise BundleError(
                f"{folder} is missing: its replacement was interrupted. The old bundle is {old_of(folder)}; rename it, "
                "or export again"
            )
        raise BundleError(f"{folder} is no folder; a bundle is a folder with {NAME} and its ONNX files")
    manifest = read_manifest(folder / NAME)
    require_streams(manifest.streams, f"bundle {folder}")
    return manifest, {name: _read(folder / graph.file, graph) for name, graph in manifest.graphs.items()}


def _loaded(folder: Path, manifest: Manifest, contents: Mapping[str, bytes], wanted: Sequence[str]) -> Bundle:
    missing = [name for name in wanted if name not in contents]
    if missing:
        raise BundleError(f"{folder} has no graph {missing[0]!r}; it has {', '.join(contents)}")
    sessions = {name: _session(folder, name, contents[name], manifest) for name in wanted}
    return Bundle(folder, manifest, hashlib.sha256((folder / NAME).read_bytes()).hexdigest(), sessions)


def _read(path: Path, graph: Graph) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path} is missing: {error.strerror}; copy the whole bundle again") from error
    got = hashlib.sha256(content).hexdigest()
    if got != graph.sha256:
        raise BundleError(
            f"{path} is not the file that the manifest describes: its SHA-256 is {got[:12]}..., the manifest's "
            f"{graph.sha256[:12]}...; copy the whole bundle again"
        )
    return content


def _session(folder: Path, name: str, content: bytes, manifest: Manifest) -> ort.InferenceSession:
    # The session is built from the hashed bytes: a later change of the file has no effect.
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    graph = manifest.graphs[name]
    try:
        session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # ONNX Runtime raises a dozen unrelated classes for a file that it cannot load.
        raise BundleError(f"{folder / graph.file} is no graph that ONNX Runtime can load: {error}") from error
    where = str(folder / graph.file)
    inputs = inputs_of(name, manifest.levels)
    if name == FEATURES:  # they need not use every stream
        inputs = tuple(key for key in inputs if key in graph.inputs)
    _compare(where, "inputs", session.get_inputs(), inputs, manifest)
    _compare(where, "outputs", session.get_outputs(), OUTPUTS[name], manifest)
    for side, listed, found in (
        ("inputs", graph.inputs, session.get_inputs()),
        ("outputs", graph.outputs, session.get_outputs()),
    ):
        if {key: list(value) for key, value in listed.items()} != {item.name: list(item.shape) for item in found}:
            raise BundleError(f"{where}: the manifest lists other {side} than the graph has; export the run anew")
    _try(where, session, name, manifest)
    return session


def _compare(where: str, side: str, got: Sequence[Any], wanted: tuple[str, ...], manifest: Manifest) -> None:
    found = {item.name: (item.type, tuple(item.shape)) for item in got}
    if sorted(found) != sorted(wanted):
        raise BundleError(f"{where} has the {side} {sorted(found)}; the contract wants {list(wanted)}")
    for name in wanted:
        kind, expected = ("tensor(int64)" if name == "skill" else "tensor(float)"), _shape(name, manifest)
        if found[name] != (kind, expected):
            raise BundleError(
                f"{where}: {name} is {found[name][0]} {list(found[name][1])}; "
                f"contract and manifest want {kind} {list(expected)}"
            )


def _try(where: str, session: ort.InferenceSession, name: str, manifest: Manifest) -> None:
    zeros = {
        item.name: np.zeros(_shape(item.name, manifest), np.int64 if item.name == "skill" else np.float32)
        for item in session.get_inputs()
    }
    try:
        results = session.run(list(OUTPUTS[name]), zeros)
    except Exception as error:
        # As above: ONNX Runtime raises unrelated classes.
        raise BundleError(f"{where} does not run on zeros: {error}") from error
    for output, result in zip(OUTPUTS[name], results, strict=True):
        if result.shape != _shape(output, manifest) or not np.isfinite(result).all():
            raise BundleError(f"{where} answers zeros with shape {result.shape} or with numbers that are not finite")


def _shape(name: str, manifest: Manifest) -> tuple[int, ...]:
    return tuple(manifest.sizes[size] if isinstance(size, str) else size for size in SHAPES[name])
