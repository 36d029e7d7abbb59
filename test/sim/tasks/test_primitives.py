"""Every stacking primitive on hand-worked states; the reward at the margin is always 1 - 0.95 = 0.05."""

from collections.abc import Callable

import pytest

from helms_sim.tasks import primitives as p
from helms_sim.tasks.constants import BLUE, GREEN, RED
from helms_sim.tasks.state import CellState

Maker = Callable[..., CellState]
# 1 - loss at half a margin: 1 - 0.95 / (1 + sqrt(0.05))^2.
HALF_MARGIN = 1 - 0.95 / (1 + 0.05**0.5) ** 2


def test_reach_is_full_within_two_centimetres(cell: Maker) -> None:
    # 0.012^2 + 0.016^2 = 0.02^2, so 0.015 instead of 0.016 is inside and 0.017 outside.
    assert p.reach(cell(pinch=(0.562, 0.065, 0.0748)), RED) == 1.0
    assert p.reach(cell(pinch=(0.562, 0.067, 0.0748)), RED) < 1.0
    assert p.reach(cell(pinch=(0.55, 0.05, 0.0938)), RED) == 1.0
    assert p.reach(cell(pinch=(0.55, 0.05, 0.0958)), RED) < 1.0


@pytest.mark.parametrize(("height", "value"), [(0.2248, 0.05), (0.1498, HALF_MARGIN)])
def test_reach_falls_with_height_over_the_object(cell: Maker, height: float, value: float) -> None:
    # Green rests at 0.0748: 0.15 m above is the margin, 0.075 half of it.
    assert p.reach(cell(pinch=(0.65, 0.05, height)), GREEN) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(("tics", "value"), [(0.0, 0.05), (127.5, HALF_MARGIN), (255.0, 1.0)])
def test_close_fingers(cell: Maker, tics: float, value: float) -> None:
    assert p.close_fingers(cell(gripper=tics)) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("tics", "sensor", "value"), [(0.0, False, 0.025), (255.0, False, 0.5), (0.0, True, 1.0), (255.0, True, 1.0)]
)
def test_grasp_needs_the_sensor_for_more_than_a_half(cell: Maker, tics: float, sensor: bool, value: float) -> None:
    assert p.grasp(cell(gripper=tics, grasp=sensor)) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(("tics", "sensor", "value"), [(0.0, False, 0.5125), (255.0, False, 0.75), (120.0, True, 1.0)])
def test_reach_grasp_at_the_object_adds_half_the_grasp(cell: Maker, tics: float, sensor: bool, value: float) -> None:
    # 0.5 + 0.025 / 2, 0.5 + 0.5 / 2, 0.5 + 1 / 2.
    state = cell(pinch=(0.6, -0.05, 0.0748), gripper=tics, grasp=sensor)
    assert p.reach_grasp(state, BLUE) == pytest.approx(value, abs=1e-12)


def test_reach_grasp_away_from_the_object_ignores_the_grasp(cell: Maker) -> None:
    # 0.075 m above: half the reach.
    state = cell(pinch=(0.6, -0.05, 0.1498), gripper=255.0, grasp=True)
    assert p.reach_grasp(state, BLUE) == pytest.approx(0.5 * HALF_MARGIN, abs=1e-9)


@pytest.mark.parametrize(("height", "value"), [(0.022, 0.905), (0.024, 0.444)])
def test_reach_grasp_counts_the_grasp_above_a_reach_of_09(cell: Maker, height: float, value: float) -> None:
    # 1 - tanh(2.1783 * 0.022 / 0.15)^2 = 1 - 0.3089^2 = 0.905; with 0.024: 1 - 0.3351^2 = 0.888, of which half.
    state = cell(pinch=(0.6, -0.05, 0.0748 + height), grasp=True)
    assert p.reach_grasp(state, BLUE) == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize(
    ("height", "value"), [(0.1048, 0.0), (0.1138, 0.2), (0.1273, 0.5), (0.1498, 1.0), (0.265, 1.0), (0.28, 0.0)]
)
def test_lift_is_linear_up_to_its_ceiling(cell: Maker, height: float, value: float) -> None:
    # (0.1138 - 0.1048) / 0.045 = 0.2; (0.1273 - 0.1048) / 0.045 = 0.5; 0.28 is above the ellipsoid's 0.2698.
    assert p.lift(cell(red=(0.6, 0.0, height), grasp=True), RED) == pytest.approx(value, abs=1e-9)


def test_lift_is_scaled_by_the_grasp(cell: Maker) -> None:
    # Half lifted, fingers closed on nothing: 0.5 * 0.5.
    assert p.lift(cell(green=(0.6, 0.0, 0.1273), gripper=255.0), GREEN) == pytest.approx(0.25, abs=1e-9)


