"""Newest readings of robot, gripper and tracker, and the states derived from them."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from helms_control.control.kinematics import SAWYER, Chain, Pose
from helms_control.errors import HelmsError
from helms_control.hardware.gripper.base import GripperStatus
from helms_control.hardware.sawyer.arm import JointReading
from helms_control.hardware.sawyer.objects import Calibration, Objects
from helms_control.hardware.sawyer.observation import Felt
from helms_control.hardware.sawyer.robot_state import Assembly
from helms_control.hardware.sawyer.wrist import EndpointReading, Wrist, WristConfig
from helms_control.safety.inputs import RobotState

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SensesConfig:
    """Frames, needs and age limits of readings.

    Raises:
        HelmsError: a limit that is not positive.
    """

    chain: Chain = SAWYER
    """The arm's geometry."""
    wrist: WristConfig = field(default_factory=WristConfig)
    """Frame and sign of the robot's wrench."""
    calibration: Calibration = field(default_factory=Calibration)
    """Frame in which objects are tracked."""
    object_set: str = ""
    """Objects by whose shapes poses are judged, as for `hulls_of`."""
    needs_objects: bool = True
    """Whether object poses are required."""
    needs_gripper: bool = True
    """Whether a gripper is required."""
    flags_age_s: float = 0.15
    """Maximum age of /robot/state and endpoint_state, s; that of the joints is the safety layer's. With the cycles
    until detection and the zero command, it must stay below 0.2 s."""
    gripper_age_s: float = 0.1
    """Maximum age of the gripper's status, s; less, because the arm brakes then, where a stale robot state cuts."""
    tip_tolerance: float = 0.02
    """Largest distance between the robot's own endpoint and the tool axis computed from the joints, m."""

    def __post_init__(self) -> None:
        """Check the limits."""
        for name in ("flags_age_s", "gripper_age_s", "tip_tolerance"):
            if not 0.0 < getattr(self, name) < float("inf"):
                raise HelmsError(f"{name} must be a positive number, got {getattr(self, name)!r}")


class Arm(NamedTuple):
    """One joint-state message.

    Attributes:
        joints: the reading.
        pose: forward kinematics of its angles; None where they are not finite.
    """

    joints: JointReading
    pose: Pose | None


class Senses:
    """Holds the newest readings; any thread may set one, since each is replaced atomically.

    Attributes:
        objects: object poses.
        wrist: force and torque at the wrist.
        joints: newest reading.
        assembly: the robot's newest state.
        endpoint: the robot's newest endpoint.
        collision: whether its collision detection has fired; None before the first message.
        gravity: (7,) gravity compensation torques, Nm; None before the first message.
        gripper: newest status.
    """

    def __init__(self, config: SensesConfig, state_age_s: float) -> None:
        """Begin without readings.

        Args:
            config: frames, needs and age limits.
            state_age_s: maximum age of the robot state in the safety layer, s.
        """
        self.config, self._state_age = config, state_age_s
        self.objects, self.wrist = Objects(config.calibration, config.object_set), Wrist(config.wrist)
        self.joints: JointReading | None = None
        self.assembly: Assembly | None = None
        self.endpoint: EndpointReading | None = None
        self.collision: bool | None = None
        self.gravity: Array | None = None
        self.gripper: GripperStatus | None = None
        self._posed: Arm | None = None

    def hear_endpoint(self, reading: EndpointReading) -> None:
        """Store the robot's endpoint; without joint angles it is not used for the wrist."""
        self.endpoint = reading
        arm = self.arm()
        if arm is not None and arm.pose is not None:
            self.wrist.hear(reading, arm.pose)

    def arm(self) -> Arm | None:
        """Return the newest joint state with its pose; None before the first.

        Another thread replaces `joints` at any time: angles and pose must come from one call.
        """
        joints, posed = self.joints, self._posed
        if joints is None:
            return None
        if posed is None or posed.joints is not joints:
            finite = np.isfinite(joints.position).all()
            self._posed = posed = Arm(joints, self.config.chain.pose(joints.position) if finite else None)
        return posed

    def missing(self) -> str:
        """Return the names of the missing required readings; empty when complete."""
        wanted: dict[str, object] = {
            "joint_states": self.joints,
            "/robot/state": self.assembly,
            "endpoint_state": self.endpoint,
            "collision_detection_state": self.collision,
            "gravity_compensation_torques": self.gravity,
        }
        if self.config.needs_gripper:
            wanted["the gripper"] = self.gripper
        names = [name for name, value in wanted.items() if value is None]
        if self.config.needs_objects and (unseen := self.objects.unseen()):
            names.append(f"poses of {unseen}")
        return ", ".join(names)

    def state(self, now: float, arm: Arm | None) -> RobotState | None:
        """Return the input of the safety layer; None before the first message on each topic.

        Args:
            now: time, s; later stamps, of readings that arrived since it was read, are set to it.
            arm: joint state.
        """
        assembly, endpoint = self.assembly, self.endpoint
        if arm is None or assembly is None or endpoint is None or self.collision is None:
            return None
        joints, pose = arm
        # Other topics have a longer limit: their stamps are shifted by the difference.
        slack = self.config.flags_age_s - self._state_age
        seen = self.objects.oldest
        return RobotState(
            stamp=min(now, joints.stamp, assembly.stamp + slack, endpoint.stamp + slack),
            joints=joints.position,
            tcp=np.full(3, np.nan) if pose is None else pose.pinch,
            jacobian=np.full((6, 7), np.nan) if pose is None else pose.pinch_jacobian,
            wrist_force=np.full(3, np.nan) if pose is None else self.wrist.felt(pose)[0],
            enabled=assembly.enabled,
            error=assembly.faulty,
            estop=assembly.estop,
            collision=self.collision,
            objects_stamp=None if seen is None else min(now, seen),
        )

    def felt(self) -> Felt:
        """Return the inputs of proprioception.

        Raises:
            HelmsError: a reading is missing, or the joint angles are not finite.
        """
        arm, gravity = self.arm(), self.gravity
        if arm is None or gravity is None or arm.pose is None:
            raise HelmsError(f"there is nothing to observe yet: {self.missing() or 'the joint angles are not finite'}")
        force, torque = self.wrist.felt(arm.pose)
        return Felt(arm.joints, gravity, arm.pose, force, torque, self.gripper)

    def doubt(self) -> str:
        """Return why newest object poses were refused; empty when all are sound, or not required."""
        return self.objects.doubt if self.config.needs_objects else ""

    def height_warning(self) -> str:
        """See `Objects.height_warning`; objects near the fingers are left out."""
        arm = self.arm()
        pinch = None if arm is None or arm.pose is None else arm.pose.pinch
        return self.objects.height_warning(pinch) if self.config.needs_objects else ""

    def apart(self) -> float:
        """Distance (m) between the robot's own endpoint and the tool axis that its joint angles give; 0 if unknown."""
        endpoint, arm = self.endpoint, self.arm()
        if endpoint is None or arm is None or arm.pose is None or not endpoint.valid:
            return 0.0
        pose = arm.pose
        return float(np.linalg.norm(np.cross(endpoint.position - pose.wrist, pose.rotation[:, 2])))
