"""Every pyramid primitive on hand-worked states; red and green are the bases, blue the top."""

from collections.abc import Callable

import pytest

from helms_sim.tasks import pyramid as p
from helms_sim.tasks.constants import BLUE, GREEN, RED
from helms_sim.tasks.state import CellState, Point

Maker = Callable[..., CellState]
HALF_MARGIN = 1 - 0.95 / (1 + 0.05**0.5) ** 2
BASES = {"red": (0.58, 0.05, 0.0748), "green": (0.64, 0.05, 0.0748)}  # 0.06 apart, midpoint (0.61, 0.05, 0.0748)
ALL = (BLUE, RED, GREEN)


def test_midpoint(cell: Maker) -> None:
    state = cell(red=(0.5, -0.1, 0.06), green=(0.6, 0.1, 0.08))
    assert p.midpoint(state, RED, GREEN) == pytest.approx((0.55, 0.0, 0.07))


@pytest.mark.parametrize(
    ("red", "value"),
    [
        ((0.65, 0.05, 0.1148), 1.0),  # straight above green
        ((0.58, 0.05, 0.1148), 1.0),  # 0.07 beside it
        ((0.65, 0.15, 0.1148), HALF_MARGIN),  # 0.1 m away: half the margin
        ((0.65, 0.05, 0.0948), 0.0),  # below 0.1
    ],
)
def test_hover_near_is_wide_sideways(cell: Maker, red: Point, value: float) -> None:
    assert p.hover_near(cell(red=red), RED, GREEN) == pytest.approx(value, abs=1e-9)


def test_hover_near_outside_its_zone_counts_the_distance(cell: Maker) -> None:
    # 0.07 beside and 0.008 high: (0.07 / 0.08)^2 + (0.008 / 0.01)^2 = 1.41, distance 0.07046,
    # 1 - tanh(2.1783 * 0.07046 / 0.2)^2 = 1 - tanh(0.7674)^2 = 1 - 0.6454^2 = 0.5835.
    state = cell(red=(0.58, 0.05, 0.1228))
    assert p.hover_near(state, RED, GREEN) == pytest.approx(0.5835, abs=1e-3)


@pytest.mark.parametrize(
    ("red", "value"),
    [
        ((0.6, 0.11, 0.0748), 1.0),  # 0.05^2 + 0.06^2 = 0.0061 < 0.08^2 = 0.0064
        ((0.59, 0.11, 0.0748), 0.0),  # 0.06^2 + 0.06^2 = 0.0072
        ((0.6, 0.05, 0.0938), 1.0),  # 0.019 higher
        ((0.6, 0.05, 0.0958), 0.0),  # 0.021 higher
        ((0.65, 0.05, 0.1048), 0.0),  # on top of green
    ],
)
def test_place_near(cell: Maker, red: Point, value: float) -> None:
    assert p.place_near(cell(red=red), RED, GREEN) == value


@pytest.mark.parametrize(
    ("top_stage", "value"), [(p.reach_grasp_top, 1.0), (p.lift_top, 0.5), (p.hover_between, HALF_MARGIN)]
)
def test_handling_the_top_pays_only_once_the_bases_are_near(
    cell: Maker, top_stage: Callable[..., float], value: float
) -> None:
    # Blue half lifted (0.1273) in the grasp. The hover target (0.61, 0.05, 0.1148) is
    # sqrt(0.09922^2 + 0.0125^2) = 0.1 m away.
    top = (0.61, 0.05 - 0.09922, 0.1273)
    state = cell(**BASES, blue=top, pinch=top, grasp=True)
    apart = cell(green=BASES["green"], red=(0.5, 0.05, 0.0748), blue=top, pinch=top, grasp=True)
    assert top_stage(state, *ALL) == pytest.approx(value, abs=1e-4)
    assert top_stage(apart, *ALL) == 0.0


def test_hover_between_is_full_over_the_midpoint(cell: Maker) -> None:
    assert p.hover_between(cell(**BASES, blue=(0.615, 0.045, 0.1178)), *ALL) == 1.0
    assert p.hover_between(cell(**BASES, blue=(0.621, 0.05, 0.1148)), *ALL) < 1.0


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        ((0.0, 0.0, 0.05), 1.0),  # a box of 0.05 on two of 0.05
        ((0.015, 0.019, 0.04), 1.0),  # 5.86e-4 < 0.025^2 = 6.25e-4
        ((0.018, 0.018, 0.04), 0.0),  # 6.48e-4
        ((0.0, 0.0, 0.0599), 1.0),
        ((0.0, 0.0, 0.0611), 0.0),
        ((0.0, 0.0, 0.0201), 1.0),
        ((0.0, 0.0, 0.0189), 0.0),
    ],
)
def test_pyramid_tolerances(cell: Maker, offset: Point, value: float) -> None:
    top = (0.61 + offset[0], 0.05 + offset[1], 0.0748 + offset[2])
    assert p.pyramid(cell(**BASES, blue=top), *ALL) == value


def test_pyramid_needs_an_open_hand_and_near_bases(cell: Maker) -> None:
    top = (0.61, 0.05, 0.1248)
    wide = {"red": (0.56, 0.05, 0.0748), "green": (0.66, 0.05, 0.0748)}
    assert p.pyramid(cell(**BASES, blue=top, grasp=True), *ALL) == 0.0
    assert p.pyramid(cell(**wide, blue=top), *ALL) == 0.0


@pytest.mark.parametrize(("pinch_z", "value"), [(0.2248, 1.0), (0.1748, 0.05)])
def test_pyramid_leave_is_above_when_built(cell: Maker, pinch_z: float, value: float) -> None:
    # The pinch point 0.1 over blue, then 0.05 lower, which is the margin.
    state = cell(**BASES, blue=(0.61, 0.05, 0.1248), pinch=(0.61, 0.05, pinch_z))
    assert p.pyramid_leave(state, *ALL) == pytest.approx(value, abs=1e-9)


def test_pyramid_leave_is_nothing_without_a_pyramid(cell: Maker) -> None:
    assert p.pyramid_leave(cell(**BASES, pinch=(0.6, -0.05, 0.1748)), *ALL) == 0.0
