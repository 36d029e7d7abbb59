"""Workspace limits, enforced by simulation and driver."""

from dataclasses import dataclass

Vector3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Workspace:
    """A box for the pinch point and a range for the wrist, base frame.

    Source: RGB-stacking environment (DeepMind), task code: centre (0.6, 0, 0.1698) m, size (0.25, 0.25, 0.2) m.
    """

    lower: Vector3 = (0.475, -0.125, 0.0698)
    """Lowest pinch position, m."""
    upper: Vector3 = (0.725, 0.125, 0.2698)
    """Highest pinch position, m."""
    wrist: float = 1.5707963267948966
    """Largest magnitude of the wrist rotation (minus joint 7), rad."""

    def guard(self, linear: Vector3, turn: float, pinch: Vector3, joint6: float) -> tuple[Vector3, float]:
        """Zero every component of a command that leads further out; motion back inside stays free.

        Args:
            linear: commanded linear velocity, m/s, base frame.
            turn: commanded rotation about base +z, rad/s.
            pinch: pinch point position, m, base frame.
            joint6: angle of right_j6, rad; it decreases while the tool turns about +z.

        Returns:
            The guarded (linear, turn).
        """
        x, y, z = (
            0.0 if (p < low and v < 0.0) or (p > high and v > 0.0) else v
            for v, p, low, high in zip(linear, pinch, self.lower, self.upper, strict=True)
        )
        wrist = -joint6
        if (wrist < -self.wrist and turn < 0.0) or (wrist > self.wrist and turn > 0.0):
            turn = 0.0
        return (x, y, z), turn
