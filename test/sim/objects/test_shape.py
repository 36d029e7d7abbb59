"""Shapes against the published meshes and against numbers worked by hand."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.errors import HelmsError
from helms_sim.objects.shape import Shape, cross_section, parse_name, vertices

Published = dict[str, npt.NDArray[np.float64]]
CUBE = Shape(4, 0, 0, 0, (50, 50, 50))


def test_every_published_mesh_is_met_within_its_precision(published: Published) -> None:
    for name, expected in published.items():
        points = vertices(parse_name(name)[1])
        apart = np.linalg.norm(points[:, None] - expected, axis=2)
        assert points.shape == expected.shape, name
        assert max(apart.min(axis=0).max(), apart.min(axis=1).max()) < 1e-7, name


def test_the_name_of_r3() -> None:
    name, shape = parse_name("r3_sds4_shr75_drf0_hlw0_shx0_shy0_scx41_scy49_scz71")
    assert name == "r3"
    assert shape == Shape(4, 75, 0, 0, (41, 49, 71))


def test_no_number_of_a_name_is_mixed_up() -> None:
    assert parse_name("h2_sds5_shr6_drf0_hlw0_shx7_shy8_scx9_scy10_scz11")[1] == Shape(5, 6, 7, 8, (9, 10, 11))


def test_a_cube_has_eight_corners_ring_by_ring() -> None:
    ring = np.array([[0.025, 0.025], [-0.025, 0.025], [-0.025, -0.025], [0.025, -0.025]])
    expected = np.block([[ring, np.full((4, 1), -0.025)], [ring, np.full((4, 1), 0.025)]])
    np.testing.assert_allclose(vertices(CUBE), expected, atol=1e-15)


@pytest.mark.parametrize("sides", range(3, 13))
def test_the_cross_section_without_taper_has_unit_area(sides: int) -> None:
    x, y = cross_section(Shape(sides, 0, 0, 0, (1, 1, 1))).T
    assert 0.5 * (x @ np.roll(y, -1) - y @ np.roll(x, -1)) == pytest.approx(1.0)


def test_shears_lean_before_scaling() -> None:
    points = vertices(Shape(4, 0, 45, 30, (10, 20, 40)))
    np.testing.assert_allclose(points[4:] - points[:4], [[0.010, 0.020 * math.tan(math.pi / 6), 0.040]] * 4)


@pytest.mark.parametrize(
    ("published", "message"),
    [
        ("r3", "'r3' names no shape; expected <short name>_sds#"),
        ("r3_sds4_shr75_drf1_hlw0_shx0_shy0_scx41_scy49_scz71", "has a draft or is hollow; only drf0 and hlw0"),
        ("r3_sds4_shr75_drf0_hlw2_shx0_shy0_scx41_scy49_scz71", "has a draft or is hollow; only drf0 and hlw0"),
    ],
)
def test_other_names_are_refused(published: str, message: str) -> None:
    with pytest.raises(HelmsError, match=message):
        parse_name(published)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sides": 2}, "at least 3 sides; got sides=2"),
        ({"shrink_percent": 100.0}, r"shrink_percent must be in \[0, 100\); got 100.0"),
        ({"shrink_percent": -1.0}, r"shrink_percent must be in \[0, 100\); got -1.0"),
        ({"shear_x_deg": 90.0}, "within \\+-90 degrees; got 90.0 and 0"),
        ({"shear_y_deg": math.nan}, "within \\+-90 degrees; got 0 and nan"),
        ({"scale_mm": (50, 0, 50)}, r"three finite numbers > 0; got \(50, 0, 50\)"),
        ({"scale_mm": (50, 50)}, r"three finite numbers > 0; got \(50, 50\)"),
        ({"scale_mm": (50, 50, math.inf)}, "three finite numbers > 0; got .*inf"),
        ({"sides": 10, "shrink_percent": 90.0}, "10 sides with shrink_percent=90.0 are not convex; shrink less"),
    ],
)
def test_impossible_shapes_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(HelmsError, match=message):
        replace(CUBE, **change)
