"""The arm's geometry from the robot's URDF."""

import numpy as np
import pytest

from helms_control.control.kinematics import REFERENCE, SAWYER, Chain
from helms_control.errors import HelmsError
from helms_control.hardware.sawyer.urdf import LONGEST, chain_of, urdf_of

TEXT = urdf_of(SAWYER)


@pytest.mark.parametrize("chain", [SAWYER, REFERENCE])
def test_a_description_brings_the_same_arm(chain: Chain) -> None:
    joints = np.random.default_rng(0).uniform(-2, 2, 7)
    found = chain_of(urdf_of(chain))
    np.testing.assert_allclose(found.pose(joints).pinch, chain.pose(joints).pinch, atol=1e-12)


def test_other_parts_of_the_robot_do_not_matter() -> None:
    head = '<joint name="head_pan" type="revolute"><parent link="right_l0"/><child link="head"/></joint>'
    transmission = '<transmission name="t"><joint name="right_j0"/></transmission>'
    gripper = '<joint name="g" type="fixed"><parent link="right_hand"/><child link="right_gripper"/></joint>'
    assert chain_of(TEXT.replace("</robot>", head + transmission + gripper + "</robot>")) == SAWYER


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("</robot>", "", "is no URDF"),
        ('<child link="right_hand"/>', '<child link="other"/>', "no way from link base to right_hand"),
        ('name="right_j3"', 'name="left_j3"', "a Sawyer has"),
        ('<axis xyz="0 0 1"/>', '<axis xyz="0 1 0"/>', "does not turn about its z axis"),
        ('xyz="0.0 0.0 0.08"', 'xyz="0.0 0.08"', "where three numbers belong"),
        ('<origin xyz="0.0 0.0 0.0" rpy="0.0 0.0 0.0"/>', '<origin xyz="0 0 0.9"/>', "a mount in the origin"),
        ("<robot", "<!DOCTYPE x><robot", "neither is read"),
        ('<parent link="base"/>', '<parent link="right_hand"/>', "no way from link base"),
    ],
)
def test_another_robot_is_refused(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(HelmsError, match=message):
        chain_of(TEXT.replace(old, new))


def test_an_endless_description_is_refused() -> None:
    with pytest.raises(HelmsError, match="neither is read"):
        chain_of(" " * (LONGEST + 1))
