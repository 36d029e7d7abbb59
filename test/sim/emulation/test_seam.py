"""The emulation steps the cell like the environment: same joint velocities, same motion."""

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.robot.sawyer import JOINT_NAMES
from helms_control.safety.joints import SAWYER, JointLimits
from helms_control.spec import check_action, to_physical
from helms_sim.cell.cell import FINGER_SPEED
from helms_sim.emulation.arm import SUBSTEP_S, EmulatedArm
from helms_sim.emulation.controller import JointCommand
from helms_sim.env import StackEnv
from helms_sim.expert.demonstrator import Demonstrator
from helms_sim.scene.names import ARM, GRIPPER

Array = npt.NDArray[np.float64]

STEPS = 120
"""Enough for the demonstrator to grasp and lift."""
FREE = JointLimits(SAWYER.lower, SAWYER.upper, SAWYER.velocity, np.full(7, 1e6))


def demonstration(seed: int) -> tuple[list[list[float]], list[Array], list[Array]]:
    """Return physical commands, and joints and full positions after each."""
    env = StackEnv()
    env.reset(seed=seed)
    driver = Demonstrator(env)
    driver.reset(seed=seed)
    commands, positions, sensors = [], [], []
    for _ in range(STEPS):
        action = driver.act()
        commands.append(to_physical(check_action(action)[0]).tolist())
        env.step(action)
        positions.append(env.cell.data.qpos.copy())
        sensors.append(env.cell.data.sensordata.copy())
    return commands, positions, sensors


@pytest.mark.parametrize("parts", [[4] * 5, [2] * 10, [1] * 20, [7, 13]])
def test_joint_velocities_from_outside_give_the_cells_own_episode_bit_for_bit(parts: list[int]) -> None:
    commands, positions, sensors = demonstration(1)
    env = StackEnv()
    env.reset(seed=1)
    cell = env.cell
    for command, qpos, readings in zip(commands, positions, sensors, strict=True):
        cell.data.ctrl[ARM] = cell.joint_velocity(command)
        cell.data.ctrl[GRIPPER] = FINGER_SPEED * np.sign(command[4])
        for substeps in parts:
            cell.advance(substeps)
        np.testing.assert_array_equal(cell.data.qpos, qpos)
        np.testing.assert_array_equal(cell.data.sensordata, readings)


def follow(seed: int, limits: JointLimits) -> float:
    """Send an emulated arm the joint velocities that its cell's controller computes; return the largest joint error."""
    env = StackEnv()
    arm = EmulatedArm(StackEnv(), seed, limits)
    env.reset(seed=seed)
    # Between reset and first command the arm of the environment goes on at the velocity of its null space.
    arm.cell.data.act[:], arm.cell.data.qvel[:] = env.cell.data.act, env.cell.data.qvel
    turns, worst, now = np.random.default_rng(seed), 0.0, 0.0
    for step in range(80):
        if step % 20 == 0:
            command = [*turns.uniform(-0.07, 0.07, 3), turns.uniform(-0.5, 0.5), 0.0]
        wanted = env.cell.joint_velocity(command).tolist()
        env.cell.step(command)
        arm.command(now, JointCommand(2, JOINT_NAMES, velocity=wanted))
        for _ in range(5):
            arm.advance(now, 4)
            now += 4 * SUBSTEP_S
        worst = max(worst, float(np.abs(arm.cell.data.qpos[ARM] - env.cell.data.qpos[ARM]).max()))
    assert arm.refused == arm.controller.timeouts == 0
    return worst


def test_velocity_commands_move_the_emulated_arm_as_the_cell_moves_its_own() -> None:
    # Without limits on the accelerations the motions are the same; those of the robot delay jumps by some hundredths
    # of a second.
    assert follow(2, FREE) == 0.0
    assert 0.0 < follow(2, SAWYER) < 0.05
