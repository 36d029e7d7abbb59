"""Fixture: a state with every object on the basket's floor, the gripper open and far away."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from helms_sim.tasks.state import CellState

START = CellState(
    pinch=(0.6, 0.0, 0.3),
    gripper=0.0,
    grasp=False,
    positions=((0.55, 0.05, 0.0748), (0.65, 0.05, 0.0748), (0.6, -0.05, 0.0748)),
    touching=(False, False, False),
    robot_touching=(False, False, False),
)


@pytest.fixture(scope="session")
def cell() -> Callable[..., CellState]:
    """Return a maker of states: the start with some fields replaced, objects by red=, green=, blue=."""

    def make(**changes: Any) -> CellState:  # noqa: ANN401
        positions = tuple(changes.pop(name, START.positions[i]) for i, name in enumerate(("red", "green", "blue")))
        return replace(START, positions=positions, **changes)

    return make
