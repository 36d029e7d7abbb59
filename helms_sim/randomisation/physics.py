"""Drawn physics of one episode."""

from dataclasses import asdict, dataclass
from typing import Any

Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Physics:
    """Drawn values; the defaults are the nominal cell. Factors multiply the nominal value."""

    object_size: Three = (1.0, 1.0, 1.0)
    """Size of the red, green and blue object, factor."""
    object_mass: Three = (1.0, 1.0, 1.0)
    """Mass of the red, green and blue object, factor."""
    object_friction: Three = (1.0, 1.0, 1.0)
    """Friction of the red, green and blue object, factor."""
    finger_friction: float = 1.0
    """Friction of the fingertips, factor."""
    basket_friction: float = 1.0
    """Friction of the basket, factor."""
    joint_damping: tuple[float, ...] = (1.0,) * 7
    """Viscous damping of each arm joint, factor."""
    joint_friction: tuple[float, ...] = (1.0,) * 7
    """Dry friction of each arm joint, factor."""
    arm_gain: tuple[float, ...] = (1.0,) * 7
    """Stiffness and damping of each arm actuator, factor."""
    gripper_gain: float = 1.0
    """Stiffness and force limit of the gripper, factor."""
    force_bias: Three = (0.0, 0.0, 0.0)
    """Offset of the wrist force sensor, N."""
    torque_bias: Three = (0.0, 0.0, 0.0)
    """Offset of the wrist torque sensor, Nm."""
    noise: float = 0.0
    """Standard deviations of the observation noise as a multiple of `helms_sim.randomisation.apply.NOISE`."""
    action_delay: int = 0
    """Control steps between an action and its execution."""

    @property
    def neutral(self) -> bool:
        """Whether this is the nominal cell."""
        return self == Physics()

    def to_dict(self) -> dict[str, Any]:
        """Return the values as plain lists and numbers, for JSON and HDF5."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
