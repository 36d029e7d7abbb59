"""The newest of everything that robot, gripper and tracker say, and what it amounts to."""

from dataclasses import dataclass, field

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
    """What the numbers mean and how old they may be.

    Raises:
        HelmsError: a limit that is not positive.
    """

    chain: Chain = SAWYER
    """The arm's geometry."""
    wrist: WristConfig = field(default_factory=WristConfig)
    """Meaning of the robot's wrench."""
    calibration: Calibration = field(default_factory=Calibration)
    """The frame that objects are tracked in."""
    needs_objects: bool = True
    """The policy looks at objects."""
    needs_gripper: bool = True
    """There is a gripper."""
    flags_age_s: float = 0.15
    """Oldest /robot/state, endpoint_state and gripper status that a command may rest on, s; the joints' limit is the
    safety layer's. With the cycles until it is noticed and the zero is sent, it must stay below 0.2 s."""
    tip_tolerance: float = 0.02
    """Largest distance between the robot's own endpoint and the tool axis computed from the joints, m."""

    def __post_init__(self) -> None:
        """Refuse what would not limit anything."""
        for name in ("flags_age_s", "tip_tolerance"):
            if not 0.0 < getattr(self, name) < float("inf"):
                raise HelmsError(f"{name} must be a positive number, got {getattr(self, name)!r}")


class Senses:
    """Takes what is heard; any thread may tell it something, since everything is replaced whole.

    Attributes:
        objects: where they are.
        wrist: what it feels.
        joints: newest reading.
        assembly: the robot's newest state.
        endpoint: the robot's newest endpoint.
        collision: whether its collision detection has fired; None before it ever spoke.
        gravity: (7,) torques that carry the arm's weight, Nm; None before the robot ever told.
        gripper: newest status.
    """

    def __init__(self, config: SensesConfig, state_age_s: float) -> None:
        """Begin with nothing heard.

        Args:
            config: what the numbers mean.
            state_age_s: oldest robot state that the safety layer accepts, s.
        """
        self.config, self._state_age = config, state_age_s
        self.objects, self.wrist = Objects(config.calibration), Wrist(config.wrist)
        self.joints: JointReading | None = None
        self.assembly: Assembly | None = None
        self.endpoint: EndpointReading | None = None
        self.collision: bool | None = None
        self.gravity: Array | None = None
        self.gripper: GripperStatus | None = None
        self._posed: tuple[JointReading, Pose] | None = None

    def hear_endpoint(self, reading: EndpointReading) -> None:
        """Take the robot's endpoint; before the joints are known it says nothing about the wrist."""
        self.endpoint = reading
        pose = self.pose
        if pose is not None:
            self.wrist.hear(reading, pose)

    @property
    def pose(self) -> Pose | None:
        """Where the newest joint angles put the tool; None while there are none, or they are no angles."""
        joints, posed = self.joints, self._posed
        if joints is None or not np.isfinite(joints.position).all():
            return None
        if posed is None or posed[0] is not joints:
            self._posed = posed = (joints, self.config.chain.pose(joints.position))
        return posed[1]

    def missing(self) -> str:
        """Name what has never been heard, and without which nothing can be done; empty when all is there."""
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

    def state(self, now: float) -> RobotState | None:
        """Return what the safety layer looks at; None before the robot has said everything once.

        Args:
            now: time, s. What came in since it was read, while this thread had to wait, counts as come in then.
        """
        joints, assembly, endpoint = self.joints, self.assembly, self.endpoint
        if joints is None or assembly is None or endpoint is None or self.collision is None:
            return None
        # What comes in on other topics may be a little older: its age is counted from where its own limit leaves off.
        slack = self.config.flags_age_s - self._state_age
        pose, seen = self.pose, self.objects.oldest
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
        """Return everything that goes into proprioception.

        Raises:
            HelmsError: something has never been heard, or the joint angles are no numbers.
        """
        joints, gravity, pose = self.joints, self.gravity, self.pose
        if joints is None or gravity is None or pose is None:
            raise HelmsError(f"there is nothing to observe yet: {self.missing() or 'the joint angles are not finite'}")
        force, torque = self.wrist.felt(pose)
        return Felt(joints, gravity, pose, force, torque, self.gripper)

    def apart(self) -> float:
        """Distance (m) between the robot's own endpoint and the tool axis that its joint angles give; 0 if unknown."""
        endpoint, pose = self.endpoint, self.pose
        if endpoint is None or pose is None or not endpoint.valid:
            return 0.0
        return float(np.linalg.norm(np.cross(endpoint.position - pose.wrist, pose.rotation[:, 2])))
