"""Features `tool` and of the robot: gripper frame, three scales, lowest points above faces, no arm velocities."""

from typing import Any

import mujoco
import numpy as np
import numpy.typing as npt
import pytest

from helms_control.features.features import FEATURES, stack
from helms_control.features.geometry import pack
from helms_control.spec import OBJECTS, PROPRIOCEPTION
from helms_sim.env import StackEnv
from helms_sim.expert.view import View
from helms_sim.objects import TRIPLETS, rgb_object
from helms_sim.objects.geometry import centroid
from test.control.features.cell import parts_of

Array = npt.NDArray[Any]

FEATURE = FEATURES["tool"]
SHAPES = pack([rgb_object(name).vertices for name in TRIPLETS[2]]).astype(np.float64)
POSE = PROPRIOCEPTION.slices["tcp_pose"].start
OFFSETS, PLACES, TURNS = slice(0, 81), slice(90, 99), slice(99, 126)


def multiplied(first: Array, second: Array) -> Array:
    """Return the product of two quaternions."""
    result = np.zeros(4)
    mujoco.mju_mulQuat(result, first, second)
    return result


def about_z(angle: float) -> Array:
    """Return a turn about z as a quaternion."""
    return np.array([np.cos(angle / 2), 0.0, 0.0, np.sin(angle / 2)])


def matrix_of(quaternion: Array) -> Array:
    """Return MuJoCo's rotation matrix of a quaternion."""
    result = np.zeros(9)
    mujoco.mju_quat2Mat(result, quaternion)
    return result.reshape(3, 3)


def scene(yaw: float, turned: float = 0.0, seed: int = 0) -> tuple[Array, Array]:
    """Return one frame, (43,) and (42,): a tool that points down at a yaw, and objects anywhere.

    Args:
        yaw: of the tool, rad.
        turned: rotation of everything about the vertical through the pinch point, rad.
        seed: of the objects.
    """
    rng = np.random.default_rng(seed)
    own, seen = rng.normal(size=PROPRIOCEPTION.size), np.zeros(OBJECTS.size)
    pinch = np.array([0.6, 0.0, 0.15])
    down = multiplied(about_z(yaw + turned), np.array([0.0, 1.0, 0.0, 0.0]))
    own[POSE : POSE + 3], own[POSE + 3 : POSE + 7] = pinch, down
    back = down * np.array([1.0, -1.0, -1.0, -1.0])
    for item in range(3):
        offset = matrix_of(about_z(turned)) @ rng.uniform(-0.1, 0.1, 3)
        pose = rng.normal(size=4)
        pose = multiplied(about_z(turned), pose / np.linalg.norm(pose))
        seen[7 * item : 7 * item + 7] = [*(pinch + offset), *pose]
        seen[21 + 7 * item : 28 + 7 * item] = [*offset, *multiplied(back, pose)]
    return own, seen


def features(own: Array, seen: Array) -> Array:
    """Return what is seen of the objects."""
    found: Array = FEATURE.scene(seen, FEATURE.robot(own), SHAPES)
    assert found.shape == FEATURE.frame_sizes[1:]
    return found


def test_the_tools_heading_is_seen() -> None:
    own = FEATURE.robot(scene(0.7)[0])
    assert own.shape == FEATURE.frame_sizes[:1]
    assert own[:3].tolist() == pytest.approx([np.cos(0.7), np.sin(0.7), 0.7], abs=1e-6)


def test_whatever_turns_with_the_tool_looks_the_same() -> None:
    before, after = features(*scene(0.3)), features(*scene(0.3, turned=-0.9))
    kept = np.ones(len(before), bool)
    kept[PLACES] = False
    # The squares under a root are regularised by 1e-6: headings are shorter than one by half of that.
    np.testing.assert_allclose(after[kept], before[kept], atol=1e-7)
    assert np.abs(features(*scene(-0.6))[OFFSETS] - before[OFFSETS]).max() > 0.1


def test_orientations_are_seen_as_mujocos_matrices_from_above() -> None:
    own, seen = scene(0.3)
    found = features(own, seen)[TURNS].reshape(3, 3, 3)
    for item in range(3):
        pose = multiplied(about_z(-0.3), seen[7 * item + 3 : 7 * item + 7])
        np.testing.assert_allclose(found[item], matrix_of(pose), atol=1e-6)


def test_a_quaternion_and_its_negative_are_seen_alike() -> None:
    own, seen = scene(0.3)
    negative, opposite = seen.copy(), own.copy()
    for start in range(0, 42, 7):
        negative[start + 3 : start + 7] *= -1.0
    opposite[POSE + 3 : POSE + 7] *= -1.0
    np.testing.assert_allclose(features(opposite, negative), features(own, seen), atol=1e-12)
    np.testing.assert_allclose(FEATURE.robot(opposite), FEATURE.robot(own), atol=1e-12)


