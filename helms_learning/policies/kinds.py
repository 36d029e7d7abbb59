"""Policies by kind."""

import torch

from helms_learning.policies.base import Policy
from helms_learning.policies.clone import Clone
from helms_learning.policies.configuration import PolicyConfig
from helms_learning.policies.hierarchical import Hierarchical
from helms_learning.policies.npmp import Npmp

_KINDS = {kind.KIND: kind for kind in (Hierarchical, Npmp, Clone)}


def make_policy(config: PolicyConfig, seed: int) -> Policy:
    """Return a new policy, its weights drawn from a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _KINDS[config.kind](config)
