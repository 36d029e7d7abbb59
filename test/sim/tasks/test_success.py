"""Success, and failure without each of its conditions."""

from collections.abc import Callable

import pytest

from helms_sim.tasks.constants import BLUE, GREEN, RED
from helms_sim.tasks.state import CellState
from helms_sim.tasks.success import is_pyramid, is_stacked

Maker = Callable[..., CellState]
STACKED = {"red": (0.6, -0.05, 0.1248), "touching": (False, True, False)}
BUILT = {
    "red": (0.58, 0.05, 0.0748),
    "green": (0.64, 0.05, 0.0748),
    "blue": (0.61, 0.05, 0.1248),
    "touching": (False, True, True),
}


def test_a_released_touching_stack_is_success(cell: Maker) -> None:
    assert is_stacked(cell(**STACKED), RED, BLUE)


def test_the_stack_has_an_order(cell: Maker) -> None:
    assert not is_stacked(cell(**STACKED), BLUE, RED)


@pytest.mark.parametrize(
    "change",
    [
        {"red": (0.636, -0.014, 0.1248)},  # 0.036 * sqrt(2) = 0.0509 off
        {"red": (0.6, -0.05, 0.0938)},  # 0.019 higher
        {"touching": (True, False, True)},
        {"robot_touching": (True, False, False)},
    ],
)
def test_stack_conditions(cell: Maker, change: dict[str, object]) -> None:
    assert not is_stacked(cell(**STACKED | change), RED, BLUE)


@pytest.mark.parametrize(
    "change",
    [
        {"red": (0.635, -0.015, 0.1248)},  # 0.035 * sqrt(2) = 0.0495 off
        {"red": (0.6, -0.05, 0.0958)},  # 0.021 higher
        {"robot_touching": (False, True, True)},
        {"grasp": True},  # an empty closed gripper reports a grasp
    ],
)
def test_what_a_stack_may_do(cell: Maker, change: dict[str, object]) -> None:
    assert is_stacked(cell(**STACKED | change), RED, BLUE)


def test_a_released_pyramid_is_success_whichever_base_comes_first(cell: Maker) -> None:
    assert is_pyramid(cell(**BUILT), BLUE, RED, GREEN)
    assert is_pyramid(cell(**BUILT), BLUE, GREEN, RED)


@pytest.mark.parametrize(
    "change",
    [
        {"blue": (0.661, 0.05, 0.1248)},  # 0.051 beside the midpoint 0.61
        {"red": (0.58, 0.05, 0.1058)},  # the top is only 0.019 higher than one base
        {"green": (0.64, 0.05, 0.1058)},
        {"touching": (True, True, False)},
        {"touching": (True, False, True)},
        {"robot_touching": (False, False, True)},
    ],
)
def test_pyramid_conditions(cell: Maker, change: dict[str, object]) -> None:
    assert not is_pyramid(cell(**BUILT | change), BLUE, RED, GREEN)


def test_the_robot_may_touch_the_bases_of_a_pyramid(cell: Maker) -> None:
    assert is_pyramid(cell(**BUILT, robot_touching=(True, True, False)), BLUE, RED, GREEN)
