"""Many cells at once, on all cores."""

from helms_sim.vector.env import VectorStackEnv

__all__ = ["VectorStackEnv"]
