"""The real arm's observation against the simulated cell's, number by number, in the middle of an episode."""

import math

import numpy as np
import pytest

from helms_control.control.kinematics import REFERENCE
from helms_control.control.quaternion import of_rotation, product
from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.gripper.registers import ObjectDetection
from helms_control.hardware.sawyer.arm import JointReading
from helms_control.hardware.sawyer.objects import Calibration, Objects
from helms_control.hardware.sawyer.observation import Frames, objects, proprioception
from helms_control.hardware.sawyer.senses import Senses, SensesConfig
from helms_control.hardware.sawyer.wrist import EndpointReading, WristConfig
from helms_control.spec import EPISODE_STEPS, OBJECTS, PROPRIOCEPTION
from helms_sim.cell.reading import TICS_PER_RADIAN, Sensors, read_state
from helms_sim.env import StackEnv
from helms_sim.expert.demonstrator import Demonstrator
from helms_sim.scene.names import ARM, LEFT_DRIVER, OBJECT_QPOS


def played(steps: int | None) -> StackEnv:
    """A cell in which the demonstrator has worked for so many steps; None: until it has something well in hand."""
    env = StackEnv(object_set=4)
    driver = Demonstrator(env)
    env.reset(seed=5)
    driver.reset(seed=5)
    held = 0
    for done in range(EPISODE_STEPS):
        held += read_state(env.cell).grasp
        if done == steps or (steps is None and held == 20):
            return env
        env.step(driver.act())
    raise AssertionError("the demonstrator held nothing in a whole episode")


def heard(env: StackEnv, config: SensesConfig) -> Senses:
    """What a robot in the cell's place would say, in the frames that the configuration speaks of."""
    data, senses = env.cell.data, Senses(config, 0.1)
    pose = REFERENCE.pose(data.qpos[ARM])
    gravity = np.linspace(-20.0, 20.0, 7)
    senses.joints = JointReading(1.0, data.qpos[ARM].copy(), data.qvel[ARM].copy(), data.sensordata[2:21:3] + gravity)
    senses.gravity = gravity
    force, torque = (pose.sensor_rotation @ data.sensordata[part] for part in (slice(21, 24), slice(24, 27)))
    # At the wrist's origin instead of the sensor's place.
    torque = torque + np.cross(pose.sensor - pose.wrist, force)
    if config.wrist.by_world:
        force, torque = -force, -torque
    if config.wrist.frame == "tip":
        force, torque = pose.rotation.T @ force, pose.rotation.T @ torque
    senses.hear_endpoint(EndpointReading(1.0, pose.wrist, of_rotation(pose.rotation), force, torque))
    state = read_state(env.cell)
    detection = ObjectDetection.STOPPED_CLOSING if state.grasp else ObjectDetection.AT_REQUEST
    velocity = float(data.qvel[LEFT_DRIVER]) * TICS_PER_RADIAN
    senses.gripper = GripperStatus(1.0, state.gripper + 0.3, velocity, detection, 0.0, True, "")
    return senses


@pytest.mark.parametrize("frame", ["base", "tip"])
@pytest.mark.parametrize("by_world", [False, True])
@pytest.mark.parametrize("steps", [0, 70, None])
def test_proprioception_is_that_of_the_cell(steps: int | None, frame: str, by_world: bool) -> None:
    env = played(steps)
    sensors = Sensors()
    sensors.read(env.cell, read_state(env.cell).grasp)
    senses = heard(env, SensesConfig(chain=REFERENCE, wrist=WristConfig(frame, by_world)))
    found = PROPRIOCEPTION.unpack(proprioception(senses.felt()))
    expected = PROPRIOCEPTION.unpack(sensors.proprioception)
    # The tool points down, where the scalar of its quaternion is nearly zero: its sign is a matter of rounding.
    turned = found["tcp_pose"][3:] @ expected["tcp_pose"][3:]
    assert abs(turned) == pytest.approx(1.0, abs=1e-6)
    for name, field in expected.items():
        ours, theirs = (each[:3] if name == "tcp_pose" else each for each in (found[name], field))
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-3 if name == "wrist_torque" else 2e-4, err_msg=name)


