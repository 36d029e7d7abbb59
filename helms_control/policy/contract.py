"""The three graphs of a bundle: names, types and shapes of their inputs and outputs.

Batch size 1, fixed or symbolic. Normalisation is inside the graphs. K: number of skills; Z: size of the latent.
"""

from dataclasses import dataclass
from types import MappingProxyType

from helms_control.spec import ACTION, FRAMES, OBJECTS, PROPRIOCEPTION

FORMAT = 2
"""Version of the manifest."""
FRAME_ORDER = "newest first"

FLOAT, INTEGER = "tensor(float)", "tensor(int64)"

Shape = tuple[int | str, ...]
"""Sizes; "K" and "Z" are replaced by those of the manifest."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or output."""

    name: str
    kind: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Graph:
    """One level of a policy."""

    file: str
    inputs: tuple[Tensor, ...]
    output: Tensor


_OWN = Tensor("proprioception", FLOAT, (1, FRAMES, PROPRIOCEPTION.size))
_SEEN = Tensor("objects", FLOAT, (1, FRAMES, OBJECTS.size))
_LATENT = Tensor("latent", FLOAT, (1, "Z"))

GRAPHS = MappingProxyType(
    {
        "high": Graph("high_level.onnx", (_OWN, _SEEN), Tensor("probabilities", FLOAT, (1, "K"))),
        "mid": Graph("mid_level.onnx", (_OWN, _SEEN, Tensor("skill", INTEGER, (1,))), _LATENT),
        "low": Graph("low_level.onnx", (_OWN, _LATENT), Tensor("action", FLOAT, (1, ACTION.size))),
    }
)
"""The three levels by name."""
