"""Construction of a driver from an operator's settings."""

import threading
from dataclasses import dataclass, replace

from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import Gripper
from helms_control.hardware.gripper.target import Calibration as Stroke
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.sawyer.driver import SawyerDriver
from helms_control.hardware.sawyer.link import ROBOTS_OWN, LinkConfig, SawyerLink
from helms_control.hardware.sawyer.loop import ControlLoop, LoopConfig
from helms_control.hardware.sawyer.objects import Calibration
from helms_control.hardware.sawyer.senses import SensesConfig
from helms_control.hardware.sawyer.wrist import WristConfig
from helms_control.safety.limits import SafetyLimits

NO_GRIPPER, TOPICS = "none", "topics"
"""Values of `gripper` other than a serial port."""


@dataclass(frozen=True)
class RobotSetup:
    """Settings of a robot; see also the descriptions of the node's parameters of the same names."""

    robot: str = ""
    """URI of the ROS 1 master on the robot."""
    host: str = ""
    """Address of this machine for the robot."""
    kinematics: str = ROBOTS_OWN
    """Geometry of the arm: robot, published or reference."""
    pinch_height: float = SensesConfig().chain.tool.pinch
    """Distance from the wrist to the pinch point, m."""
    gripper: str = NO_GRIPPER
    """Serial port of the 2F-85, topics, or none."""
    gripper_open: int = Stroke().open
    """Counts of the gripper when fully open."""
    gripper_closed: int = Stroke().closed
    """Counts of the gripper when fully closed."""
    gripper_force: int = 50
    """Grip, 0 to 255."""
    ros1_poses: tuple[str, ...] = ()
    """ROS 1 topics of the poses of red, green and blue; empty for another source."""
    needs_objects: bool = True
    """Whether the policy requires object poses."""
    tracker_frame: str = "basket"
    """Frame of object poses, other than base."""
    basket_frame: str = "0 0 0 0 0 0"
    """Pose of that frame in base: x y z in m, roll pitch yaw in rad."""
    object_set: str = ""
    """Objects by whose shapes poses are judged: 1 to 5 or three names; others: unknown shapes."""
    wrench_frame: str = "base"
    """Axes of the robot's wrench: base or tip."""
    wrench_by_world: bool = False
    """Whether the robot reports the external wrench on the tool."""
    tare: bool = True
    """Whether arming uses the wrench at rest as the tool's weight."""
    wrist_force: float = SafetyLimits().wrist_force
    """Largest force at the wrist, N."""
    speed_scale: float = 0.25
    """Factor on requested joint velocities."""
    timeout_s: float = 0.1
    """Command timeout after which the robot stops, s."""
    disarm_after_episode: bool = True
    """Whether to disarm after each episode."""
    dry_run: bool = False
    """Whether to compute all commands but send none."""


class Connection:
    """A driver with its connections.

    Attributes:
        driver: running.
        link: the robot's topics.
        gripper: None for none.
        activation: state of the gripper's newest activation; empty where it succeeded.
    """

    def __init__(self, driver: SawyerDriver, link: SawyerLink, gripper: Gripper | None) -> None:
        """Store them."""
        self.driver, self.link, self.gripper, self.activation = driver, link, gripper, ""

    def activate_gripper(self, timeout_s: float = 10.0) -> None:
        """Start activating the gripper, whose fingers move over their whole stroke; see `activation`.

        Raises:
            HelmsError: there is none, it is a dry run, or the arm is armed.
        """
        gripper = self.gripper
        if gripper is None or self.driver.dry_run:
            raise HelmsError("there is no gripper to activate: the driver has none, or makes a dry run")
        if self.driver.armed:
            raise HelmsError("the gripper is not activated while the arm is armed; disarm first")
        self.activation = "the gripper is being activated"

        def activate() -> None:
            try:
                gripper.activate(timeout_s)
                self.activation = ""
            except HelmsError as error:
                self.activation = str(error)

        threading.Thread(target=activate, name="gripper activation", daemon=True).start()

    def close(self) -> None:
        """Brake, leave the velocity mode, and disconnect from robot and gripper."""
        self.driver.close()
        self.driver.end_emergency()
        if self.gripper is not None:
            self.gripper.close()
        self.link.close()


def connect(setup: RobotSetup) -> Connection:
    """Connect to a robot and start the driver; nothing moves before it is armed.

    Raises:
        HelmsError: an invalid setting, no answer from the master, or another robot.
    """
    config = _loop_config(setup)
    link = SawyerLink(LinkConfig(setup.robot, setup.host, timeout_s=setup.timeout_s, objects=setup.ros1_poses))
    try:
        link.check_joints()
        chain = link.chain(setup.kinematics)
        chain = replace(chain, tool=replace(chain.tool, pinch=setup.pinch_height))
        loop = ControlLoop(replace(config, senses=replace(config.senses, chain=chain)))
        if not setup.dry_run:
            link.advertise()
        gripper = _gripper(setup, link.node)
        driver = SawyerDriver(loop, None if setup.dry_run else link, link.stop, gripper, setup.timeout_s)
        link.listen(loop.senses, driver.use_limits)
        if gripper is not None:
            gripper.start()
    except HelmsError:
        link.close()
        raise
    driver.start()
    return Connection(driver, link, gripper)


def _loop_config(setup: RobotSetup) -> LoopConfig:
    senses = SensesConfig(
        wrist=WristConfig(setup.wrench_frame, setup.wrench_by_world),
        calibration=Calibration.of(setup.tracker_frame, setup.basket_frame),
        object_set=setup.object_set,
        needs_objects=setup.needs_objects,
        needs_gripper=setup.gripper != NO_GRIPPER and not setup.dry_run,
    )
    safety = SafetyLimits(wrist_force=setup.wrist_force)
    if not setup.needs_objects:
        safety = replace(safety, object_age_s=None)
    return LoopConfig(
        senses,
        safety,
        speed_scale=setup.speed_scale,
        tare=setup.tare,
        disarm_after_episode=setup.disarm_after_episode,
    )


def _gripper(setup: RobotSetup, node: Node) -> Gripper | None:
    # Not in a dry run: reading the gripper requires writing requests to it.
    if setup.gripper == NO_GRIPPER or setup.dry_run:
        return None
    stroke = Stroke(setup.gripper_open, setup.gripper_closed)
    if setup.gripper == TOPICS:
        from helms_control.hardware.gripper.topics import TopicsConfig, TopicsGripper

        return TopicsGripper(TopicsConfig(force=setup.gripper_force, calibration=stroke), node)
    from helms_control.hardware.gripper.modbus import ModbusConfig, ModbusGripper

    return ModbusGripper(ModbusConfig(setup.gripper, force=setup.gripper_force, calibration=stroke))
