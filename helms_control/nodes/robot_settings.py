"""The driver's parameters, each declared once."""

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
    host: str = setting(S.host, "Address of this machine as the robot reaches it; empty for that on the way to it.")
    kinematics: str = setting(
        S.kinematics, "Whose word counts on the arm's geometry.", choices=(ROBOTS_OWN, *KINEMATICS)
    )
    pinch_height: float = setting(S.pinch_height, "From the wrist to the point between the fingertips, m.", 0.05, 0.5)
    gripper: str = setting(S.gripper, "Serial port of the 2F-85, topics for Robotiq's ROS 1 node, or none.")
    gripper_open: int = setting(S.gripper_open, "Counts of the gripper (gPO) when fully open.", 0, 254)
    gripper_closed: int = setting(S.gripper_closed, "Counts of the gripper (gPO) when fully closed.", 1, 255)
    gripper_force: int = setting(S.gripper_force, "Grip (rFR): about 20 to 235 N.", 0, 255)
    tracker: str = setting("ros2", "Where the poses of the objects come from.", choices=("ros2", "ros1"))
    red_pose: str = setting("tracker/red", "Topic of the red object's pose, geometry_msgs/PoseStamped.")
    green_pose: str = setting("tracker/green", "Topic of the green object's pose.")
    blue_pose: str = setting("tracker/blue", "Topic of the blue object's pose.")
    needs_objects: bool = setting(S.needs_objects, "The arm stands still while the objects' poses are not fresh.")
    tracker_frame: str = setting(S.tracker_frame, "Frame that poses may be given in, beside base.")
    basket_frame: str = setting(S.basket_frame, "That frame in base: x y z in m, roll pitch yaw in rad.")
    wrench_frame: str = setting(S.wrench_frame, "Axes of the robot's wrench.", choices=FRAMES)
    wrench_by_world: bool = setting(S.wrench_by_world, "The robot's wrench is what the world exerts on the tool.")
    tare: bool = setting(S.tare, "When armed, take what the wrist feels at rest for the tool's weight.")
    wrist_force: float = setting(S.wrist_force, "Force at the wrist that stops the arm, N.", 1.0, 100.0)
    speed_scale: float = setting(S.speed_scale, "Share of every wanted velocity that is carried out.", 0.01, 1.0)
    timeout_s: float = setting(S.timeout_s, "After so long without a command the robot stops by itself, s.", 0.03, 0.1)
    disarm_after_episode: bool = setting(S.disarm_after_episode, "Arming holds for one episode.")
    ready_first: bool = setting(False, "Once armed, go to where episodes begin.")
    dry_run: bool = setting(S.dry_run, "Work everything out and send nothing.")
    task: str = setting("red_on_blue", "Task, for the record.")
    object_set: str = setting("4", "Objects, for the record.")
    needs: str = setting("", "Nodes without whose heartbeat the arm stands still, separated by commas.")
    lease_s: float = setting(0.08, "Seconds without a heartbeat after which a node counts as gone.", 0.02, 10.0)
    autostart: bool = setting(False, "Configure and activate without waiting for a lifecycle manager.")

    def setup(self) -> RobotSetup:
        """Return what the driver itself has to know."""
        topics = (self.red_pose, self.green_pose, self.blue_pose) if self.tracker == "ros1" else ()
        same = {item.name: getattr(self, item.name) for item in fields(RobotSetup) if hasattr(self, item.name)}
        return RobotSetup(**same, ros1_poses=topics)
