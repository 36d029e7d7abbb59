"""The driver over ROS 1 links with Debian's master, against the emulated Sawyer and its gripper."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from helms_control.control.kinematics import REFERENCE
from helms_control.errors import HelmsError
from helms_control.hardware.ros1.problems import Problem
from helms_control.hardware.sawyer.connect import Connection, RobotSetup, connect
from helms_control.hardware.sawyer.enabling import Request
from helms_control.safety.state import Mode
from helms_control.spec import OBJECTS, PROPRIOCEPTION, SPEC
from helms_sim.emulation.controller import Mode as RobotMode
from helms_sim.emulation.debian_ros1 import Rosmaster
from helms_sim.emulation.faults import Fault
from helms_sim.emulation.sawyer import EmulatedSawyer, SawyerConfig

pytestmark = pytest.mark.needs_ros1

Array = npt.NDArray[np.float64]
LONGEST_START = 60
"""Control steps within which the arm must move."""
PATIENCE_S = 30.0
HOST = "127.0.0.1"
DOWN = np.array([-0.3, 0.4, -0.8, 0.3, 1.0])


class Bench:
    """An emulated robot and the driver connected to it."""

    def __init__(self, master: Rosmaster, firmware: str = "5.3", **setup: Any) -> None:  # noqa: ANN401
        self.master = master.uri
        self.robot = EmulatedSawyer(SawyerConfig(master.uri, HOST, firmware=firmware))
        chosen: dict[str, Any] = {
            "robot": master.uri,
            "host": HOST,
            "gripper": str(self.robot.gripper_port),
            "ros1_poses": ("/objects/red", "/objects/green", "/objects/blue"),
            "speed_scale": 1.0,
        }
        try:
            self.connection: Connection = connect(RobotSetup(**chosen | setup))
        except HelmsError:
            self.robot.close()
            raise
        self.driver = self.connection.driver

    def prepare(self) -> None:
        """Activate the gripper and wait until nothing speaks against arming."""
        if self.connection.gripper is not None:
            self.until(lambda: self.driver.loop.senses.gripper)
            self.connection.activate_gripper()
            self.until(lambda: "being activated" not in self.connection.activation)
        self.until(lambda: not self.driver.hindrances())
        assert self.connection.activation == ""

    def until(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, (self.driver.hindrances(), self.robot.look())
            time.sleep(0.005)

    def drive(self, action: Array, steps: int) -> list[str]:
        """Answer observations for so many control steps, or until the episode ends; return why each was held."""
        held, due = [], time.monotonic()
        for _ in range(steps):
            at = self.driver.loop.steps
            if not at.running:
                break
            self.driver.offer(at.episode, at.step, SPEC.hash, action)
            due += 0.05
            time.sleep(max(due - time.monotonic(), 0.0))
            told = self.driver.tick()
            held += [told[0].held] if told is not None else []
        return held

    def move(self) -> None:
        """Arm, begin an episode and get moving."""
        self.driver.arm()
        self.driver.begin()
        held = self.drive(DOWN, 10)
        # On a busy machine the gripper may be late, and the arm waits for it.
        while held[-3:] != ["", "", ""] and len(held) < LONGEST_START and self.driver.loop.steps.running:
            held += self.drive(DOWN, 3)
        assert held[-3:] == ["", "", ""]
        assert self.robot.look().mode is RobotMode.VELOCITY

    def close(self) -> None:
        self.connection.close()
        self.robot.close()


@pytest.fixture
def master(tmp_path: Path) -> Iterator[Rosmaster]:
    with Rosmaster(tmp_path) as made:
        yield made


@pytest.fixture
def bench(master: Rosmaster) -> Iterator[Bench]:
    made = Bench(master)
    made.prepare()
    yield made
    made.close()


@pytest.mark.parametrize("firmware", ["5.2", "5.3", "5.5"])
def test_every_firmware_is_understood_and_driven(master: Rosmaster, firmware: str) -> None:
    bench = Bench(master, firmware)
    bench.prepare()
    before = bench.robot.look()
    bench.move()
    bench.drive(DOWN, 10)
    look = bench.robot.look()
    bench.close()
    moved = look.pinch - before.pinch
    assert np.array_equal(np.sign(moved), np.sign(DOWN[:3]))
    # A second at 0.8 of 0.07 m/s, less the lag.
    assert moved[2] == pytest.approx(-0.05, abs=0.015)
    assert look.fingers > before.fingers + 50
    assert (look.refused, look.timeouts) == (0, 0)
    assert bench.connection.link.strange == 0, bench.connection.link.problem


def test_what_is_observed_is_so(bench: Bench) -> None:
    look = bench.robot.look()
    own, seen = bench.driver.frame()
    named, objects = PROPRIOCEPTION.unpack(own), OBJECTS.unpack(seen)
    np.testing.assert_allclose(named["joint_angle"], look.joints, atol=1e-3)
    np.testing.assert_allclose(named["tcp_pose"][:3], look.pinch, atol=1e-3)
    # Its own weight, which the robot reports with its torques, is taken out again.
    assert np.abs(named["joint_torque"]).max() < 0.5
    assert np.linalg.norm(named["wrist_force"]) < 0.5
    for name, pose in zip(("red", "green", "blue"), look.objects, strict=True):
        np.testing.assert_allclose(objects[f"{name}_pose"][:3], pose[:3], atol=1e-3)


def test_the_robots_own_description_tells_the_geometry(bench: Bench) -> None:
    assert bench.driver.loop.senses.config.chain.links == REFERENCE.links
    assert bench.driver.loop.senses.apart() < 1e-4


def test_an_unknown_firmware_is_not_armed(master: Rosmaster) -> None:
    bench = Bench(master, "other", gripper="none")
    bench.until(lambda: bench.connection.link.node.problems.counts[Problem.REFUSED])
    bench.until(lambda: bench.driver.hindrances() == "nothing heard yet of /robot/state")
    with pytest.raises(HelmsError, match="nothing heard yet of /robot/state"):
        bench.driver.arm()
    assert "intera_core_msgs/HeadState" in bench.connection.link.node.problems.last[Problem.REFUSED]
    assert bench.robot.look().received == 0
    bench.close()


def test_a_dry_run_sends_nothing_at_all(master: Rosmaster) -> None:
    bench = Bench(master, dry_run=True)
    bench.until(lambda: not bench.driver.hindrances())
    before = bench.robot.look()
    bench.driver.arm()
    bench.driver.begin()
    bench.drive(DOWN, 20)
    assert bench.driver.counts.sent > 50 and bench.driver.counts.fastest > 0.05
    look = bench.robot.look()
    assert (look.received, look.refused, look.mode) == (0, 0, RobotMode.POSITION)
    # The emulated arm settles a little after its start.
    np.testing.assert_allclose(look.joints, before.joints, atol=5e-3)
    assert look.fingers == before.fingers
    bench.close()


def test_closed_in_motion_it_brakes_and_leaves_the_mode(bench: Bench) -> None:
    bench.move()
    bench.connection.close()
    bench.until(lambda: bench.robot.look().mode is RobotMode.POSITION)
    look = bench.robot.look()
    # By a command, not because the time ran out.
    assert look.timeouts == 0
    bench.until(lambda: bench.robot.look().still())


STOPS = {
    Fault.BUTTON: "estop",
    Fault.ERROR: "estop",
    Fault.DISABLED: "robot_disabled",
    Fault.UNHOMED: "robot_error",
    Fault.COLLISION: "collision",
    Fault.NAN: "bad_state",
    Fault.STALL: "stale_state",
    Fault.RATE: "stale_state",
    Fault.LINKS: "stale_state",
}


@pytest.mark.parametrize("fault", STOPS)
def test_every_fault_stops_the_arm_and_it_stays(bench: Bench, fault: Fault) -> None:
    bench.move()
    bench.robot.inject(fault)
    injected = time.monotonic()
    bench.drive(DOWN, 40)
    assert time.monotonic() - injected < 1.0
    assert STOPS[fault] in "; ".join(bench.driver.loop.commander.layer.reasons)
    bench.until(lambda: bench.robot.look().still())
    place = bench.robot.look().joints
    bench.robot.clear(fault)
    bench.until(lambda: time.monotonic() - injected > 2.0)
    look = bench.robot.look()
    assert look.still() and bench.driver.loop.mode in (Mode.STOPPED, Mode.DISARMED)
    np.testing.assert_allclose(look.joints, place, atol=0.01)
    with pytest.raises(HelmsError, match="no episode is running"):
        bench.driver.offer(1, 0, SPEC.hash, DOWN)


@pytest.mark.parametrize(
    "fault", [Fault.BUTTON, Fault.ERROR, Fault.DISABLED, Fault.COLLISION, Fault.STALL, Fault.LINKS]
)
def test_after_a_fault_it_goes_on_once_it_is_cleared_and_armed(bench: Bench, fault: Fault) -> None:
    bench.move()
    bench.robot.inject(fault)
    bench.drive(DOWN, 20)
    bench.robot.clear(fault)
    bench.driver.disarm()
    bench.until(lambda: bench.driver.loop.mode is Mode.DISARMED)
    # A button that was released a moment ago is still pressed in the state that the driver has.
    bench.until(lambda: "pressed" not in str(bench.driver.loop.senses.assembly).replace("unpressed", ""))
    bench.driver.ask(Request.ENABLE)
    bench.until(lambda: bench.driver.power() == "")
    bench.until(lambda: not bench.driver.hindrances())
    bench.until(lambda: bench.robot.look().still())
    time.sleep(0.3)
    bench.move()


def test_a_wrong_clock_of_the_robot_does_not_matter(bench: Bench) -> None:
    bench.robot.inject(Fault.CLOCK, 5.0)
    bench.move()
    assert set(bench.drive(DOWN, 20)) == {""}


def test_a_stalled_robot_is_sent_nothing_that_it_would_carry_out_later(bench: Bench) -> None:
    bench.move()
    bench.robot.inject(Fault.STALL)
    bench.drive(DOWN, 20)
    received = bench.robot.look().received
    time.sleep(1.0)
    bench.robot.clear(Fault.STALL)
    time.sleep(0.5)
    # What was under way when it stalled, and nothing from the second after.
    look = bench.robot.look()
    assert look.received - received <= 2
    assert look.mode is RobotMode.POSITION and look.still()


def test_the_ready_pose_is_reached(bench: Bench) -> None:
    bench.driver.arm()
    bench.driver.go_ready()
    bench.until(lambda: not bench.driver.moving_ready)
    assert bench.driver.armed
    np.testing.assert_allclose(bench.robot.look().joints, bench.driver.loop.config.ready.target, atol=0.03)


def test_a_master_that_is_not_there_is_said() -> None:
    with pytest.raises(HelmsError, match=r"127\.0\.0\.1:1"):
        connect(RobotSetup(robot="http://127.0.0.1:1", host=HOST))
