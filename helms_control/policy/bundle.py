"""Loading and validation of policy bundles."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from helms_control.policy.contract import FLOAT, GRAPHS, Graph, Tensor
from helms_control.policy.errors import BundleError
from helms_control.policy.folder import old_of
from helms_control.policy.manifest import NAME, Manifest, read_manifest
from helms_control.spec import SPEC

LEVELS = tuple(GRAPHS)
"""high, mid and low."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A validated policy: complete, consistent with its manifest and with this release's contract.

    Attributes:
        folder: source.
        manifest: its manifest.
        fingerprint: SHA-256 of the manifest, which contains those of the ONNX files.
        sessions: ONNX Runtime sessions of the requested levels.
    """

    folder: Path
    manifest: Manifest
    fingerprint: str
    sessions: Mapping[str, ort.InferenceSession]


def load_bundle(folder: Path, levels: Sequence[str] = LEVELS) -> Bundle:
    """Validate a bundle and load the requested levels.

    Args:
        folder: with manifest.yaml and three ONNX files; all four are checked, whatever is loaded.
        levels: some of "high", "mid", "low".

    Raises:
        BundleError: something is missing, changed, or of the wrong shape; the message says what was expected.
        SpecMismatchError: it was made for another contract.
    """
    if not folder.is_dir():
        if (old_of(folder) / NAME).is_file():
            raise BundleError(
                f"{folder} is missing: its replacement was interrupted. The old bundle is {old_of(folder)}; rename it, "
                "or export again"
            )
        raise BundleError(f"{folder} is no folder; a bundle is a folder with {NAME} and three ONNX files")
    manifest = read_manifest(folder / NAME)
    SPEC.require_same(manifest.spec_version, manifest.spec_hash, f"bundle {folder}")
    contents = {graph.file: _read(folder / graph.file, manifest) for graph in GRAPHS.values()}
    sessions = {level: _session(folder, GRAPHS[level], contents[GRAPHS[level].file], manifest) for level in levels}
    return Bundle(folder, manifest, hashlib.sha256((folder / NAME).read_bytes()).hexdigest(), sessions)


def _read(path: Path, manifest: Manifest) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path} is missing: {error.strerror}; copy the whole bundle again") from error
    got, wanted = hashlib.sha256(content).hexdigest(), manifest.files[path.name]
    if got != wanted:
        raise BundleError(
            f"{path} is not the file that the manifest describes: its SHA-256 is {got[:12]}..., the manifest's "
            f"{wanted[:12]}...; copy the whole bundle again"
        )
    return content


def _session(folder: Path, graph: Graph, content: bytes, manifest: Manifest) -> ort.InferenceSession:
    # The session is built from the hashed bytes: a later change of the file has no effect.
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # ONNX Runtime raises a dozen unrelated classes for a file that it cannot load.
        raise BundleError(f"{folder / graph.file} is no graph that ONNX Runtime can load: {error}") from error
    sizes = {"K": manifest.skills, "Z": manifest.latent}
    where = str(folder / graph.file)
    _compare(where, "inputs", session.get_inputs(), graph.inputs, sizes)
    _compare(where, "outputs", session.get_outputs(), (graph.output,), sizes)
    _try(where, session, graph, sizes)
    return session


def _compare(where: str, side: str, got: Sequence[Any], wanted: tuple[Tensor, ...], sizes: Mapping[str, int]) -> None:
    found = {item.name: (item.type, tuple(item.shape)) for item in got}
    if sorted(found) != sorted(tensor.name for tensor in wanted):
        raise BundleError(f"{where} has the {side} {sorted(found)}; the contract wants {[t.name for t in wanted]}")
    for tensor in wanted:
        kind, shape = found[tensor.name]
        expected = _shape(tensor, sizes)
        # The batch may be symbolic, a name instead of a number.
        same = len(shape) == len(expected) and all(
            size == want or (axis == 0 and not isinstance(size, int))
            for axis, (size, want) in enumerate(zip(shape, expected, strict=False))
        )
        if kind != tensor.kind or not same:
            raise BundleError(
                f"{where}: {tensor.name} is {kind} {list(shape)}; "
                f"contract and manifest want {tensor.kind} {list(expected)}"
            )


def _try(where: str, session: ort.InferenceSession, graph: Graph, sizes: Mapping[str, int]) -> None:
    zeros = {
        tensor.name: np.zeros(_shape(tensor, sizes), np.float32 if tensor.kind == FLOAT else np.int64)
        for tensor in graph.inputs
    }
    try:
        (result,) = session.run(None, zeros)
    except Exception as error:
        # As above: ONNX Runtime raises unrelated classes.
        raise BundleError(f"{where} does not run on zeros: {error}") from error
    expected = _shape(graph.output, sizes)
    if result.shape != expected or not np.isfinite(result).all():
        raise BundleError(f"{where} answers zeros with shape {result.shape} or with numbers that are not finite")


def _shape(tensor: Tensor, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[size] if isinstance(size, str) else size for size in tensor.shape)
