"""Domain randomisation of physics, sensors and delay, drawn for every episode."""

from helms_sim.randomisation.apply import apply, perturb
from helms_sim.randomisation.config import RANDOMISATIONS, Randomisation, randomisation
from helms_sim.randomisation.physics import Physics

__all__ = ["RANDOMISATIONS", "Physics", "Randomisation", "apply", "perturb", "randomisation"]
