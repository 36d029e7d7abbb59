"""Floating-point operations of one training step, from the sizes of model and batch.

Matrix products only, a multiplication and an addition as two: forward, the gradient of every weight, and
the gradient of every input that has one. The data have none, so first layers cost two thirds of the others.
Left out: elu, tanh and softmax, likelihood and KL, clipping, the optimiser.

N = batch * steps rows, K skills, Z numbers of the latent, W width.
"""

from helms_control.spec import ACTION
from helms_learning.models.configuration import ModelConfig
from helms_learning.models.features import joined_sizes, sizes


def flop_per_step(config: ModelConfig, batch: int, length: int) -> int:
    """Return the floating-point operations of one gradient step.

    Args:
        config: of the model, of any kind.
        batch: windows.
        length: control steps of a window.
    """
    rows, width, skills = batch * length, config.width, config.skills
    own, frame = joined_sizes(config.inputs)[0], sum(sizes(config.inputs))
    inputs = sum(joined_sizes(config.inputs))
    if config.kind == "bc":
        return _mlp(rows, inputs, width, ACTION.size)
    mid = _mlp(skills * rows, inputs, width, 2 * config.latent)
    low = (
        _linear(rows, own, width, data=True)
        + _linear(skills * rows, config.latent, width)
        + _linear(skills * rows, width, width)
        + _linear(skills * rows, width, ACTION.size)
    )
    high = _mlp(rows, inputs, width, skills)
    posterior = _mlp(rows, inputs + config.look_ahead * frame, width, skills**2)
    # The recursion over the marginals: (1, K) times (K, K) at each step; the first is a constant.
    beliefs = _linear(batch * (length - 1), skills, skills) + _linear(batch, skills, skills, data=True)
    return mid + low + high + posterior + beliefs


def _mlp(rows: int, inputs: int, width: int, outputs: int) -> int:
    """Return the operations of two hidden layers and a head, fed with data."""
    return _linear(rows, inputs, width, data=True) + _linear(rows, width, width) + _linear(rows, width, outputs)


def _linear(rows: int, inputs: int, outputs: int, data: bool = False) -> int:
    """Return the operations of (rows, inputs) @ (inputs, outputs), forward and backward."""
    return (4 if data else 6) * rows * inputs * outputs
