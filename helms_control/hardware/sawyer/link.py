"""The robot's topics: conversion of messages to readings, and of outputs to messages."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from helms_control.control.kinematics import REFERENCE, SAWYER, Chain
from helms_control.errors import HelmsError, unknown
from helms_control.hardware.ros1.errors import RefusedError
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.publisher import Publisher
from helms_control.hardware.ros1.typestore import message_type, stamp
from helms_control.hardware.sawyer.arm import joint_reading, live_limits, places
from helms_control.hardware.sawyer.enabling import Request
from helms_control.hardware.sawyer.robot_state import Assembly
from helms_control.hardware.sawyer.senses import Senses
from helms_control.hardware.sawyer.urdf import chain_of
from helms_control.hardware.sawyer.wrist import EndpointReading
from helms_control.robot.sawyer import JOINT_NAMES
from helms_control.safety.joints import JointLimits

Array = npt.NDArray[np.float64]

ROBOT, LIMB = "/robot", "/robot/limb/right"
POSITION_MODE, VELOCITY_MODE = 1, 2
IDLE_TIMEOUT_S = 0.2
"""The robot's default command timeout, restored on leaving the velocity mode, s."""
LONGEST_TIMEOUT_S = 0.1
"""Longest command timeout for velocities, s: the safety layer's reaction time assumes it."""
STATES = ("intera_core_msgs/RobotAssemblyState", "intera_core_msgs/AssemblyState")
"""Types of /robot/state: from firmware 5.3, and before. The robot's md5 sum selects one."""
TORQUES = ("intera_core_msgs/SEAJointState", "intera_core_msgs/SEAJointState_5_5")
"""Types of gravity_compensation_torques, likewise."""
KINEMATICS = {"published": SAWYER, "reference": REFERENCE}
"""Kinematic models that do not need the robot."""
ROBOTS_OWN = "robot"
"""Kinematic model from /robot_description; without one, the published model."""


@dataclass(frozen=True)
class LinkConfig:
    """Address of the robot and settings of the connection.

    Raises:
        HelmsError: a timeout that is not in (0, 0.1] s.
    """

    master_uri: str
    """http://host:port of the ROS 1 master, on the robot."""
    host: str = ""
    """Address of this machine for the robot (ROS_IP); empty for that on the route to the master."""
    name: str = "/helms_driver"
    """Name of the ROS 1 node."""
    timeout_s: float = 0.1
    """Command timeout after which the robot leaves the velocity mode, s."""
    objects: tuple[str, ...] = ()
    """ROS 1 topics of the poses of red, green and blue; empty for another source."""

    def __post_init__(self) -> None:
        """Refuse a timeout that keeps a dead driver's last command active for too long."""
        if not 0.0 < self.timeout_s <= LONGEST_TIMEOUT_S:
            raise HelmsError(f"the command timeout must be in (0, {LONGEST_TIMEOUT_S:g}] s, got {self.timeout_s!r}")


