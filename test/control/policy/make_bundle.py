"""A complete bundle with random weights, for tests without a trained policy."""

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from helms_control.policy import Manifest, write_manifest
from helms_control.spec import ACTION, FRAMES, OBJECTS, PROPRIOCEPTION, SPEC

Array = npt.NDArray[np.float32]

LATENT, WIDTH = 8, 64
OWN, SEEN = FRAMES * PROPRIOCEPTION.size, FRAMES * OBJECTS.size


class Graph:
    """Collects the nodes and weights of one network."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Start empty."""
        self.rng = rng
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, Array] = {}

    def weight(self, name: str, *shape: int, scale: float = 0.3) -> str:
        """Draw a weight."""
        self.weights[name] = (scale * self.rng.normal(size=shape)).astype(np.float32)
        return name

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:  # noqa: ANN401
        """Append a node."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def shape(self, name: str, *sizes: int) -> str:
        """Add a constant shape."""
        self.nodes.append(
            helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.array(sizes, np.int64)))
        )
        return name

    def normalised(self, parts: list[tuple[str, int]]) -> str:
        """Flatten inputs, join them, subtract a mean and divide by a deviation."""
        flat = [
            self.add("Reshape", [name, self.shape(f"{name}_shape", 1, size)], f"{name}_flat") for name, size in parts
        ]
        joined = self.add("Concat", flat, "joined", axis=1)
        size = sum(size for _, size in parts)
        self.weight("mean", size, scale=0.1)
        self.weights["deviation"] = np.full(size, 3.0, np.float32)
        return self.add("Div", [self.add("Sub", [joined, "mean"], "centred"), "deviation"], "normalised")

    def hidden(self, value: str, size: int) -> str:
        """One layer of tanh."""
        self.weight("w0", size, WIDTH, scale=0.1)
        self.weight("b0", WIDTH)
        return self.add("Tanh", [self.add("Gemm", [value, "w0", "b0"], "layer")], "features")

    def save(self, path: Path, inputs: Mapping[str, tuple[int, list[int]]], output: str, size: int) -> None:
        """Write the model."""
        graph = helper.make_graph(
            self.nodes,
            path.stem,
            [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, size])],
            [numpy_helper.from_array(value, name) for name, value in self.weights.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString())


def make_bundle(folder: Path, skills: int = 5, seed: int = 0, gain: float = 1.0) -> Path:
    """Write a bundle.

    Args:
        folder: made where it is missing.
        skills: K.
        seed: of the weights; the same seed, the same bytes.
        gain: scale of the action's last layer.

    Returns:
        The folder.
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    networks = {"high_level": _high(rng, folder, skills), "mid_level": _mid(rng, folder, skills)}
    networks["low_level"] = _low(rng, folder, gain)
    arrays: dict[str, Any] = {f"{name}.{key}": w for name, net in networks.items() for key, w in net.weights.items()}
    np.savez(folder / "weights.npz", **arrays)
    sign(folder, skills)
    return folder


def sign(folder: Path, skills: int = 5, **changes: object) -> None:
    """Write a manifest with the hashes of the files as they are now."""
    files = {
        f"{level}_level.onnx": hashlib.sha256((folder / f"{level}_level.onnx").read_bytes()).hexdigest()
        for level in ("high", "mid", "low")
    }
    values: dict[str, object] = {
        "name": "random",
        "spec_version": SPEC.version,
        "spec_hash": SPEC.hash,
        "skills": skills,
        "latent": LATENT,
        "tasks": ("red_on_blue",),
        "object_sets": ("4",),
        "files": files,
        "training": {"command": "none: random weights"},
    }
    write_manifest(Manifest(**(values | changes)), folder)  # type: ignore[arg-type]  # a test may break a type


_BOTH = {
    "proprioception": (TensorProto.FLOAT, [1, FRAMES, PROPRIOCEPTION.size]),
    "objects": (TensorProto.FLOAT, [1, FRAMES, OBJECTS.size]),
}


def _high(rng: np.random.Generator, folder: Path, skills: int) -> Graph:
    graph = Graph(rng)
    features = graph.hidden(graph.normalised([("proprioception", OWN), ("objects", SEEN)]), OWN + SEEN)
    graph.weight("w1", WIDTH, skills)
    graph.weight("b1", skills)
    graph.add("Softmax", [graph.add("Gemm", [features, "w1", "b1"], "logits")], "probabilities", axis=1)
    graph.save(folder / "high_level.onnx", _BOTH, "probabilities", skills)
    return graph


def _mid(rng: np.random.Generator, folder: Path, skills: int) -> Graph:
    graph = Graph(rng)
    features = graph.hidden(graph.normalised([("proprioception", OWN), ("objects", SEEN)]), OWN + SEEN)
    graph.weight("w1", skills, WIDTH, LATENT)
    chosen = graph.add("Gather", ["w1", "skill"], "chosen", axis=0)
    matrix = graph.add("Reshape", [chosen, graph.shape("matrix_shape", WIDTH, LATENT)], "matrix")
    graph.add("MatMul", [features, matrix], "latent")
    graph.save(folder / "mid_level.onnx", {**_BOTH, "skill": (TensorProto.INT64, [1])}, "latent", LATENT)
    return graph


def _low(rng: np.random.Generator, folder: Path, gain: float) -> Graph:
    graph = Graph(rng)
    features = graph.hidden(graph.normalised([("proprioception", OWN), ("latent", LATENT)]), OWN + LATENT)
    graph.weight("w1", WIDTH, ACTION.size, scale=0.3 * gain)
    graph.weight("b1", ACTION.size)
    graph.add("Tanh", [graph.add("Gemm", [features, "w1", "b1"], "unbounded")], "action")
    inputs = {"proprioception": _BOTH["proprioception"], "latent": (TensorProto.FLOAT, [1, LATENT])}
    graph.save(folder / "low_level.onnx", inputs, "action", ACTION.size)
    return graph


if __name__ == "__main__":
    print(make_bundle(Path(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 0))
