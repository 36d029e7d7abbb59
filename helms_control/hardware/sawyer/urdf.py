"""Conversion of the arm's kinematic chain from URDF (/robot_description) and back."""

from xml.etree import ElementTree

from helms_control.control.kinematics import SAWYER, Chain, Link
from helms_control.control.workspace import Vector3
from helms_control.errors import HelmsError
from helms_control.robot.sawyer import JOINT_NAMES

BASE, WRIST = "base", "right_hand"
"""First and last link of the arm's chain in the URDF."""
LONGEST = 4 * 1024 * 1024
"""Longest accepted URDF, characters; Sawyer's own has some 40,000."""


def chain_of(text: str) -> Chain:
    """Parse a URDF.

    Args:
        text: the XML.

    Returns:
        The arm's chain from link base to link right_hand, with the tool of the simulated cell.

    Raises:
        HelmsError: not a URDF, or its arm is no Sawyer: other joints, or joints that do not turn about z.
    """
    if len(text) > LONGEST or "<!DOCTYPE" in text:
        raise HelmsError(f"the robot's description has {len(text)} characters or a document type; neither is read")
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise HelmsError(f"the robot's description is no URDF: {error}") from error
    above = {
        _attribute(joint, "child", "link"): joint for joint in root.iter("joint") if joint.find("parent") is not None
    }
    path: list[ElementTree.Element] = []
    link = WRIST
    while link != BASE:
        if link not in above or len(path) > len(above):
            raise HelmsError(f"the robot's description has no way from link {BASE} to {WRIST}: it ends at {link!r}")
        path.insert(0, above[link])
        link = _attribute(above[link], "parent", "link")
    return _joined(path)


def urdf_of(chain: Chain) -> str:
    """Return a URDF of the chain alone, without shapes and masses."""
    names = ("right_arm_base_link", *(f"right_l{index}" for index in range(7)), WRIST)
    joints = [_fixed("right_arm_mount", BASE, names[0], Link((0.0, 0.0, 0.0)))]
    for index, joint in enumerate(JOINT_NAMES):
        parent, child, link = names[index], names[index + 1], chain.links[index]
        joints.append(
            f'<joint name="{joint}" type="revolute"><parent link="{parent}"/><child link="{child}"/>{_origin(link)}'
            '<axis xyz="0 0 1"/></joint>'
        )
    joints.append(_fixed("right_hand", names[-2], WRIST, chain.links[-1]))
    links = "".join(f'<link name="{name}"/>' for name in (BASE, *names))
    return f'<?xml version="1.0"?><robot name="sawyer">{links}{"".join(joints)}</robot>'


def _joined(path: list[ElementTree.Element]) -> Chain:
    """Convert joints to the chain's 8 offsets; fixed joints are allowed at its ends only."""
    moving = [joint.get("name") for joint in path if joint.get("type") != "fixed"]
    if moving != list(JOINT_NAMES):
        raise HelmsError(
            f"the robot's description moves {moving} between {BASE} and {WRIST}; a Sawyer has {list(JOINT_NAMES)}"
        )
    if any(
        _numbers(joint, "axis", "xyz", "1 0 0") != (0.0, 0.0, 1.0) for joint in path if joint.get("name") in JOINT_NAMES
    ):
        raise HelmsError("the robot's description has a joint that does not turn about its z axis; a Sawyer has none")
    offsets = [
        Link(_numbers(joint, "origin", "xyz", "0 0 0"), _numbers(joint, "origin", "rpy", "0 0 0")) for joint in path
    ]
    # The mount below the arm has no extent: the base frame is the arm's own.
    kinds = [joint.get("type") == "fixed" for joint in path]
    if kinds != [True, *[False] * len(JOINT_NAMES), True] or offsets[0] != Link((0.0, 0.0, 0.0)):
        raise HelmsError(
            f"the robot's description has other fixed joints between {BASE} and {WRIST} than a mount in the origin and "
            "the hand; choose kinematics `published` if the arm is a Sawyer nevertheless"
        )
    return Chain(tuple(offsets[1:]), SAWYER.tool)


def _attribute(element: ElementTree.Element, child: str, name: str) -> str:
    found = element.find(child)
    return (found.get(name) or "") if found is not None else ""


def _numbers(element: ElementTree.Element, child: str, name: str, missing: str) -> Vector3:
    text = _attribute(element, child, name) or missing
    try:
        x, y, z = map(float, text.split())
    except ValueError as error:
        raise HelmsError(f"the robot's description has {name}={text!r} where three numbers belong") from error
    return x, y, z


def _fixed(name: str, parent: str, child: str, link: Link) -> str:
    return f'<joint name="{name}" type="fixed"><parent link="{parent}"/><child link="{child}"/>{_origin(link)}</joint>'


def _origin(link: Link) -> str:
    return f'<origin xyz="{_text(link.xyz)}" rpy="{_text(link.rpy)}"/>'


def _text(values: Vector3) -> str:
    return " ".join(map(repr, values))
