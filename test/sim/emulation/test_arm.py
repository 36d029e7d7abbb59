"""The cell behind the robot's joint controllers, on a simulated clock."""

import mujoco
import numpy as np
import numpy.typing as npt
import pytest

from helms_control.control.kinematics import REFERENCE
from helms_control.errors import HelmsError
from helms_control.hardware.gripper.registers import CommandBytes, ObjectDetection, StatusBytes
from helms_control.hardware.gripper.target import Calibration
from helms_control.robot.sawyer import JOINT_NAMES
from helms_control.spec import EPISODE_STEPS
from helms_sim.emulation.arm import SUBSTEP_S, EmulatedArm
from helms_sim.emulation.controller import JointCommand, Mode
from helms_sim.emulation.faults import DEFAULTS, Fault, Faults, fault_of
from helms_sim.emulation.readings import Instruments
from helms_sim.env import StackEnv
from helms_sim.expert.demonstrator import Demonstrator
from helms_sim.scene.names import ARM, OBJECT_QPOS, OBJECT_QVEL

Array = npt.NDArray[np.float64]

SLOW = np.array([0.1, -0.1, 0.1, 0.1, -0.1, 0.1, 0.2])
STROKE = Calibration()


class Robot:
    """An arm and its clock."""

    def __init__(self, seed: int = 1) -> None:
        self.arm, self.now = EmulatedArm(StackEnv(), seed), 0.0

    @property
    def joints(self) -> Array:
        joints: Array = self.arm.cell.data.qpos[ARM].copy()
        return joints

    def mode(self) -> Mode:
        return self.arm.controller.mode

    def run(self, seconds: float, velocity: Array | None = None) -> None:
        """Let time pass; the velocity is told again in every cycle of 10 ms."""
        for _ in range(round(seconds / 0.01)):
            if velocity is not None:
                self.arm.command(self.now, JointCommand(2, JOINT_NAMES, velocity=velocity.tolist()))
            self.arm.advance(self.now, 4)
            self.now += 4 * SUBSTEP_S

    def tell_fingers(self, position: int, speed: int = 255) -> None:
        self.arm.gripper.write(CommandBytes(True, True, position, speed, 255).registers(), self.now)

    def fingers(self) -> StatusBytes:
        return StatusBytes.of(self.arm.gripper.read(self.now))


@pytest.fixture
def robot() -> Robot:
    return Robot()


def test_episodes_begin_as_the_environments_do(robot: Robot) -> None:
    env = StackEnv()
    env.reset(seed=1)
    np.testing.assert_array_equal(robot.arm.cell.data.qpos, env.cell.data.qpos)
    env.reset(seed=5, options={"object_set": 2, "task": "blue_on_red", "randomisation": "training"})
    robot.arm.reset(5, {"object_set": 2, "task": "blue_on_red", "randomisation": "training"})
    np.testing.assert_array_equal(robot.arm.cell.data.qpos, env.cell.data.qpos)
    np.testing.assert_array_equal(robot.arm.cell.model.geom_friction, env.cell.model.geom_friction)
    assert robot.arm.env.config == env.config


def test_a_velocity_integrates_to_the_joint_angles_that_it_means(robot: Robot) -> None:
    robot.run(2.0)
    before = robot.joints
    robot.run(1.0, SLOW)
    # The arm is as far behind as its lag of 0.1 s, and the set points needed up to 0.02 s to get up to speed.
    np.testing.assert_allclose(robot.joints - before, 0.9 * SLOW, atol=0.008)
    np.testing.assert_allclose(robot.arm.cell.data.qvel[ARM], SLOW, atol=0.01)
    pinch = REFERENCE.pose(robot.joints).pinch
    np.testing.assert_allclose(robot.arm.cell.data.site_xpos[robot.arm.cell.names.pinch], pinch, atol=1e-4)


def test_when_commands_stop_the_arm_stays_at_the_angles_of_the_timeout(robot: Robot) -> None:
    robot.run(1.0, SLOW)
    robot.run(0.19)
    assert robot.mode() is Mode.VELOCITY
    held = robot.joints
    robot.run(0.02)
    assert robot.mode() is Mode.POSITION
    robot.run(1.5)
    assert robot.arm.still(0.001)
    np.testing.assert_allclose(robot.joints, held, atol=0.01)


