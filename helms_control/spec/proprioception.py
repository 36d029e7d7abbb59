"""Proprioception: the 43 numbers of HeLMS, table 3."""

from helms_control.robot.sawyer import JOINT_LOWER, JOINT_TORQUE, JOINT_UPPER, JOINT_VELOCITY
from helms_control.spec.field import Field
from helms_control.spec.layout import Layout

REACH = 1.5  # metres: the arm's 1.26 and the tool, rounded up
POSE_LOW = (-REACH,) * 3 + (0.0,) + (-1.0,) * 3
POSE_HIGH = (REACH,) * 3 + (1.0,) * 4

GRIPPER_CLOSED = 255.0  # tics
GRIPPER_SPEED = 255.0  # tics/s

# Ten times the limits of an action: contacts and wrist motion briefly exceed the command.
TCP_VELOCITY_LIMIT = (0.7,) * 3 + (10.0,) * 3


def _negative(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return the lower end of a symmetric range."""
    return tuple(-value for value in values)


JOINTS = (
    Field("joint_angle", 7, "rad", "joint", "Angles of right_j0 to right_j6.", JOINT_LOWER, JOINT_UPPER),
    Field(
        "joint_velocity",
        7,
        "rad/s",
        "joint",
        "Velocities of right_j0 to right_j6.",
        _negative(JOINT_VELOCITY),
        JOINT_VELOCITY,
    ),
    Field(
        "joint_torque",
        7,
        "Nm",
        "joint",
        "Torques at right_j0 to right_j6, without the arm's own weight.",
        _negative(JOINT_TORQUE),
        JOINT_TORQUE,
    ),
)

TOOL = (
    Field(
        "tcp_pose",
        7,
        "m, quaternion",
        "base",
        "Pinch point: position, then orientation as quaternion wxyz with w >= 0.",
        POSE_LOW,
        POSE_HIGH,
    ),
    Field(
        "tcp_velocity",
        6,
        "m/s, rad/s",
        "base",
        "Pinch point: linear, then angular velocity.",
        _negative(TCP_VELOCITY_LIMIT),
        TCP_VELOCITY_LIMIT,
    ),
)

GRIPPER = (
    Field(
        "gripper_angle",
        1,
        "tics",
        "gripper",
        "Finger position, 0 open to 255 closed.",
        (0.0,),
        (GRIPPER_CLOSED,),
        paper_name="Wrist angle",
    ),
    Field(
        "gripper_velocity",
        1,
        "tics/s",
        "gripper",
        "Finger speed, positive while closing.",
        (-GRIPPER_SPEED,),
        (GRIPPER_SPEED,),
        paper_name="Wrist velocity",
    ),
)
"""The paper calls these two "wrist angle" and "wrist velocity". In the RGB-stacking environment (DeepMind), which the
paper uses, the same two of the 43 numbers are gripper/joints/angle and gripper/joints/velocity. The rotation of the
wrist is joint 7 and stands among the joint angles already; without the fingers no policy could see whether they are
open."""

TOUCH = (
    Field(
        "wrist_force", 3, "N", "force-torque sensor", "Force at the wrist sensor (FT 300).", (-300.0,) * 3, (300.0,) * 3
    ),
    Field(
        "wrist_torque",
        3,
        "Nm",
        "force-torque sensor",
        "Torque at the wrist sensor (FT 300).",
        (-30.0,) * 3,
        (30.0,) * 3,
    ),
    Field("grasp", 1, "0 or 1", "gripper", "Whether both fingertips press on something between them.", (0.0,), (1.0,)),
)

PROPRIOCEPTION = Layout(JOINTS + TOOL + GRIPPER + TOUCH)
"""The robot's own state, (43,): the only observation of the low level."""
