"""Standard messages for other tools: joint states, poses, twist, wrench, image, transforms."""

from array import array
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from builtin_interfaces.msg import Time
from geometry_msgs.msg import (
    Point,
    Pose,
    PoseStamped,
    Quaternion,
    Transform,
    TransformStamped,
    Twist,
    TwistStamped,
    Vector3,
    Wrench,
    WrenchStamped,
)
from rclpy.lifecycle import LifecyclePublisher
from sensor_msgs.msg import Image, JointState
from std_msgs.msg import Header

from helms_control.nodes.convert import doubles
from helms_control.nodes.local import LocalPublisher
from helms_control.nodes.managed import ManagedNode
from helms_control.robot.sawyer import JOINT_NAMES
from helms_control.spec import COLOURS, OBJECTS, PROPRIOCEPTION

try:
    from tf2_msgs.msg import TFMessage
except ImportError:  # the ROS 2 wheels have no tf2; a distribution has
    TFMessage = None

Vector = npt.NDArray[np.floating[Any]]

BASE, TCP, WRIST = "base", "tcp", "wrist_sensor"


class StandardTopics:
    """Publishes one observation as standard messages; topics without subscribers are skipped."""

    def __init__(self, node: ManagedNode) -> None:
        """Advertise `joint_states`, `tcp_pose`, `tcp_twist`, `wrench`, `objects/<colour>/pose`, `camera/image`, /tf."""
        self._joints = node.speak(JointState, "joint_states")
        self._pose = node.speak(PoseStamped, "tcp_pose")
        self._twist = node.speak(TwistStamped, "tcp_twist")
        self._wrench = node.speak(WrenchStamped, "wrench")
        self._objects = [node.speak(PoseStamped, f"objects/{colour}/pose") for colour in COLOURS]
        self._image = node.speak(Image, "camera/image")
        self._tf = None if TFMessage is None else node.speak(TFMessage, "/tf")

    def publish(
        self,
        stamp: Time,
        proprioception: Vector,
        objects: Vector,
        image: Vector | None = None,
        links: Callable[[], Mapping[str, Vector]] = dict,
    ) -> None:
        """Publish one observation.

        Args:
            stamp: of the observation.
            proprioception: (43,) newest frame.
            objects: (42,) newest frame.
            image: (H, W, 3) uint8, where there is a camera.
            links: called while /tf has subscribers; poses (7,) of the arm's links, base frame, by name.
        """
        own, seen = PROPRIOCEPTION.unpack(proprioception), OBJECTS.unpack(objects)
        header = Header(stamp=stamp, frame_id=BASE)
        if _heard(self._joints):
            self._joints.publish(joint_state(header, own))
        if _heard(self._pose):
            self._pose.publish(PoseStamped(header=header, pose=pose(own["tcp_pose"])))
        if _heard(self._twist):
            self._twist.publish(TwistStamped(header=header, twist=twist(own["tcp_velocity"])))
        if _heard(self._wrench):
            at_wrist = Header(stamp=stamp, frame_id=WRIST)
            self._wrench.publish(WrenchStamped(header=at_wrist, wrench=wrench(own["wrist_force"], own["wrist_torque"])))
        for colour, publisher in zip(COLOURS, self._objects, strict=True):
            if _heard(publisher):
                publisher.publish(PoseStamped(header=header, pose=pose(seen[f"{colour}_pose"])))
        if image is not None and _heard(self._image):
            self._image.publish(picture(Header(stamp=stamp, frame_id="camera"), image))
        if self._tf is not None and _heard(self._tf):
            frames = {TCP: own["tcp_pose"]} | {colour: seen[f"{colour}_pose"] for colour in COLOURS} | dict(links())
            self._tf.publish(TFMessage(transforms=transforms(header, frames)))


def joint_state(header: Header, own: Mapping[str, Vector]) -> JointState:
    """Return angles (rad), velocities (rad/s) and torques (Nm) of the seven joints."""
    columns = (doubles(own[f"joint_{name}"]) for name in ("angle", "velocity", "torque"))
    position, velocity, effort = columns
    return JointState(header=header, name=JOINT_NAMES, position=position, velocity=velocity, effort=effort)


def pose(numbers: Vector) -> Pose:
    """Return a pose from (7,): position m, quaternion wxyz."""
    x, y, z, qw, qx, qy, qz = numbers.tolist()
    return Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(w=qw, x=qx, y=qy, z=qz))


def twist(numbers: Vector) -> Twist:
    """Return a twist from (6,): linear m/s, angular rad/s."""
    return Twist(linear=_vector(numbers[:3]), angular=_vector(numbers[3:]))


def wrench(force: Vector, torque: Vector) -> Wrench:
    """Return a wrench from force (3,) N and torque (3,) Nm."""
    return Wrench(force=_vector(force), torque=_vector(torque))


def picture(header: Header, image: Vector) -> Image:
    """Return an image (H, W, 3) uint8 as rgb8."""
    height, width, channels = image.shape
    data = array("B", image.tobytes())
    return Image(header=header, height=height, width=width, encoding="rgb8", step=width * channels, data=data)


def transforms(header: Header, frames: Mapping[str, Vector]) -> list[TransformStamped]:
    """Return one transform from the header's frame to each named frame, poses (7,)."""
    found = []
    for name, numbers in frames.items():
        at = pose(numbers)
        where = Transform(translation=_vector(numbers[:3]), rotation=at.orientation)
        found.append(TransformStamped(header=header, child_frame_id=name, transform=where))
    return found


def _vector(numbers: Vector) -> Vector3:
    x, y, z = numbers.tolist()
    return Vector3(x=x, y=y, z=z)


def _heard(publisher: LifecyclePublisher[Any] | LocalPublisher) -> bool:
    return publisher.get_subscription_count() > 0
