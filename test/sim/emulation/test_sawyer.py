"""The emulated Sawyer over ROS 1 links with Debian's master."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helms_control.control.kinematics import REFERENCE
from helms_control.errors import HelmsError
from helms_control.hardware.gripper.modbus import ModbusConfig, ModbusGripper
from helms_control.hardware.gripper.problems import Problem as GripperProblem
from helms_control.hardware.ros1.errors import UnreachableError
from helms_control.hardware.ros1.limits import Limits
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.problems import Problem
from helms_control.hardware.sawyer.urdf import chain_of
from helms_control.robot.sawyer import JOINT_NAMES
from helms_control.safety.joints import SAWYER
from helms_sim.emulation.controller import Mode
from helms_sim.emulation.debian_ros1 import Rosmaster, free_port
from helms_sim.emulation.faults import Fault
from helms_sim.emulation.firmware import FIRMWARES
from helms_sim.emulation.remote import Remote, ask
from helms_sim.emulation.sawyer import EmulatedSawyer, SawyerConfig
from helms_sim.emulation.watch import Watch
from helms_sim.env import StackEnv

pytestmark = pytest.mark.needs_ros1

HOST = "127.0.0.1"
PATIENCE_S = 30.0
LIMB = "/robot/limb/right"
CORE = "intera_core_msgs"
QUICK = Limits(poll_s=0.1, retry_s=0.2, refused_s=0.3)
SLOW = np.array([0.1, -0.1, 0.1, 0.1, -0.1, 0.1, 0.2])


def wait_for(condition: Callable[[], object], what: str = "it") -> None:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.002)


class Peer:
    """A node that hears the robot and commands it."""

    def __init__(self, master_uri: str) -> None:
        self.node = Node("/peer", master_uri, HOST, QUICK)
        self.heard: dict[str, list[Any]] = {}
        self._publishers: dict[str, Any] = {}

    def hear(self, topic: str, kind: str | tuple[str, ...]) -> list[Any]:
        """Collect the messages of a topic; returns with the first."""
        messages: list[Any] = []
        self.node.subscribe(topic, kind, messages.append)
        wait_for(lambda: messages, f"a message on {topic}")
        return messages

    def say(self, topic: str, kind: str, **fields: object) -> None:
        """Publish, to the robot if it listens at all."""
        if topic not in self._publishers:
            self._publishers[topic] = self.node.publish(topic, kind)
        publisher = self._publishers[topic]
        wait_for(lambda: publisher.connections, f"a subscriber of {topic}")
        publisher.send(publisher.type.new(**fields))

    def move(self, velocity: object) -> None:
        self.say(f"{LIMB}/joint_command", f"{CORE}/JointCommand", mode=2, names=list(JOINT_NAMES), velocity=velocity)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rosmaster]:
    with Rosmaster(tmp_path_factory.mktemp("master")) as made:
        yield made


@pytest.fixture
def robot(master: Rosmaster) -> Iterator[EmulatedSawyer]:
    with EmulatedSawyer(SawyerConfig(master.uri, HOST)) as made:
        yield made


@pytest.fixture
def peer(master: Rosmaster) -> Iterator[Peer]:
    made = Peer(master.uri)
    yield made
    made.node.close()


@pytest.mark.parametrize("firmware", ["5.2", "5.3", "5.5"])
def test_each_firmware_has_its_own_state_and_torques(master: Rosmaster, peer: Peer, firmware: str) -> None:
    known = FIRMWARES[firmware]
    with EmulatedSawyer(SawyerConfig(master.uri, HOST, firmware=firmware)):
        state = peer.hear("/robot/state", (f"{CORE}/RobotAssemblyState", f"{CORE}/AssemblyState"))[0]
        assert hasattr(state, "homed") == (firmware != "5.2")
        assert state.enabled and state.ready and not state.stopped
        torques = peer.hear(f"{LIMB}/gravity_compensation_torques", known.torques)[0]
        assert tuple(torques.name) == JOINT_NAMES
        version = peer.node.parameters.get("/manifest/robot_software/version/HLR_VERSION_STRING")
        assert version.startswith(firmware)


def test_a_state_of_an_unknown_type_is_refused_by_the_transport(master: Rosmaster, peer: Peer) -> None:
    with EmulatedSawyer(SawyerConfig(master.uri, HOST, firmware="other")):
        peer.node.subscribe("/robot/state", (f"{CORE}/RobotAssemblyState", f"{CORE}/AssemblyState"), print)
        wait_for(lambda: peer.node.problems.counts[Problem.REFUSED])
        assert "types differ" in peer.node.problems.last[Problem.REFUSED]


def test_it_describes_itself_as_a_sawyer_does(robot: EmulatedSawyer, peer: Peer) -> None:
    parameters = peer.node.parameters
    assert parameters.get("/manifest/robot_class") == "sawyer"
    assert parameters.get("/robot_config/right_config/joint_names") == list(JOINT_NAMES)
    assert parameters.get("/robot_config/joint_config/joint_acceleration_limit/right_j1") == 8.0
    assert chain_of(parameters.get("/robot_description")).links == REFERENCE.links
    # Latched: whoever comes late hears it, too.
    limits = peer.hear("/robot/joint_limits", f"{CORE}/JointLimits")[0]
    at = [limits.joint_names.index(name) for name in JOINT_NAMES]
    np.testing.assert_array_equal(np.asarray(limits.position_upper)[at], SAWYER.upper)
    np.testing.assert_array_equal(np.asarray(limits.accel)[at], SAWYER.acceleration)


def test_joints_stand_among_others_and_everything_fits_together(robot: EmulatedSawyer, peer: Peer) -> None:
    joints = peer.hear("/robot/joint_states", "sensor_msgs/JointState")
    ends = peer.hear(f"{LIMB}/endpoint_state", f"{CORE}/EndpointState")
    tips = peer.hear(f"{LIMB}/tip_states", f"{CORE}/EndpointStates")
    objects = [peer.hear(f"/objects/{colour}", "geometry_msgs/PoseStamped") for colour in ("red", "green", "blue")]
    wait_for(lambda: robot.look().still(0.001) and len(joints) > 50)
    names = list(joints[-1].name)
    assert names[0] == "head_pan" and set(JOINT_NAMES) < set(names)
    at = [names.index(name) for name in JOINT_NAMES]
    look = robot.look()
    np.testing.assert_allclose(np.asarray(joints[-1].position)[at], look.joints, atol=1e-3)
    pose = REFERENCE.pose(look.joints)
    for position, expected in (
        (ends[-1].pose.position, pose.wrist),
        (tips[-1].states[tips[-1].names.index("right_hand")].pose.position, pose.wrist),
        (tips[-1].states[tips[-1].names.index("right_gripper_tip")].pose.position, look.pinch),
        *((heard[-1].pose.position, at[:3]) for heard, at in zip(objects, look.objects, strict=True)),
    ):
        np.testing.assert_allclose([position.x, position.y, position.z], expected, atol=1e-3)
    assert ends[-1].valid
    assert objects[0][-1].header.frame_id == "base"
    seqs = [message.header.seq for message in joints]
    assert seqs == sorted(set(seqs))


def test_velocities_move_the_arm_and_lapse_when_nobody_repeats_them(robot: EmulatedSawyer, peer: Peer) -> None:
    before = robot.look().joints

    def pushed() -> bool:
        peer.move(SLOW)
        return bool(np.all((robot.look().joints - before) * np.sign(SLOW) > 0.05))

    wait_for(pushed)
    look = robot.look()
    assert look.mode is Mode.VELOCITY
    np.testing.assert_array_equal(look.wanted, SLOW)
    wait_for(lambda: robot.look().mode is Mode.POSITION)
    assert robot.look().timeouts == 1
    wait_for(lambda: robot.look().still())


def test_timeout_and_speed_ratio_are_taken_over_the_wire(robot: EmulatedSawyer, peer: Peer) -> None:
    peer.say(f"{LIMB}/joint_command_timeout", "std_msgs/Float64", data=1.0)
    peer.say(f"{LIMB}/set_speed_ratio", "std_msgs/Float64", data=1.0)
    controller = robot._arm.controller
    wait_for(lambda: controller.timeout_s == 1.0 and controller.speed_ratio == 1.0)


def test_refused_commands_are_counted_and_said(robot: EmulatedSawyer, peer: Peer) -> None:
    peer.say(f"{LIMB}/joint_command", f"{CORE}/JointCommand", mode=3, names=list(JOINT_NAMES), effort=np.ones(7))
    wait_for(lambda: robot.look().refused)
    assert "mode 3" in robot.look().problem
    assert robot.look().received == 0


def test_stop_reset_and_enable_over_the_wire(robot: EmulatedSawyer, peer: Peer) -> None:
    def power(name: str) -> object:
        return robot.look().power[name]

    peer.say("/robot/set_super_stop", "std_msgs/Empty")
    wait_for(lambda: power("stopped"))
    peer.say("/robot/set_super_enable", "std_msgs/Bool", data=True)
    wait_for(lambda: robot.heard("/robot/set_super_enable") == 1)
    peer.move(SLOW)
    wait_for(lambda: robot.look().refused)
    assert not power("enabled")
    peer.say("/robot/set_super_reset", "std_msgs/Empty")
    wait_for(lambda: not power("stopped"))
    assert not power("enabled")
    peer.say("/robot/set_super_enable", "std_msgs/Bool", data=True)
    wait_for(lambda: power("enabled"))
    peer.say("/robot/set_super_enable", "std_msgs/Bool", data=False)
    wait_for(lambda: not power("enabled"))


def test_a_pressed_button_refuses_the_reset_and_is_published(robot: EmulatedSawyer, peer: Peer) -> None:
    states = peer.hear("/robot/state", f"{CORE}/RobotAssemblyState")
    robot.inject(Fault.BUTTON)
    wait_for(lambda: states[-1].estop_button == 1 and states[-1].stopped)
    peer.say("/robot/set_super_reset", "std_msgs/Empty")
    wait_for(lambda: robot.heard("/robot/set_super_reset") == 1)
    robot.clear(Fault.BUTTON)
    wait_for(lambda: states[-1].estop_button == 3)
    assert states[-1].stopped
    peer.say("/robot/set_super_reset", "std_msgs/Empty")
    wait_for(lambda: states[-1].estop_button == 0 and not states[-1].stopped)


def test_joint_states_come_as_often_as_asked(robot: EmulatedSawyer, peer: Peer) -> None:
    joints = peer.hear("/robot/joint_states", "sensor_msgs/JointState")
    peer.say("/robot/joint_state_publish_rate", "std_msgs/UInt16", data=400)
    wait_for(lambda: robot._orders.joint_states_hz == 400.0)
    count, begun = len(joints), robot.now()
    wait_for(lambda: len(joints) >= count + 400)
    # No upper bound on the time: the machine may be busy.
    assert robot.now() - begun > 0.8
    robot.inject(Fault.RATE, 10.0)
    time.sleep(0.05)
    count, begun = len(joints), robot.now()
    wait_for(lambda: len(joints) >= count + 5)
    assert robot.now() - begun > 0.35


def test_a_stalled_robot_is_silent_and_then_carries_out_the_newest_command(robot: EmulatedSawyer, peer: Peer) -> None:
    joints = peer.hear("/robot/joint_states", "sensor_msgs/JointState")
    peer.move(np.zeros(7))
    wait_for(lambda: robot.look().received == 1)
    robot.inject(Fault.STALL)
    time.sleep(0.05)
    count = len(joints)
    for _ in range(20):
        peer.move(SLOW)
        time.sleep(0.01)
    peer.move(2.0 * SLOW)
    command = f"{LIMB}/joint_command"
    waiting = robot._orders._waiting
    wait_for(lambda: command in waiting and np.array_equal(waiting[command][1].velocity, 2.0 * SLOW))
    assert len(joints) <= count + 1
    assert robot.look().received == 1
    # Its joints' controller did not stall: what it was told before has lapsed.
    wait_for(lambda: robot.look().mode is Mode.POSITION)
    robot.clear(Fault.STALL)
    look = robot.look()
    assert look.received == 2
    np.testing.assert_array_equal(look.wanted, 2.0 * SLOW)
    wait_for(lambda: len(joints) > count + 10)


def test_links_that_are_cut_come_back(robot: EmulatedSawyer, peer: Peer) -> None:
    joints = peer.hear("/robot/joint_states", "sensor_msgs/JointState")
    peer.move(SLOW)
    robot.inject(Fault.LINKS)
    wait_for(lambda: robot.look().mode is Mode.POSITION)
    count = len(joints)
    time.sleep(0.1)
    assert len(joints) == count
    robot.clear(Fault.LINKS)
    wait_for(lambda: len(joints) > count + 10)
    received = robot.look().received
    peer.move(SLOW)
    wait_for(lambda: robot.look().received > received)


def test_stamps_collisions_and_numbers_can_be_wrong(robot: EmulatedSawyer, peer: Peer) -> None:
    joints = peer.hear("/robot/joint_states", "sensor_msgs/JointState")
    collisions = peer.hear(f"{LIMB}/collision_detection_state", f"{CORE}/CollisionDetectionState")
    assert abs(joints[-1].header.stamp.sec - time.time()) < 5.0
    assert not collisions[-1].collision_state
    robot.inject(Fault.CLOCK, -3600.0)
    robot.inject(Fault.COLLISION)
    robot.inject(Fault.NAN)
    wait_for(lambda: collisions[-1].collision_state)
    wait_for(lambda: joints[-1].header.stamp.sec < time.time() - 3500.0)
    wait_for(lambda: np.isnan(joints[-1].position).sum() == 1)
    for fault in (Fault.CLOCK, Fault.COLLISION, Fault.NAN):
        robot.clear(fault)
    wait_for(lambda: not collisions[-1].collision_state and not np.isnan(joints[-1].position).any())


def test_the_gripper_is_driven_over_its_serial_port(robot: EmulatedSawyer) -> None:
    gripper = ModbusGripper(ModbusConfig(robot.gripper_port))
    gripper.start()
    try:
        gripper.activate(PATIENCE_S)

        def closed() -> bool:
            gripper.command(255.0)
            return robot.look().fingers > 200.0

        wait_for(closed)
        wait_for(lambda: (status := gripper.status()) is not None and abs(status.position - robot.look().fingers) < 3.0)
    finally:
        gripper.close()


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault.GRIPPER, GripperProblem.OVERCURRENT),
        (Fault.SUPPLY, GripperProblem.NOT_ACTIVATED),
        (Fault.JAM, GripperProblem.STANDING),
        (Fault.SERIAL, GripperProblem.SILENT),
        (Fault.UNPLUGGED, GripperProblem.NO_PORT),
    ],
)
def test_faults_of_the_gripper_come_and_go(robot: EmulatedSawyer, fault: Fault, problem: GripperProblem) -> None:
    gripper = ModbusGripper(ModbusConfig(robot.gripper_port))
    gripper.start()

    def reported(found: bool) -> bool:
        gripper.command(255.0)
        return (problem in gripper.problem()) == found

    try:
        gripper.activate(PATIENCE_S)
        for _ in range(2):
            robot.inject(fault)
        wait_for(lambda: reported(True))
        for _ in range(2):
            robot.clear(fault)
        if fault in (Fault.GRIPPER, Fault.SUPPLY):
            gripper.activate(PATIENCE_S)
        wait_for(lambda: reported(False))
        wait_for(lambda: reported(False) and robot.look().fingers > 200.0)
    finally:
        gripper.close()


def test_a_reset_begins_the_environments_episode(robot: EmulatedSawyer, peer: Peer) -> None:
    robot.reset(3, object_set=2)
    env = StackEnv(object_set=2)
    env.reset(seed=3)
    np.testing.assert_allclose(robot.look().objects, env.cell.data.qpos[11:].reshape(3, 7), atol=0.005)
    assert robot.names == env.episode.names
    with pytest.raises(HelmsError, match="unknown task"):
        robot.reset(3, task="juggle")
    assert robot.failure is None


def test_others_can_watch_the_cell_behind_it(robot: EmulatedSawyer) -> None:
    watch = Watch(robot)
    assert not watch.refresh()
    np.testing.assert_allclose(watch.cell.data.qpos[:7], robot.look().joints, atol=1e-3)
    robot.reset(9, object_set=1)
    assert watch.refresh()
    assert watch.episode.names == robot.names


def test_another_process_can_ask_for_resets_faults_and_the_truth(robot: EmulatedSawyer, peer: Peer) -> None:
    with contextlib.closing(Remote(robot)):
        assert ask(peer.node, "look")["mode"] == "position"
        assert ask(peer.node, "inject", fault="button")["power"]["estop_button"] == 1
        assert ask(peer.node, "clear", fault="button")["power"]["estop_button"] == 3
        told = ask(peer.node, "reset", seed=4, object_set=3, arm=False)
        np.testing.assert_allclose(told["objects"], robot.look().objects, atol=0.01)
        for action, arguments, message in (
            ("dance", {}, "unknown action 'dance'"),
            ("inject", {"fault": "fire"}, "unknown fault 'fire'"),
            ("reset", {"seed": -1}, "a seed must be an integer"),
            ("reset", {}, "seed"),
        ):
            with pytest.raises(HelmsError, match=message):
                ask(peer.node, action, **arguments)
        ask(peer.node, "inject", fault="links")
        wait_for(lambda: ask(peer.node, "look") and not robot._faults.has(Fault.LINKS))


def test_without_a_master_it_says_so() -> None:
    with pytest.raises(UnreachableError, match="no ROS master"):
        EmulatedSawyer(SawyerConfig(f"http://{HOST}:{free_port()}", HOST))


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(HelmsError, match="speed must be a positive number"):
        SawyerConfig(speed=0.0)
    with pytest.raises(HelmsError, match=r"unknown firmware '4.0'"):
        SawyerConfig(firmware="4.0")


def test_the_command_starts_a_master_and_leaves_nothing_behind(tmp_path: Path) -> None:
    uri = f"http://{HOST}:{free_port()}"
    words = [str(Path(sys.executable).with_name("helms")), "emulate", "sawyer", "--master", uri, "--json"]
    process = subprocess.Popen([*words, "--start-master"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(4)]
    port = Path(next(line.split()[1] for line in lines if line.startswith("gripper")))
    assert port.is_symlink()
    peer = Peer(uri)
    try:
        peer.hear("/robot/joint_states", "sensor_msgs/JointState")
        second = subprocess.run([*words, "--start-master"], capture_output=True, text=True)
        assert second.returncode != 0
        assert "something listens at" in second.stderr
    finally:
        peer.node.close()
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert json.loads(out.splitlines()[-1])["cycles"] > 10
    assert not port.is_symlink()
    with pytest.raises(UnreachableError):
        Node("/late", uri, HOST).parameters.names()
