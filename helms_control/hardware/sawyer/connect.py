"""A driver, put together from what an operator chooses."""

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
"""What `gripper` may be, other than a serial port."""


@dataclass(frozen=True)
class RobotSetup:
    """What is chosen about a robot; the node's parameters of these names say more about each."""

    robot: str = ""
    """URI of the ROS 1 master on the robot."""
    host: str = ""
    """Address of this machine as the robot reaches it."""
    kinematics: str = ROBOTS_OWN
    """Geometry of the arm: robot, published or reference."""
    pinch_height: float = SensesConfig().chain.tool.pinch
    """From the wrist to the point between the fingertips, m."""
    gripper: str = NO_GRIPPER
    """Serial port of the 2F-85, topics, or none."""
    gripper_open: int = Stroke().open
    """Counts of the gripper when fully open."""
    gripper_closed: int = Stroke().closed
    """Counts of the gripper when fully closed."""
    gripper_force: int = 50
    """Grip, 0 to 255."""
    ros1_poses: tuple[str, ...] = ()
    """ROS 1 topics with the poses of red, green and blue; empty where they come from elsewhere."""
    needs_objects: bool = True
    """The policy looks at objects."""
    tracker_frame: str = "basket"
    """Frame that poses may be given in, beside base."""
    basket_frame: str = "0 0 0 0 0 0"
    """Where that frame stands in base: x y z in m, roll pitch yaw in rad."""
    wrench_frame: str = "base"
    """Axes of the robot's wrench: base or tip."""
    wrench_by_world: bool = False
    """The robot's wrench is what the world exerts."""
    tare: bool = True
    """Take what the wrist feels at rest for the tool's weight."""
    wrist_force: float = SafetyLimits().wrist_force
    """Largest force at the wrist, N."""
    speed_scale: float = 0.25
    """Share of every wanted velocity that is carried out."""
    timeout_s: float = 0.1
    """After so long without a command the robot stops by itself, s."""
    disarm_after_episode: bool = True
    """Arming holds for one episode."""
    dry_run: bool = False
    """Work everything out and send nothing."""


class Connection:
    """A driver with its transport.

    Attributes:
        driver: runs.
        link: the robot's topics.
        gripper: None for none.
        activation: what became of the newest activation of the gripper; empty for nothing wrong.
    """

    def __init__(self, driver: SawyerDriver, link: SawyerLink, gripper: Gripper | None) -> None:
        """Hold them together."""
        self.driver, self.link, self.gripper, self.activation = driver, link, gripper, ""

    def activate_gripper(self, timeout_s: float = 10.0) -> None:
        """Begin to activate the gripper, whose fingers run over their whole stroke; see `activation`.

        Raises:
            HelmsError: there is none, nothing may be sent, or the arm is armed.
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
        """Brake, leave the velocity mode, and let go of robot and gripper."""
        self.driver.close()
        self.driver.end_emergency()
        if self.gripper is not None:
            self.gripper.close()
        self.link.close()


def connect(setup: RobotSetup) -> Connection:
    """Connect to a robot and run the driver; nothing moves before it is armed.

    Raises:
        HelmsError: a choice that cannot be, no answer from the master, or another robot.
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
    # To read it would be to write to it as well: it answers only what it is asked.
    if setup.gripper == NO_GRIPPER or setup.dry_run:
        return None
    stroke = Stroke(setup.gripper_open, setup.gripper_closed)
    if setup.gripper == TOPICS:
        from helms_control.hardware.gripper.topics import TopicsConfig, TopicsGripper

        return TopicsGripper(TopicsConfig(force=setup.gripper_force, calibration=stroke), node)
    from helms_control.hardware.gripper.modbus import ModbusConfig, ModbusGripper

    return ModbusGripper(ModbusConfig(setup.gripper, force=setup.gripper_force, calibration=stroke))
