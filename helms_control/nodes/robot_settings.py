"""ROS parameters of the Sawyer driver."""

from dataclasses import dataclass, fields

from helms_control.hardware.sawyer.connect import RobotSetup
from helms_control.hardware.sawyer.link import KINEMATICS, ROBOTS_OWN
from helms_control.hardware.sawyer.wrist import FRAMES
from helms_control.nodes.parameters import setting

S = RobotSetup


@dataclass(frozen=True)
class SawyerDriverSettings:
    """Parameters of the driver."""

    robot: str = setting(S.robot, "URI of the ROS 1 master on the robot, http://host:11311.")
    host: str = setting(S.host, "Address of this machine for the robot; empty for that on the route to it.")
    kinematics: str = setting(S.kinematics, "Source of the kinematic model.", choices=(ROBOTS_OWN, *KINEMATICS))
    pinch_height: float = setting(S.pinch_height, "Distance from wrist to pinch point, m.", 0.05, 0.5)
    gripper: str = setting(S.gripper, "Serial port of the 2F-85, topics for Robotiq's ROS 1 node, or none.")
    gripper_open: int = setting(S.gripper_open, "Counts of the gripper (gPO) when fully open.", 0, 254)
    gripper_closed: int = setting(S.gripper_closed, "Counts of the gripper (gPO) when fully closed.", 1, 255)
    gripper_force: int = setting(S.gripper_force, "Grip (rFR): about 20 to 235 N.", 0, 255)
    tracker: str = setting("ros2", "Source of object poses: ROS 2 or ROS 1 topics.", choices=("ros2", "ros1"))
    red_pose: str = setting("tracker/red", "Topic of the red object's pose, geometry_msgs/PoseStamped.")
    green_pose: str = setting("tracker/green", "Topic of the green object's pose.")
    blue_pose: str = setting("tracker/blue", "Topic of the blue object's pose.")
    needs_objects: bool = setting(S.needs_objects, "Hold the arm while object poses are older than 0.5 s.")
    tracker_frame: str = setting(S.tracker_frame, "Frame of object poses, other than base.")
    basket_frame: str = setting(S.basket_frame, "Pose of that frame in base: x y z in m, roll pitch yaw in rad.")
    wrench_frame: str = setting(S.wrench_frame, "Axes of the robot's wrench.", choices=FRAMES)
    wrench_by_world: bool = setting(S.wrench_by_world, "Whether the robot reports the external wrench on the tool.")
    tare: bool = setting(S.tare, "On arming, use the wrench at rest as the tool's weight.")
    wrist_force: float = setting(S.wrist_force, "Force at the wrist that stops the arm, N.", 1.0, 100.0)
    speed_scale: float = setting(S.speed_scale, "Factor on requested joint velocities.", 0.01, 1.0)
    timeout_s: float = setting(S.timeout_s, "Command timeout after which the robot stops, s.", 0.03, 0.1)
    disarm_after_episode: bool = setting(S.disarm_after_episode, "Disarm after each episode.")
    ready_first: bool = setting(False, "On arming, move to the ready pose.")
    dry_run: bool = setting(S.dry_run, "Compute all commands, but send none.")
    task: str = setting("red_on_blue", "Task, for events and bag only.")
    object_set: str = setting("4", "Objects, whose shapes judge poses: 1 to 5 or three names; others: unknown.")
    needs: str = setting("", "Nodes whose heartbeat the arm requires, separated by commas.")
    lease_s: float = setting(0.08, "Seconds without a heartbeat after which a node counts as gone.", 0.02, 10.0)
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")

    def setup(self) -> RobotSetup:
        """Return the driver's own settings."""
        topics = (self.red_pose, self.green_pose, self.blue_pose) if self.tracker == "ros1" else ()
        same = {item.name: getattr(self, item.name) for item in fields(RobotSetup) if hasattr(self, item.name)}
        return RobotSetup(**same, ros1_poses=topics)
