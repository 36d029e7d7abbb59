"""The graphs of a bundle: which levels there are, and what goes in and out of each.

Batch size 1. R and S: sizes of the features of robot and scene; K: number of skills; Z: size of the latent.
"""

from types import MappingProxyType

from helms_control.features import geometry
from helms_control.spec import ACTION, FRAMES, OBJECTS, PROPRIOCEPTION

FORMAT = 3
"""Version of the manifest."""
FEATURES = "features"
"""Name of the graph that computes the features, once a control step."""
CHAINS = (("high", "mid", "low"), ("mid", "low"), ("flat",))
"""Levels of a policy in order: hierarchical, without skills (NPMP), and one network."""

Shape = tuple[int | str, ...]
"""Sizes; letters are replaced by those of the manifest."""

SHAPES: MappingProxyType[str, Shape] = MappingProxyType(
    {
        "proprioception": (1, FRAMES, PROPRIOCEPTION.size),
        "objects": (1, FRAMES, OBJECTS.size),
        "shapes": (1, 3, geometry.SIZE),
        "robot": (1, "R"),
        "scene": (1, "S"),
        "skill": (1,),
        "probabilities": (1, "K"),
        "latent": (1, "Z"),
        "action": (1, ACTION.size),
    }
)
"""Shape of each tensor by name; `skill` is int64, all others float32. Frames are newest first."""
STREAMS = ("proprioception", "objects", "shapes")
"""Inputs of the features; a graph need not use all."""
OUTPUTS = MappingProxyType(
    {
        FEATURES: ("robot", "scene"),
        "high": ("probabilities",),
        "mid": ("latent",),
        "low": ("action",),
        "flat": ("action",),
    }
)
"""Outputs of each graph."""
FILES = MappingProxyType(
    {
        FEATURES: "features.onnx",
        "high": "high_level.onnx",
        "mid": "mid_level.onnx",
        "low": "low_level.onnx",
        "flat": "policy.onnx",
    }
)
"""File of each graph."""


def inputs_of(level: str, levels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the inputs of a graph of a policy with these levels."""
    if level == FEATURES:
        return STREAMS
    if level == "low":
        return ("robot", "latent")
    return ("robot", "scene", "skill") if level == "mid" and "high" in levels else ("robot", "scene")