@pytest.mark.parametrize(("x", "y", "value"), [(0.7, 0.07, 1.0), (0.7, 0.08, 0.0), (0.6, -0.126, 0.0)])
def test_lift_pays_only_inside_the_ellipsoid(cell: Maker, x: float, y: float, value: float) -> None:
    # At the centre's height: 0.8^2 + 0.56^2 = 0.9536; 0.8^2 + 0.64^2 = 1.0496; (0.126 / 0.125)^2 > 1.
    assert p.lift(cell(red=(x, y, 0.1698), grasp=True), RED) == value


def test_hover_is_full_four_centimetres_over_the_bottom(cell: Maker) -> None:
    # 0.006^2 + 0.006^2 + 0.005^2 = 0.97e-4 < 0.01^2, and with 0.006 for 0.005 it is 1.08e-4.
    assert p.hover(cell(red=(0.606, -0.044, 0.1198)), RED, BLUE) == 1.0
    assert p.hover(cell(red=(0.606, -0.044, 0.1208)), RED, BLUE) < 1.0


@pytest.mark.parametrize(("height", "value"), [(0.3148, 0.05), (0.2148, HALF_MARGIN)])
def test_hover_falls_with_distance(cell: Maker, height: float, value: float) -> None:
    # Blue rests at 0.0748, the target is 0.1148: 0.2 m above it is the margin, 0.1 half of it.
    assert p.hover(cell(red=(0.6, -0.05, height)), RED, BLUE) == pytest.approx(value, abs=1e-9)


def test_hover_needs_a_tenth_of_a_metre_of_height(cell: Maker) -> None:
    low = (0.55, 0.05, 0.05)  # The target over it is at 0.09.
    assert p.hover(cell(red=low, blue=(0.55, 0.05, 0.0999)), BLUE, RED) == 0.0
    assert p.hover(cell(red=low, blue=(0.55, 0.05, 0.1)), BLUE, RED) > 0.9


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        ((0.0, 0.0, 0.04), 1.0),
        ((0.018, 0.023, 0.04), 1.0),  # 0.018^2 + 0.023^2 = 8.53e-4 < 0.03^2 = 9e-4
        ((0.022, 0.022, 0.04), 0.0),  # 9.68e-4
        ((0.0, 0.0, 0.0499), 1.0),
        ((0.0, 0.0, 0.0511), 0.0),
        ((0.0, 0.0, 0.0301), 1.0),
        ((0.0, 0.0, 0.0289), 0.0),
    ],
)
def test_stack_tolerances(cell: Maker, offset: tuple[float, float, float], value: float) -> None:
    top = (0.65 + offset[0], 0.05 + offset[1], 0.0748 + offset[2])
    assert p.stack(cell(blue=top), BLUE, GREEN) == value


def test_stack_pays_nothing_while_grasping(cell: Maker) -> None:
    assert p.stack(cell(red=(0.6, -0.05, 0.1148), grasp=True), RED, BLUE) == 0.0


@pytest.mark.parametrize(
    ("pinch", "value"),
    [
        ((0.55, 0.05, 0.1748), 1.0),  # 0.1 over red
        ((0.65, 0.25, 0.1998), 1.0),  # 0.025 off in height, (0.025 / 0.03)^2 + 0.1^2 + 0.2^2 = 0.744
        ((0.55, 1.0, 0.1748), 1.0),  # 0.95 m beside
        ((0.55, 1.1, 0.1748), 0.0),  # 1.05 m beside, far beyond the margin
        ((0.55, 0.05, 0.2038), 1.0),  # 0.029 off
        ((0.55, 0.05, 0.2248), 0.05),  # 0.05 off: the margin
        ((0.55, 0.05, 0.1248), 0.05),
    ],
)
def test_above_is_about_height(cell: Maker, pinch: tuple[float, float, float], value: float) -> None:
    assert p.above(cell(pinch=pinch), RED) == pytest.approx(value, abs=1e-9)


def test_above_is_full_within_three_centimetres_only(cell: Maker) -> None:
    # 0.031 off: 1 - tanh(2.1783 * 0.031 / 0.05)^2 = 1 - 0.8743^2 = 0.236.
    assert p.above(cell(pinch=(0.55, 0.05, 0.2058)), RED) == pytest.approx(0.236, abs=1e-3)


@pytest.mark.parametrize(("pinch_z", "value"), [(0.2148, 1.0), (0.1648, 0.05)])
def test_stack_leave_is_above_when_stacked(cell: Maker, pinch_z: float, value: float) -> None:
    state = cell(red=(0.6, -0.05, 0.1148), pinch=(0.6, -0.05, pinch_z))
    assert p.stack_leave(state, RED, BLUE) == pytest.approx(value, abs=1e-9)


def test_stack_leave_is_nothing_without_a_stack(cell: Maker) -> None:
    state = cell(pinch=(0.55, 0.05, 0.1748))
    assert p.above(state, RED) == 1.0
    assert p.stack_leave(state, RED, BLUE) == 0.0