@pytest.mark.parametrize("fault", [Fault.BUTTON, Fault.ERROR, Fault.DISABLED, Fault.UNHOMED])
def test_without_power_the_brakes_hold_and_commands_are_refused(robot: Robot, fault: Fault) -> None:
    faults = Faults(robot.arm)
    robot.run(0.5, SLOW)
    faults.inject(fault)
    before = robot.joints
    robot.run(1.0, SLOW)
    assert robot.arm.still()
    np.testing.assert_allclose(robot.joints, before, atol=0.02)
    assert robot.arm.refused == 100
    assert "while the robot is disabled, stopped or not homed" in robot.arm.problem
    faults.clear(fault)
    robot.arm.assembly.reset()
    robot.arm.assembly.enable(robot.now, True)
    robot.run(0.5)
    assert robot.arm.still()
    refused, before = robot.arm.refused, robot.joints
    robot.run(0.5, SLOW)
    assert robot.arm.refused == refused
    assert np.all((robot.joints - before) * np.sign(SLOW) > 0.02)


def test_a_bad_command_is_counted(robot: Robot) -> None:
    robot.run(0.1, np.full(7, np.nan))
    assert robot.arm.refused == 10
    assert "not finite" in robot.arm.problem


def test_objects_can_be_placed_anew_without_the_arm(robot: Robot) -> None:
    robot.run(0.5, SLOW)
    joints, objects = robot.joints, robot.arm.objects()
    robot.arm.reset(7, {"object_set": 1}, arm=False)
    np.testing.assert_array_equal(robot.joints, joints)
    assert np.abs(robot.arm.objects() - objects).max() > 0.01
    np.testing.assert_array_equal(
        robot.arm.objects()[:, :3], robot.arm.cell.data.xpos[list(robot.arm.cell.names.objects)]
    )
    robot.run(0.1, SLOW)
    np.testing.assert_allclose(robot.joints - joints, 0.1 * SLOW, atol=0.005)


def test_a_reset_that_cannot_be_changes_nothing(robot: Robot) -> None:
    before = robot.arm.cell.data.qpos.copy()
    with pytest.raises(HelmsError, match="unknown object set"):
        robot.arm.reset(3, {"object_set": 99})
    np.testing.assert_array_equal(robot.arm.cell.data.qpos, before)
    assert robot.arm.seed == 1
    robot.run(0.1)


def test_success_is_judged_as_in_the_environment(robot: Robot) -> None:
    env = StackEnv()
    env.reset(seed=1)
    driver = Demonstrator(env)
    driver.reset(seed=1)
    verdicts = []
    for step in range(EPISODE_STEPS):
        info = env.step(driver.act())[4]
        if step % 20 == 0:
            ours, theirs = robot.arm.cell.data, env.cell.data
            ours.qpos[:], ours.qvel[:], ours.act[:], ours.ctrl[:] = theirs.qpos, theirs.qvel, theirs.act, theirs.ctrl
            robot.arm.cell.refresh()
            robot.arm.advance(0.05 * step, 1)
            verdicts.append((robot.arm.judge().success, info["success"]))
    assert [ours for ours, _ in verdicts] == [theirs for _, theirs in verdicts]
    assert {True, False} == {theirs for _, theirs in verdicts}


# The gripper.


def test_the_cells_fingers_follow_the_registers(robot: Robot) -> None:
    robot.tell_fingers(200)
    robot.run(0.1)
    assert not robot.fingers().ready
    assert robot.arm.state.gripper == 0
    robot.run(0.2)
    robot.fingers()
    robot.run(2.0)
    assert robot.fingers().ready
    assert robot.fingers().position == pytest.approx(200, abs=1)
    assert robot.arm.state.gripper == pytest.approx(STROKE.tics(200), abs=1)
    assert robot.fingers().detection is ObjectDetection.AT_REQUEST
    robot.tell_fingers(0)
    robot.run(0.1)
    assert robot.fingers().detection is ObjectDetection.MOVING
    robot.run(2.0)
    assert robot.arm.state.gripper == 0


def test_slow_fingers_take_their_time(robot: Robot) -> None:
    robot.tell_fingers(100, speed=0)
    robot.run(0.3)
    robot.fingers()
    robot.run(1.0)
    # 60 counts/s from 3 counts.
    assert robot.fingers().position == pytest.approx(63, abs=4)


def test_an_object_between_the_fingers_is_reported_and_held(robot: Robot) -> None:
    data, names = robot.arm.cell.data, robot.arm.cell.names
    robot.tell_fingers(0)
    robot.run(0.3)
    robot.fingers()
    red = data.qpos[OBJECT_QPOS].reshape(3, 7)[0]
    red[:3] = data.site_xpos[names.pinch]
    mujoco.mju_mat2Quat(red[3:], data.site_xmat[names.pinch])
    data.xfrc_applied[names.objects[0]] = 0.0
    data.qvel[OBJECT_QVEL] = 0.0
    robot.arm.cell.refresh()
    robot.tell_fingers(255)
    robot.run(1.5)
    read = robot.fingers()
    assert read.detection is ObjectDetection.STOPPED_CLOSING
    assert 20 < read.position < 220
    assert robot.arm.state.grasp
    robot.arm.cell.weigh_objects()
    robot.run(1.0)
    assert robot.fingers().detection is ObjectDetection.STOPPED_CLOSING
    np.testing.assert_allclose(robot.arm.objects()[0, :3], data.site_xpos[names.pinch], atol=0.01)
    robot.tell_fingers(0)
    robot.run(0.3)
    assert robot.fingers().detection is ObjectDetection.MOVING
    assert not robot.arm.state.grasp


