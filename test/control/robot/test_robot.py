"""Constants of robot and basket are those of the simulated cell."""

import math
from pathlib import Path
from xml.etree import ElementTree

import pytest

from helms_control.robot import basket, sawyer

MJCF = Path(__file__).parents[3] / "helms_sim/scene/mjcf"


def numbers(text: str | None) -> list[float]:
    """Return the numbers of an attribute."""
    return [float(word) for word in (text or "").split()]


def test_the_simulated_basket_has_these_measures() -> None:
    cell = ElementTree.parse(MJCF / "cell.xml")
    body, plane = cell.find(".//body[@name='basket']"), cell.find(".//default[@class='basket']/geom")
    slope = cell.find(".//geom[@name='basket_slope_front']")
    assert body is not None and plane is not None and slope is not None
    assert numbers(body.get("pos")) == [*basket.CENTRE, basket.FLOOR]
    assert numbers(plane.get("size"))[0] == basket.HALF_WIDTH
    # The floor ends where the sloping plane meets it.
    (x, _, z), (_, tilt, _) = numbers(slope.get("pos")), numbers(slope.get("euler"))
    assert x - z / math.tan(abs(tilt)) == pytest.approx(basket.FLAT, abs=1e-4)
    assert abs(tilt) == basket.TILT


def test_the_simulated_arm_has_these_joints() -> None:
    arm = ElementTree.parse(MJCF / "robot.xml")
    joints = {
        str(joint.get("name")): joint for joint in arm.iter("joint") if str(joint.get("name")).startswith("right_j")
    }
    actuators = {str(item.get("joint")): item for item in arm.iter("general") if item.get("class") == "arm"}
    assert tuple(joints) == tuple(actuators) == sawyer.JOINT_NAMES
    for index, name in enumerate(sawyer.JOINT_NAMES):
        angles = [sawyer.JOINT_LOWER[index], sawyer.JOINT_UPPER[index]]
        assert numbers(joints[name].get("range")) == numbers(actuators[name].get("actrange")) == angles
        assert numbers(actuators[name].get("ctrlrange"))[1] == sawyer.JOINT_VELOCITY[index]
        assert numbers(actuators[name].get("forcerange"))[1] == sawyer.JOINT_TORQUE[index]
