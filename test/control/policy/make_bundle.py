"""A complete bundle with random weights, for tests without a trained policy."""

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import yaml
from onnx import TensorProto, helper, numpy_helper

from helms_control.features import geometry
from helms_control.features.features import features_named, fingerprint
from helms_control.policy import FeaturesUsed, Graph, Manifest, write_manifest
from helms_control.policy.contract import CHAINS, FEATURES, FILES
from helms_control.spec import ACTION, FRAMES, OBJECTS, PROPRIOCEPTION
from helms_control.spec.streams import stamps

Array = npt.NDArray[np.float32]

LATENT, WIDTH = 8, 64
HIERARCHICAL, NPMP, FLAT = CHAINS
KINDS = {HIERARCHICAL: "hierarchical", NPMP: "npmp", FLAT: "clone"}

Sizes = dict[str, list[int]]
_STREAMS: Sizes = {
    "proprioception": [1, FRAMES, PROPRIOCEPTION.size],
    "objects": [1, FRAMES, OBJECTS.size],
    "shapes": [1, 3, geometry.SIZE],
}


class Network:
    """Collects the nodes and weights of one graph."""

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

    def integers(self, name: str, *values: int) -> str:
        """Add constant integers."""
        value = numpy_helper.from_array(np.array(values, np.int64))
        self.nodes.append(helper.make_node("Constant", [], [name], value=value))
        return name

    def hidden(self, parts: dict[str, int]) -> str:
        """Join inputs by name and size, subtract a mean, divide by a deviation; one layer of tanh."""
        joined, size = self.add("Concat", list(parts), "joined", axis=1), sum(parts.values())
        self.weight("mean", size, scale=0.1)
        self.weights["deviation"] = np.full(size, 3.0, np.float32)
        value = self.add("Div", [self.add("Sub", [joined, "mean"], "centred"), "deviation"], "normalised")
        self.weight("w0", size, WIDTH, scale=0.1)
        self.weight("b0", WIDTH)
        return self.add("Tanh", [self.add("Gemm", [value, "w0", "b0"], "layer")], "hidden")

    def linear(self, value: str, size: int, output: str, scale: float = 0.3) -> str:
        """Append the last layer."""
        self.weight("w1", WIDTH, size, scale=scale)
        self.weight("b1", size)
        return self.add("Gemm", [value, "w1", "b1"], output)

    def save(self, path: Path, inputs: Sizes, outputs: Sizes) -> Graph:
        """Write the model, and return its entry of the manifest."""

        def described(sizes: Sizes) -> list[onnx.ValueInfoProto]:
            kinds = {name: TensorProto.INT64 if name == "skill" else TensorProto.FLOAT for name in sizes}
            return [helper.make_tensor_value_info(name, kinds[name], shape) for name, shape in sizes.items()]

        weights = [numpy_helper.from_array(value, name) for name, value in self.weights.items()]
        graph = helper.make_graph(self.nodes, path.stem, described(inputs), described(outputs), weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString())
        return Graph(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), inputs, outputs)


def make_bundle(
    folder: Path,
    skills: int = 5,
    seed: int = 0,
    gain: float = 1.0,
    levels: tuple[str, ...] = HIERARCHICAL,
    features: str = "raw",
    order: str = "colours",
) -> Path:
    """Write a bundle.

    Args:
        folder: made where it is missing.
        skills: K; 1 without a high level.
        seed: of the weights; the same seed, the same bytes.
        gain: scale of the action's last layer.
        levels: one of `contract.CHAINS`.
        features: name. "raw" are the real ones. All others have the right sizes only: numbers of the streams, shapes
            included, at even distances.
        order: of the objects, "colours" or "roles".

    Returns:
        The folder.
    """
    rng, skills = np.random.default_rng(seed), skills if "high" in levels else 1
    folder.mkdir(parents=True, exist_ok=True)
    robot, scene = features_named(features).sizes
    graphs = {FEATURES: _features(Network(rng), folder, features, robot, scene)}
    arrays: dict[str, Any] = {}
    for level in levels:
        network = Network(rng)
        graphs[level] = _level(network, level, folder, {"robot": robot, "scene": scene}, skills, gain, levels)
        arrays |= {f"{level}.{key}": weight for key, weight in network.weights.items()}
    np.savez(folder / "weights.npz", **arrays)
    known = features_named(features)
    manifest = Manifest(
        name="random",
        kind=KINDS[levels],
        streams=stamps([*graphs[FEATURES].inputs, "action", *(["task"] if order == "roles" else [])]),
        features=FeaturesUsed(known.name, known.version, fingerprint(known), order),
        skills=skills,
        latent=LATENT if "low" in levels else 0,
        graphs=graphs,
        tasks=("red_on_blue",),
        object_sets=("4",),
        training={"command": "none: random weights"},
    )
    write_manifest(manifest, folder)
    return folder