def test_two_millimetres_are_seen() -> None:
    own, seen = scene(0.0)
    near = seen.copy()
    start = OBJECTS.slices["red_to_pinch"].start
    seen[start : start + 3] = 0.0
    near[start : start + 3] = [0.002, 0.0, 0.0]
    change = features(own, near) - features(own, seen)
    # The centre of mass is a few millimetres from the origin: at most 2 tanh(0.2), and more than half of it.
    assert np.tanh(0.2) < np.abs(change[OFFSETS]).max() <= 2.0 * np.tanh(0.2)


@pytest.mark.parametrize("object_set", ["1", "4", "heldout"])
def test_the_foot_of_what_is_carried_is_seen_above_the_face_below(object_set: str) -> None:
    env = StackEnv(object_set=object_set)
    seen, _ = env.reset(seed=0)
    view = View(env)
    red, blue = view.solid(0), view.solid(2)
    parts = parts_of(env, seen)
    # Of the pairs that follow the three centres of mass: red's foot from blue's upper face is the second.
    found = 0.1 * parts.tool[9 + 3 : 9 + 6]
    polygon = blue.polygons[blue.face(+1.0)]
    foot = np.array([*red.com[:2], red.bottom]) - centroid(polygon)
    np.testing.assert_allclose(found, parts.turned @ foot, atol=1e-5)


def test_height_is_seen_relative_to_the_basket_and_every_object() -> None:
    """All that is lifted by 3 cm together: offsets between objects and from the tool stay, places rise."""
    own, seen = scene(0.3)
    up, over = own.copy(), seen.copy()
    up[POSE + 2] += 0.03
    over[[2, 9, 16]] += 0.03
    change = features(up, over) - features(own, seen)
    np.testing.assert_allclose(change[OFFSETS], 0.0, atol=1e-12)
    np.testing.assert_allclose(change[PLACES].reshape(3, 3), [[0.0, 0.0, 0.3]] * 3, atol=1e-12)
    robot = FEATURE.robot(up) - FEATURE.robot(own)
    assert robot[5] == pytest.approx(0.3)
    # One object alone by 1 mm: its offset from the tool, and those between it and the others.
    alone = seen.copy()
    alone[[2, 21 + 2]] += 0.001
    change = features(own, alone)[:27] - features(own, seen)[:27]
    expected = np.zeros((9, 3))
    # Centre of mass; carried red twice; red below green and blue: pairs 0-1, 0-2, 1-0, 1-2, 2-0, 2-1.
    expected[[0, 3, 4], 2], expected[[5, 7], 2] = 0.01, -0.01
    np.testing.assert_allclose(change.reshape(9, 3), expected, atol=1e-9)


def stacked(own: Array, seen: Array) -> tuple[Array, Array]:
    """Return the stacks of three frames, (3, 43) and (3, 42)."""
    robot, scene = stack(FEATURE, own, seen, SHAPES)
    assert (robot.shape, scene.shape) == (FEATURE.sizes[:1], FEATURE.sizes[1:])
    return robot, scene


def test_motion_is_not_seen_but_the_fingers_history_is() -> None:
    frames = [scene(0.1 * step, seed=step) for step in range(3)]
    own, seen = (np.array([frame[part] for frame in frames]) for part in (0, 1))
    before = stacked(own, seen)
    for name in ("joint_angle", "joint_velocity", "joint_torque", "tcp_velocity"):
        own[:, PROPRIOCEPTION.slices[name]] += 1.0
    # Of the two older frames, only the fingers count.
    own[1:, PROPRIOCEPTION.slices["tcp_pose"]], seen[1:] = 0.5, 0.5
    for one, other in zip(stacked(own, seen), before, strict=True):
        np.testing.assert_array_equal(one, other)
    for age in (1, 2):
        own[age, PROPRIOCEPTION.slices["gripper_angle"]] += 100.0
        change = stacked(own, seen)[0] - before[0]
        # A hundred tics are one unit; of each older frame angle and velocity come last.
        assert change[[-4, -2]].tolist() == pytest.approx([1.0, float(age == 2)])


def test_the_readings_of_a_defective_sensor_are_bounded() -> None:
    own, _ = scene(0.0)
    own[PROPRIOCEPTION.slices["wrist_force"]] = [1e6, -1e6, 0.0]
    assert FEATURE.robot(own)[11:14].tolist() == [10.0, -10.0, 0.0]


@pytest.mark.parametrize("name", ["tool", "affordances"])
def test_velocities_are_turned_back_to_the_base(name: str) -> None:
    own = FEATURES[name].robot(scene(np.pi / 6)[0])
    # 30 degrees: forward in the tool is (cos 30, sin 30) in the base.
    action = FEATURES[name].to_base(np.array([1.0, 0.0, -0.5, 0.25, 1.0]), own)
    assert action.tolist() == pytest.approx([np.sqrt(0.75), 0.5, -0.5, 0.25, 1.0], abs=1e-6)
    assert FEATURES["raw"].to_base(action, own) is action
