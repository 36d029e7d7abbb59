"""The emulated Sawyer's topics and parameters, under the names and types of Intera.

Names, types and parameters: RethinkRobotics/intera_sdk, intera_common and sawyer_simulator.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from helms_control.control.kinematics import REFERENCE
from helms_control.hardware.ros1.master import Parameters
from helms_control.hardware.ros1.node import Node
from helms_control.hardware.ros1.publisher import Publisher
from helms_control.hardware.ros1.typestore import MessageType, message_type, stamp
from helms_control.hardware.sawyer.urdf import urdf_of
from helms_control.robot.sawyer import JOINT_NAMES, JOINT_TORQUE
from helms_control.safety.joints import JointLimits
from helms_control.spec import COLOURS
from helms_sim.emulation.assembly import Assembly
from helms_sim.emulation.firmware import Firmware
from helms_sim.emulation.readings import Reading, Tip

Array = npt.NDArray[np.float64]

ROBOT = "/robot"
LIMB = f"{ROBOT}/limb/right"
STATE_HZ = 100.0
"""Rate of all but joint states and objects (Rethink's simulator; that of the real robot is not published)."""
JOINT_STATES_HZ = 100.0
"""Default rate of joint states."""
OBJECTS_HZ = 30.0
"""Rate of object poses, as of a camera."""
HEAD = "head_pan"
HEAD_LIMITS = (-5.0952, 0.9064, 1.8, 10.0, 8.0)
"""Lower and upper angle (rad), speed (rad/s), acceleration (rad/s^2), torque (Nm) of the head."""


@dataclass(frozen=True, slots=True, eq=False)
class Instant:
    """Published state.

    Attributes:
        reading: of the arm.
        objects: (3, 7) poses of red, green and blue: position m, quaternion wxyz, base frame.
        collision: whether a collision is reported.
        power: fields of /robot/state.
    """

    reading: Reading
    objects: Array
    collision: bool
    power: dict[str, object]


def power_of(assembly: Assembly) -> dict[str, object]:
    """Return the fields of /robot/state."""
    return {
        "homed": assembly.homed,
        "ready": assembly.ready,
        "enabled": assembly.enabled,
        "stopped": assembly.stopped,
        "error": assembly.error,
        "lowVoltage": False,
        "estop_button": int(assembly.button),
        "estop_source": int(assembly.source),
    }


def describe(parameters: Parameters, firmware: Firmware, limits: JointLimits) -> None:
    """Set the parameters that describe the robot.

    Raises:
        UnreachableError: there is no master.
    """
    accelerations = dict(zip(JOINT_NAMES, limits.acceleration.tolist(), strict=True)) | {HEAD: HEAD_LIMITS[3]}
    robot = {
        "assembly_names": ["head", "right", "torso"],
        "head_config": {"joint_names": [HEAD], "type": "head"},
        "right_config": {
            "joint_names": list(JOINT_NAMES),
            "end_effector_names": ["right_gripper"],
            "type": "limb",
        },
        "torso_config": {"joint_names": ["torso_t0"], "type": "torso"},
        "joint_config": {"joint_acceleration_limit": accelerations},
    }
    manifest = {"robot_class": "sawyer", "robot_software": {"version": {"HLR_VERSION_STRING": firmware.version}}}
    for name, value in (("/robot_config", robot), ("/manifest", manifest)):
        parameters.set(name, value)
    parameters.set("/robot_description", urdf_of(REFERENCE))
    for name, frame in (("root_name", "base"), ("tip_name", "right_hand")):
        parameters.set(f"{LIMB}/{name}", frame)


class Voice:
    """Publisher of the robot's topics.

    Attributes:
        offset_s: error of its clock, s.
    """

    def __init__(self, node: Node, firmware: Firmware, limits: JointLimits) -> None:
        """Advertise all topics; the joint limits are published at once."""
        self.offset_s = 0.0
        self._seq = 0
        core = "intera_core_msgs"
        self._joints = node.publish(f"{ROBOT}/joint_states", "sensor_msgs/JointState")
        self._state = node.publish(f"{ROBOT}/state", firmware.state)
        self._endpoint = node.publish(f"{LIMB}/endpoint_state", f"{core}/EndpointState")
        self._tips = node.publish(f"{LIMB}/tip_states", f"{core}/EndpointStates")
        self._torques = node.publish(f"{LIMB}/gravity_compensation_torques", firmware.torques)
        self._collision = node.publish(f"{LIMB}/collision_detection_state", f"{core}/CollisionDetectionState")
        self._objects = [node.publish(f"/objects/{colour}", "geometry_msgs/PoseStamped") for colour in COLOURS]
        self._limits = node.publish(f"{ROBOT}/joint_limits", f"{core}/JointLimits", latch=True)
        self._limits.send(_limits(self._limits, limits))

    def say(self, job: str, instant: Instant) -> None:
        """Publish the "joints", the "objects", or the "state", which is all else."""
        {"joints": self._say_joints, "state": self._say_state, "objects": self._say_objects}[job](instant)

    def _say_joints(self, instant: Instant) -> None:
        # Other joints precede the arm's, so that a driver that relies on the order fails.
        reading = instant.reading
        self._send(
            self._joints,
            lambda kind: kind.new(
                header=self._header(""),
                name=[HEAD, *JOINT_NAMES, "torso_t0"],
                position=[0.0, *reading.joints, 0.0],
                velocity=[0.0, *reading.velocity, 0.0],
                effort=[0.0, *reading.effort, 0.0],
            ),
        )

    def _say_state(self, instant: Instant) -> None:
        reading = instant.reading
        self._send(self._state, lambda kind: kind.new(**_common(kind, instant.power)))
        self._send(self._endpoint, lambda _: self._end(reading.hand, reading.wrench))
        self._send(self._tips, lambda kind: kind.new(header=self._header("base"), **self._both(reading)))
        self._send(self._torques, lambda kind: kind.new(header=self._header("base"), **_sea(reading)))
        self._send(self._collision, lambda kind: kind.new(header=self._header(""), collision_state=instant.collision))

    def _say_objects(self, instant: Instant) -> None:
        for publisher, pose in zip(self._objects, instant.objects, strict=True):
            self._send(publisher, partial(self._object, pose))

    def _send(self, publisher: Publisher, make: Callable[[MessageType], object]) -> None:
        # Topics without subscribers are not encoded: that would cost more than the physics.
        if publisher.connections:
            publisher.send(make(publisher.type))

    def _header(self, frame: str) -> object:
        self._seq += 1
        now = stamp(time.time_ns() + round(1e9 * self.offset_s))
        return message_type("std_msgs/Header").new(seq=self._seq, stamp=now, frame_id=frame)

    def _end(self, tip: Tip, wrench: Array) -> object:
        return message_type("intera_core_msgs/EndpointState").new(
            header=self._header("base"),
            pose=_pose(tip.position, tip.quaternion),
            twist=_pair("geometry_msgs/Twist", ("linear", "angular"), tip.velocity),
            wrench=_pair("geometry_msgs/Wrench", ("force", "torque"), wrench),
            valid=True,
        )

    def _object(self, pose: Array, kind: MessageType) -> object:
        return kind.new(header=self._header("base"), pose=_pose(pose[:3], pose[3:]))

    def _both(self, reading: Reading) -> dict[str, object]:
        states = [self._end(tip, reading.wrench) for tip in (reading.hand, reading.pinch)]
        return {"names": ["right_hand", "right_gripper_tip"], "states": states}


def _common(kind: MessageType, fields: dict[str, object]) -> dict[str, object]:
    """Return those fields that the type has."""
    message = kind.new()
    return {name: value for name, value in fields.items() if hasattr(message, name)}


def _limits(publisher: Publisher, limits: JointLimits) -> object:
    lower, upper, speed, acceleration, torque = HEAD_LIMITS
    return publisher.type.new(
        joint_names=[HEAD, *JOINT_NAMES],
        position_lower=[lower, *limits.lower],
        position_upper=[upper, *limits.upper],
        velocity=[speed, *limits.velocity],
        accel=[acceleration, *limits.acceleration],
        effort=[torque, *JOINT_TORQUE],
    )


def _sea(reading: Reading) -> dict[str, object]:
    return {
        "name": list(JOINT_NAMES),
        "actual_position": reading.joints,
        "actual_velocity": reading.velocity,
        "actual_effort": reading.effort,
        "gravity_model_effort": reading.gravity,
        "gravity_only": reading.gravity,
    }


def _pose(position: Array, quaternion: Array) -> object:
    x, y, z = position.tolist()
    w, *vector = quaternion.tolist()
    turn = message_type("geometry_msgs/Quaternion").new(x=vector[0], y=vector[1], z=vector[2], w=w)
    place = message_type("geometry_msgs/Point").new(x=x, y=y, z=z)
    return message_type("geometry_msgs/Pose").new(position=place, orientation=turn)


def _pair(kind: str, names: tuple[str, str], values: Array) -> object:
    vector = message_type("geometry_msgs/Vector3")
    halves = [dict(zip("xyz", half.tolist(), strict=True)) for half in (values[:3], values[3:])]
    return message_type(kind).new(**{name: vector.new(**half) for name, half in zip(names, halves, strict=True)})
