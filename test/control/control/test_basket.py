"""The basket's constants are those of the simulated cell."""

import math
from pathlib import Path
from xml.etree import ElementTree

import pytest

from helms_control.control import basket

CELL = Path(__file__).parents[3] / "helms_sim/scene/mjcf/cell.xml"


def numbers(text: str | None) -> list[float]:
    """Return the numbers of an attribute."""
    return [float(word) for word in (text or "").split()]


def test_the_simulated_basket_has_these_measures() -> None:
    cell = ElementTree.parse(CELL)
    body, plane = cell.find(".//body[@name='basket']"), cell.find(".//default[@class='basket']/geom")
    slope = cell.find(".//geom[@name='basket_slope_front']")
    assert body is not None and plane is not None and slope is not None
    assert numbers(body.get("pos")) == [*basket.CENTRE, basket.FLOOR]
    assert numbers(plane.get("size"))[0] == basket.HALF_WIDTH
    # The floor ends where the sloping plane meets it.
    (x, _, z), (_, tilt, _) = numbers(slope.get("pos")), numbers(slope.get("euler"))
    assert x - z / math.tan(abs(tilt)) == pytest.approx(basket.FLAT, abs=1e-4)