def change(folder: Path, **keys: object) -> None:
    """Change entries of a manifest, whatever they are; None removes one."""
    manifest = yaml.safe_load((folder / "manifest.yaml").read_text()) | keys
    kept = {key: value for key, value in manifest.items() if value is not None}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(kept, sort_keys=False))


def sign(folder: Path, **changes: object) -> None:
    """Put the hashes of the files as they are now into the manifest, and other changes."""
    graphs = yaml.safe_load((folder / "manifest.yaml").read_text())["graphs"]
    for graph in graphs.values():
        graph["sha256"] = hashlib.sha256((folder / graph["file"]).read_bytes()).hexdigest()
    change(folder, graphs=graphs, **changes)


def _features(network: Network, folder: Path, name: str, robot: int, scene: int) -> Graph:
    streams = dict(_STREAMS)
    if name == "raw":
        del streams["shapes"]
    flat = {
        key: network.add("Reshape", [key, network.integers(f"{key}_shape", 1, -1)], f"{key}_flat") for key in streams
    }
    _every(network, flat.pop("proprioception"), int(np.prod(_STREAMS["proprioception"])), robot, "robot")
    size = sum(int(np.prod(_STREAMS[key])) for key in flat)
    _every(network, network.add("Concat", list(flat.values()), "seen", axis=1), size, scene, "scene")
    return network.save(folder / FILES[FEATURES], streams, {"robot": [1, robot], "scene": [1, scene]})


def _every(network: Network, value: str, size: int, wanted: int, output: str) -> None:
    """Take as many numbers as are wanted, at even distances."""
    step = size // wanted
    where = [("start", 0), ("end", step * wanted), ("axis", 1), ("step", step)]
    network.add("Slice", [value, *(network.integers(f"{output}_{key}", number) for key, number in where)], output)


def _level(
    network: Network,
    level: str,
    folder: Path,
    features: dict[str, int],
    skills: int,
    gain: float,
    levels: tuple[str, ...],
) -> Graph:
    parts = {"robot": features["robot"], "latent": LATENT} if level == "low" else features
    inputs = {name: [1, size] for name, size in parts.items()}
    value = network.hidden(parts)
    if level == "high":
        network.add("Softmax", [network.linear(value, skills, "logits")], "probabilities", axis=1)
        return network.save(folder / FILES[level], inputs, {"probabilities": [1, skills]})
    if level == "mid" and "high" in levels:
        network.weight("w1", skills, WIDTH, LATENT)
        chosen = network.add("Gather", ["w1", "skill"], "chosen", axis=0)
        matrix = network.add("Reshape", [chosen, network.integers("matrix_shape", WIDTH, LATENT)], "matrix")
        network.add("MatMul", [value, matrix], "latent")
        return network.save(folder / FILES[level], {**inputs, "skill": [1]}, {"latent": [1, LATENT]})
    if level == "mid":
        network.linear(value, LATENT, "latent")
        return network.save(folder / FILES[level], inputs, {"latent": [1, LATENT]})
    network.add("Tanh", [network.linear(value, ACTION.size, "unbounded", 0.3 * gain)], "action")
    return network.save(folder / FILES[level], inputs, {"action": [1, ACTION.size]})


if __name__ == "__main__":
    print(make_bundle(Path(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 0))
