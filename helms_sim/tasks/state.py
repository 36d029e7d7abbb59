"""State of the cell for the tasks, in plain Python numbers."""

from dataclasses import dataclass

Point = tuple[float, float, float]
"""x, y, z in the base frame, metres."""


@dataclass(slots=True)
class CellState:
    """One instant of the cell; objects are indexed red 0, green 1, blue 2.

    Not frozen, because freezing makes building one in every control step four times as slow; nothing in this package
    changes it. Contact with the basket plays no part, and the cell has no other ground.

    Attributes:
        pinch: pinch point, base frame, metres.
        gripper: finger position, 0 (open) to 255 (closed) tics.
        grasp: whether the sensor reports an inward grasp.
        positions: origins of the objects, (3, 3), base frame, metres.
        touching: whether the pairs red-green, red-blue, green-blue are in contact.
        robot_touching: whether any part of the robot is in contact with each object.
    """

    pinch: Point
    gripper: float
    grasp: bool
    positions: tuple[Point, Point, Point]
    touching: tuple[bool, bool, bool]
    robot_touching: tuple[bool, bool, bool]

    def touch(self, first: int, second: int) -> bool:
        """Return whether two different objects are in contact; the order of the two does not matter."""
        # The index sums 1, 2, 3 of the pairs (0, 1), (0, 2), (1, 2) are consecutive.
        return self.touching[first + second - 1]