class SawyerLink:
    """Subscribes to the robot and sends commands; only `chain` and `check_joints` wait for the network.

    Attributes:
        node: the ROS 1 node.
        strange: number of messages that could not be interpreted.
        problem: what was wrong with the newest of them.
    """

    def __init__(self, config: LinkConfig, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the node; nothing is subscribed to yet, and nothing advertised but the emergency stop.

        Args:
            config: address and settings.
            clock: returns the reception time, s.

        Raises:
            HelmsError: an invalid address.
        """
        self.config, self._clock = config, clock
        self.strange, self.problem = 0, ""
        self.node = Node(config.name, config.master_uri, config.host or None)
        self._stop = self.node.publish(f"{ROBOT}/set_super_stop", "std_msgs/Empty")

    def chain(self, kinematics: str) -> Chain:
        """Return the arm's kinematic model; may block on the master.

        Args:
            kinematics: robot, published or reference.

        Raises:
            HelmsError: another name, no answer, or a description that cannot be read.
        """
        if kinematics in KINEMATICS:
            return KINEMATICS[kinematics]
        if kinematics != ROBOTS_OWN:
            raise unknown("kinematics", kinematics, (ROBOTS_OWN, *KINEMATICS))
        try:
            return chain_of(str(self.node.parameters.get("/robot_description")))
        except RefusedError:
            return SAWYER

    def check_joints(self) -> None:
        """Refuse a robot with other joint names than a Sawyer's; without names it passes.

        Raises:
            HelmsError: other joints, or no answer.
        """
        try:
            names = list(self.node.parameters.get("/robot_config/right_config/joint_names"))
        except RefusedError:
            return
        if names != list(JOINT_NAMES):
            raise HelmsError(f"the robot's right arm has joints {names}; this driver is for {list(JOINT_NAMES)}")

    def listen(self, senses: Senses, on_limits: Callable[[JointLimits], None]) -> None:
        """Subscribe to all topics; readings are stored in `senses` by threads of the node."""
        core = "intera_core_msgs"
        self._subscribe(f"{ROBOT}/joint_states", "sensor_msgs/JointState", lambda m: self._hear_joints(senses, m))
        self._subscribe(f"{ROBOT}/joint_limits", f"{core}/JointLimits", lambda m: on_limits(live_limits(m)))

        def state(message: Any) -> None:  # noqa: ANN401 - either message
            senses.assembly = Assembly.of(message, self._clock())

        def torques(message: Any) -> None:  # noqa: ANN401 - either message
            senses.gravity = _gravity(message)

        def collision(message: Any) -> None:  # noqa: ANN401 - a CollisionDetectionState message
            senses.collision = bool(message.collision_state)

        self._subscribe(f"{ROBOT}/state", STATES, state)
        self._subscribe(f"{LIMB}/gravity_compensation_torques", TORQUES, torques)
        self._subscribe(f"{LIMB}/collision_detection_state", f"{core}/CollisionDetectionState", collision)
        self._subscribe(
            f"{LIMB}/endpoint_state",
            f"{core}/EndpointState",
            lambda m: senses.hear_endpoint(endpoint_reading(m, self._clock())),
        )
        for index, topic in enumerate(self.config.objects):

            def see(message: Any, index: int = index) -> None:  # noqa: ANN401 - a PoseStamped message
                senses.objects.see(index, pose_numbers(message.pose), message.header.frame_id, self._clock())

            self._subscribe(topic, "geometry_msgs/PoseStamped", see)

    def advertise(self) -> None:
        """Advertise the command topics; without this, only an emergency stop can be sent."""
        node = self.node
        self._command = node.publish(f"{LIMB}/joint_command", "intera_core_msgs/JointCommand")
        # Not latched, unlike in the SDK: a later subscriber must not receive our timeout.
        self._timeout = node.publish(f"{LIMB}/joint_command_timeout", "std_msgs/Float64")
        self._power: dict[Request, tuple[Publisher, dict[str, object]]] = {}
        enable = node.publish(f"{ROBOT}/set_super_enable", "std_msgs/Bool")
        self._power[Request.ENABLE], self._power[Request.DISABLE] = (enable, {"data": True}), (enable, {"data": False})
        self._power[Request.RESET] = node.publish(f"{ROBOT}/set_super_reset", "std_msgs/Empty"), {}

    def deaf(self) -> str:
        """Return the command topics without a subscriber; empty when all are connected."""
        topics = (self._command, self._timeout)
        return ", ".join(publisher.topic for publisher in topics if not publisher.connections)

    def set_timeout(self, seconds: float) -> None:
        """Send the robot's command timeout, s."""
        self._timeout.send(self._timeout.type.new(data=float(seconds)))

    def move(self, velocity: Array) -> None:
        """Command joint velocities (7,), rad/s."""
        self._command.send(self._joint_command(VELOCITY_MODE, velocity=velocity))

    def leave(self, angles: Array) -> None:
        """Leave the velocity mode: restore the timeout and hold angles (7,), rad, in position mode."""
        self.set_timeout(IDLE_TIMEOUT_S)
        self._command.send(self._joint_command(POSITION_MODE, position=angles))

    def ask(self, request: Request) -> None:
        """Send a request to switch the motors or to reset faults."""
        publisher, fields = self._power[request]
        publisher.send(publisher.type.new(**fields))

    def stop(self) -> int:
        """Send an emergency stop, as by the robot's button; return the number of receivers."""
        self._stop.send(self._stop.type.new())
        return self.stop_receivers

    @property
    def stop_receivers(self) -> int:
        """How many listen to an emergency stop."""
        return self._stop.connections

    def close(self) -> None:
        """Close the node; the last messages may be lost."""
        self.node.close()

    def _subscribe(self, topic: str, kinds: str | tuple[str, ...], take: Callable[[Any], object]) -> None:
        def hear(message: Any) -> None:  # noqa: ANN401 - any message
            try:
                take(message)
            except HelmsError as error:
                self.strange += 1
                self.problem = f"{topic}: {error}"

        self.node.subscribe(topic, kinds, hear)

    def _hear_joints(self, senses: Senses, message: Any) -> None:  # noqa: ANN401 - a JointState message
        reading = joint_reading(message, self._clock())
        if reading is not None:
            senses.joints = reading

    def _joint_command(self, mode: int, **numbers: Array) -> object:
        header = message_type("std_msgs/Header").new(stamp=stamp(time.time_ns()))
        return self._command.type.new(header=header, mode=mode, names=list(JOINT_NAMES), **numbers)


def pose_numbers(pose: Any) -> Array:  # noqa: ANN401 - a Pose message of either ROS
    """Return a pose message as (7,): position m, quaternion wxyz."""
    at, turn = pose.position, pose.orientation
    return np.array([at.x, at.y, at.z, turn.w, turn.x, turn.y, turn.z], np.float64)


def endpoint_reading(message: Any, received: float) -> EndpointReading:  # noqa: ANN401 - an EndpointState message
    """Convert an EndpointState message, received at `received`, s.

    An invalid quaternion, which a robot without endpoint data sends, marks it as invalid.
    """
    numbers, force, torque = pose_numbers(message.pose), message.wrench.force, message.wrench.torque
    turned = math.isclose(float(numbers[3:] @ numbers[3:]), 1.0, abs_tol=0.02)
    return EndpointReading(
        received,
        numbers[:3],
        numbers[3:],
        np.array([force.x, force.y, force.z], np.float64),
        np.array([torque.x, torque.y, torque.z], np.float64),
        bool(message.valid) and turned,
    )


def _gravity(message: Any) -> Array:  # noqa: ANN401 - either message
    where = places(message.name)
    if where is None or len(message.gravity_model_effort) <= max(where):
        raise HelmsError(
            f"no torques for {', '.join(JOINT_NAMES)} in it, but for {', '.join(message.name) or 'nothing'}"
        )
    result: Array = np.asarray(message.gravity_model_effort, np.float64)[where]
    return result