# What is measured.


def test_the_torques_that_carry_the_arm_are_those_of_the_dynamics(robot: Robot) -> None:
    robot.run(0.7, SLOW)
    cell = robot.arm.cell
    reading = Instruments(cell).read()
    scratch = mujoco.MjData(cell.model)
    scratch.qpos[:] = cell.data.qpos
    cell.model.opt.gravity[2] = -9.81
    mujoco.mj_forward(cell.model, scratch)
    cell.model.opt.gravity[2] = 0.0
    np.testing.assert_allclose(reading.gravity, scratch.qfrc_bias[ARM], atol=1e-9)


def test_at_rest_the_efforts_carry_the_weight_and_the_wrench_is_none(robot: Robot) -> None:
    robot.run(2.0)
    reading = Instruments(robot.arm.cell).read()
    np.testing.assert_allclose(reading.effort, reading.gravity, atol=0.02)
    np.testing.assert_allclose(reading.wrench, 0.0, atol=0.02)


def test_pressing_on_the_floor_is_felt_by_wrench_and_joints_alike(robot: Robot) -> None:
    cell = robot.arm.cell
    # Nothing between the fingers and the floor.
    cell.data.qpos[OBJECT_QPOS].reshape(3, 7)[:, :2] = [[0.5, -0.1], [0.5, 0.0], [0.5, 0.1]]
    cell.refresh()
    while cell.data.site_xpos[cell.names.pinch][2] > 0.07:
        assert robot.now < 10.0
        robot.run(0.01, cell.joint_velocity((0.0, 0.0, -0.07, 0.0, 0.0)))
    down = np.linalg.pinv(REFERENCE.pose(robot.joints).pinch_jacobian) @ [0.0, 0.0, -0.02, 0.0, 0.0, 0.0]
    robot.run(2.0, down)
    robot.run(0.5, np.zeros(7))
    reading = Instruments(cell).read()
    assert reading.wrench[2] < -10.0
    # tau = J' F at the flange.
    jacobian = REFERENCE.pose(reading.joints).jacobian
    np.testing.assert_allclose(reading.effort - reading.gravity, jacobian.T @ reading.wrench, atol=0.5)


def test_tips_agree_with_the_kinematics(robot: Robot) -> None:
    robot.run(0.5, SLOW)
    reading, pose = Instruments(robot.arm.cell).read(), REFERENCE.pose(robot.joints)
    np.testing.assert_allclose(reading.hand.position, pose.wrist, atol=1e-4)
    np.testing.assert_allclose(reading.pinch.position, pose.pinch, atol=1e-4)
    np.testing.assert_allclose(reading.hand.velocity, pose.jacobian @ reading.velocity, atol=1e-4)
    np.testing.assert_allclose(reading.pinch.velocity, pose.pinch_jacobian @ reading.velocity, atol=1e-4)
    rotation = np.empty(9)
    mujoco.mju_quat2Mat(rotation, reading.hand.quaternion)
    np.testing.assert_allclose(rotation.reshape(3, 3), pose.rotation, atol=1e-4)


# Faults.


def test_faults_have_values_where_they_mean_something(robot: Robot) -> None:
    faults = Faults(robot.arm)
    faults.inject(Fault.CLOCK)
    faults.inject(Fault.RATE, 20.0)
    assert faults.active == {Fault.CLOCK: DEFAULTS[Fault.CLOCK], Fault.RATE: 20.0}
    faults.clear(Fault.CLOCK)
    faults.clear(Fault.STALL)
    assert faults.active == {Fault.RATE: 20.0}
    for fault, value in (
        (Fault.STALL, 1.0),
        (Fault.RATE, 0.0),
        (Fault.RATE, float("nan")),
        (Fault.GRIPPER, 16.0),
        (Fault.GRIPPER, 0.0),
        (Fault.JAM, 1.0),
    ):
        with pytest.raises(HelmsError, match=r"only clock .*, rate .* and gripper .* have one"):
            faults.inject(fault, value)
    with pytest.raises(HelmsError, match="unknown fault 'fire'"):
        fault_of("fire")