def test_the_cell_was_in_contact_so_that_forces_and_grasp_were_compared() -> None:
    own = PROPRIOCEPTION.unpack(proprioception(heard(played(None), SensesConfig(chain=REFERENCE)).felt()))
    assert np.linalg.norm(own["wrist_force"]) > 1.0
    assert own["grasp"][0] == 1.0


@pytest.mark.parametrize("steps", [0, None])
def test_objects_are_those_of_the_cell_also_from_a_calibrated_frame(steps: int | None) -> None:
    env = played(steps)
    sensors = Sensors()
    sensors.read(env.cell, False)
    seen = Objects(Calibration.of("basket", "0.6 0.05 -0.1 0.02 -0.03 1.2"))
    link = Calibration.of("basket", "0.6 0.05 -0.1 0.02 -0.03 1.2").place
    turn = link.rotation()
    for index, pose in enumerate(env.cell.data.qpos[OBJECT_QPOS].reshape(3, 7)):
        inside = np.concatenate([turn.T @ (pose[:3] - link.xyz), product(of_rotation(turn.T), pose[3:])])
        # As a tracker may: of whatever sign.
        inside[3:] *= -1.0
        seen.see(index, inside, "basket", 1.0)
    found = OBJECTS.unpack(objects(seen.poses, REFERENCE.pose(env.cell.data.qpos[ARM])))
    expected = OBJECTS.unpack(sensors.objects)
    for name, field in expected.items():
        np.testing.assert_allclose(found[name][:3], field[:3], atol=1e-5, err_msg=name)
        assert abs(found[name][3:] @ field[3:]) == pytest.approx(1.0, abs=1e-6)
        assert found[name][3] >= 0.0


def test_frames_are_the_environments() -> None:
    frames = Frames()
    first, second = np.full(43, 1.0, np.float32), np.full(43, 2.0, np.float32)
    seen = np.zeros(42, np.float32)
    assert frames.add(first, seen, first=True)[0][:, 0].tolist() == [1.0, 1.0, 1.0]
    assert frames.add(second, seen, first=False)[0][:, 0].tolist() == [2.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("pose", "frame", "message"),
    [
        ([0.6, 0, 0.1, 1, 0, 0, 0], "camera", "given in frame 'camera'; allowed are base and 'basket'"),
        ([math.nan, 0, 0.1, 1, 0, 0, 0], "base", "must be near and its quaternion of length 1"),
        ([60.0, 0, 0.1, 1, 0, 0, 0], "base", "must be near"),
        ([0.6, 0, 0.1, 0, 0, 0, 0], "base", "quaternion of length 1"),
        ([0.6, 0, 0.1, 1, 1, 0, 0], "basket", "quaternion of length 1"),
    ],
)
def test_what_is_no_pose_is_refused_and_counted(pose: list[float], frame: str, message: str) -> None:
    seen = Objects(Calibration())
    with pytest.raises(HelmsError, match=message):
        seen.see(0, np.array(pose), frame, 1.0)
    assert (seen.refused, seen.oldest, seen.unseen()) == (1, None, "red, green, blue")


def test_the_oldest_object_counts() -> None:
    seen = Objects(Calibration())
    for index, stamp in enumerate((3.0, 1.0, 2.0)):
        assert seen.oldest is None
        seen.see(index, np.array([0.5 + 0.1 * index, 0, 0.1, 1, 0, 0, 0]), "", stamp)
    assert (seen.oldest, seen.unseen()) == (1.0, "")


@pytest.mark.parametrize("text", ["", "0.6 0 0", "a b c d e f", "0 0 0 0 0 nan"])
def test_a_frame_is_six_numbers(text: str) -> None:
    with pytest.raises(HelmsError, match=r"six numbers|finite numbers"):
        Calibration.of("basket", text)
