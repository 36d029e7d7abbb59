"""Ranges of randomised physics and sensors."""

import math
from dataclasses import dataclass, fields
from types import MappingProxyType

import numpy as np

from helms_control.errors import HelmsError, named
from helms_sim.randomisation.physics import Physics, Three

Range = tuple[float, float]

MAX_SIZE_CHANGE = 0.05
"""Largest change of an object's size; beyond it the published shapes are no longer themselves."""
MAX_DELAY = 2
"""Largest action delay, control steps (HeLMS, appendix D)."""


@dataclass(frozen=True, slots=True)
class Randomisation:
    """Ranges [low, high], drawn uniformly for every episode and independently for every object, joint and axis.

    Factors multiply the nominal value. HeLMS (appendix D) randomises physics and delays actions by 0 to 2 steps without
    giving ranges; these are this project's.

    Raises:
        HelmsError: a range that is reversed, not finite or outside what its field allows.
    """

    object_size: Range = (1.0, 1.0)
    """Size, factor within 0.95 to 1.05."""
    object_mass: Range = (1.0, 1.0)
    """Mass, factor above 0."""
    object_friction: Range = (1.0, 1.0)
    """Sliding, torsional and rolling friction of the objects, factor. A contact takes the larger friction of its two
    sides, so that of the basket hides this one: it acts between objects, and together with the fingers'."""
    finger_friction: Range = (1.0, 1.0)
    """Friction of the fingertips, factor."""
    basket_friction: Range = (1.0, 1.0)
    """Friction of the basket, factor."""
    joint_damping: Range = (1.0, 1.0)
    """Viscous damping of the arm's joints, factor."""
    joint_friction: Range = (1.0, 1.0)
    """Dry friction of the arm's joints, factor."""
    arm_gain: Range = (1.0, 1.0)
    """Stiffness and damping of the arm's actuators, factor."""
    gripper_gain: Range = (1.0, 1.0)
    """Stiffness and force limit of the gripper, factor."""
    force_bias: Range = (0.0, 0.0)
    """Offset of each axis of the wrist force sensor, N."""
    torque_bias: Range = (0.0, 0.0)
    """Offset of each axis of the wrist torque sensor, Nm."""
    noise: Range = (0.0, 0.0)
    """Scale of the observation noise; 1 is plausible for the real cell, see `helms_sim.randomisation.apply.NOISE`."""
    action_delay: tuple[int, int] = (0, 0)
    """Control steps between an action and its execution, whole numbers within 0 to 2."""

    def __post_init__(self) -> None:
        """Refuse ranges that contradict themselves."""
        for field in fields(self):
            bounds = getattr(self, field.name)
            if not (isinstance(bounds, tuple) and len(bounds) == 2 and all(map(_is_number, bounds))):
                raise HelmsError(
                    f"randomisation range {field.name} is {bounds!r}; it must be a tuple of two "
                    "plain numbers, (low, high)."
                )
            low, high = bounds
            if not (math.isfinite(low) and math.isfinite(high)) or low > high:
                raise HelmsError(
                    f"randomisation range {field.name} is ({low}, {high}); it must be finite with low <= high. "
                    "Swap the two if they are reversed."
                )
            self._check(field.name, low, high)

    def _check(self, name: str, low: float, high: float) -> None:
        smallest, largest = 0.0, math.inf
        if name in ("force_bias", "torque_bias"):
            return
        if name == "object_mass" and low <= 0.0:
            raise HelmsError(f"randomisation range object_mass is ({low}, {high}); a mass must be above 0.")
        if name == "object_size":
            smallest, largest = 1.0 - MAX_SIZE_CHANGE, 1.0 + MAX_SIZE_CHANGE
        if name == "action_delay":
            largest = MAX_DELAY
            if not (isinstance(low, int) and isinstance(high, int)):
                raise HelmsError(
                    f"randomisation range action_delay is ({low}, {high}); delays are whole control steps, "
                    f"allowed is 0 to {MAX_DELAY}."
                )
        if low < smallest or high > largest:
            raise HelmsError(f"randomisation range {name} is ({low}, {high}); allowed is {smallest:g} to {largest:g}.")

    def draw(self, rng: np.random.Generator) -> Physics:
        """Draw the physics of one episode; every range takes the same number of draws, whatever its width."""

        def several(bounds: Range, count: int) -> tuple[float, ...]:
            return tuple(rng.uniform(*bounds, size=count).tolist())

        def three(bounds: Range) -> Three:
            first, second, third = several(bounds, 3)
            return first, second, third

        return Physics(
            object_size=three(self.object_size),
            object_mass=three(self.object_mass),
            object_friction=three(self.object_friction),
            finger_friction=several(self.finger_friction, 1)[0],
            basket_friction=several(self.basket_friction, 1)[0],
            joint_damping=several(self.joint_damping, 7),
            joint_friction=several(self.joint_friction, 7),
            arm_gain=several(self.arm_gain, 7),
            gripper_gain=several(self.gripper_gain, 1)[0],
            force_bias=three(self.force_bias),
            torque_bias=three(self.torque_bias),
            noise=several(self.noise, 1)[0],
            # Not rng.integers, which takes no draw at all from a range of one.
            action_delay=int(rng.uniform(self.action_delay[0], self.action_delay[1] + 1)),
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


RANDOMISATIONS = MappingProxyType(
    {
        "off": Randomisation(),
        "training": Randomisation(
            object_size=(0.98, 1.02),
            object_mass=(0.8, 1.2),
            object_friction=(0.8, 1.2),
            finger_friction=(0.8, 1.2),
            basket_friction=(0.8, 1.2),
            joint_damping=(0.5, 2.0),
            joint_friction=(0.5, 1.5),
            arm_gain=(0.9, 1.1),
            gripper_gain=(0.8, 1.2),
            force_bias=(-1.0, 1.0),
            torque_bias=(-0.1, 0.1),
            noise=(0.0, 1.0),
            action_delay=(0, 2),
        ),
        "hard": Randomisation(
            object_size=(0.95, 1.05),
            object_mass=(0.5, 1.5),
            object_friction=(0.6, 1.4),
            finger_friction=(0.6, 1.4),
            basket_friction=(0.6, 1.4),
            joint_damping=(0.2, 5.0),
            joint_friction=(0.0, 2.0),
            arm_gain=(0.8, 1.2),
            gripper_gain=(0.6, 1.4),
            force_bias=(-3.0, 3.0),
            torque_bias=(-0.3, 0.3),
            noise=(0.0, 3.0),
            action_delay=(0, 2),
        ),
    }
)
"""The presets by name."""


def randomisation(name: str) -> Randomisation:
    """Return a preset.

    Raises:
        UnknownNameError: no preset has that name; the message lists those that exist.
    """
    return named("randomisation", name, RANDOMISATIONS)
