"""The graphs of a policy as ONNX: features, then each level; batch size 1."""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout

import torch
from torch import Tensor, nn

from helms_control.features.features import Features, stack
from helms_control.policy.contract import FEATURES, OUTPUTS, SHAPES, inputs_of
from helms_learning.policies.base import Policy

OPSET = 18


class FeatureGraph(nn.Module):
    """From proprioception (1, 3, 43), objects (1, 3, 42) and shapes (1, 3, geometry.SIZE) to robot and scene."""

    def __init__(self, features: Features) -> None:
        """Use some features."""
        super().__init__()
        self.features = features

    def forward(self, proprioception: Tensor, objects: Tensor, shapes: Tensor) -> tuple[Tensor, Tensor]:
        """Return the stacks (1, R) and (1, S)."""
        return stack(self.features, proprioception, objects, shapes)


def graphs_of(policy: Policy) -> Iterator[tuple[str, bytes]]:
    """Yield name and ONNX bytes of the features and of each level, in order."""
    policy = policy.cpu().eval()
    levels = policy.levels()
    sizes = dict(zip("RSKZ", (*policy.features.sizes, policy.config.skills, policy.config.latent), strict=True))
    for name, module in ({FEATURES: FeatureGraph(policy.features)} | levels).items():
        inputs = inputs_of(name, tuple(levels))
        examples = []
        for key in inputs:
            shape = [sizes[size] if isinstance(size, str) else size for size in SHAPES[key]]
            examples.append(torch.zeros(shape, dtype=torch.int64 if key == "skill" else torch.float32))
        yield name, _onnx(module, tuple(examples), inputs, OUTPUTS[name])


def _onnx(module: nn.Module, examples: tuple[Tensor, ...], inputs: tuple[str, ...], outputs: tuple[str, ...]) -> bytes:
    # The exporter prints to standard output, which is for results.
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            module,
            examples,
            input_names=inputs,
            output_names=outputs,
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    written: bytes = program.model_proto.SerializeToString()
    return written
