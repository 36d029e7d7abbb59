"""Floating-point operations of one training step, from the sizes of policy and batch.

Matrix products only, a multiplication and an addition counted as two: forward pass, weight gradients, and input
gradients except those of the data, so first layers cost two thirds of the others. Not counted: elu, tanh, softmax,
likelihood, KL, clipping, optimiser.

N = batch * steps rows, K skills, latent of size Z, width W.
"""

from helms_control.features.features import features_named
from helms_control.spec import ACTION
from helms_learning.policies.configuration import PolicyConfig


def flop_per_step(config: PolicyConfig, batch: int, length: int) -> int:
    """Return the floating-point operations of one gradient step.

    Args:
        config: of the policy, any kind.
        batch: number of windows.
        length: control steps in a window.
    """
    rows, width, skills = batch * length, config.width, config.skills
    features = features_named(config.features)
    own, inputs, frame = features.sizes[0], sum(features.sizes), sum(features.frame_sizes)
    if config.kind == "clone":
        return _mlp(rows, inputs, width, ACTION.size)
    mid = _mlp(skills * rows, inputs, width, 2 * config.latent)
    low = (
        _linear(rows, own, width, data=True)
        + _linear(skills * rows, config.latent, width)
        + _linear(skills * rows, width, width)
        + _linear(skills * rows, width, ACTION.size)
    )
    if config.kind == "npmp":
        return mid + low
    high = _mlp(rows, inputs, width, skills)
    posterior = _mlp(rows, inputs + config.look_ahead * frame, width, skills**2)
    # Recursion over the marginals: (1, K) times (K, K) at each step; the first one is constant.
    beliefs = _linear(batch * (length - 1), skills, skills) + _linear(batch, skills, skills, data=True)
    return mid + low + high + posterior + beliefs


def _mlp(rows: int, inputs: int, width: int, outputs: int) -> int:
    """Return the operations of two hidden layers and a head with data as input."""
    return _linear(rows, inputs, width, data=True) + _linear(rows, width, width) + _linear(rows, width, outputs)


def _linear(rows: int, inputs: int, outputs: int, data: bool = False) -> int:
    """Return the operations of (rows, inputs) @ (inputs, outputs), forward and backward."""
    return (4 if data else 6) * rows * inputs * outputs
