"""The contract: action, rates and image size; the observation layouts are in `proprioception` and `objects`.

Source: HeLMS, tables 3 (state) and 4 (action); three stacked frames (section D); 20 Hz, 400 steps per episode
(RGB-stacking environment, DeepMind).
"""

from helms_control.spec.field import Field
from helms_control.spec.layout import Layout
from helms_control.spec.objects import COLOURS, OBJECTS
from helms_control.spec.proprioception import GRIPPER_SPEED, PROPRIOCEPTION
from helms_control.spec.spec import Spec

__all__ = [
    "ACTION",
    "COLOURS",
    "CONTROL_HZ",
    "EPISODE_STEPS",
    "FRAMES",
    "IMAGE_SHAPE",
    "OBJECTS",
    "PROPRIOCEPTION",
    "SPEC",
]

FRAMES = 3
CONTROL_HZ = 20
EPISODE_STEPS = 400
IMAGE_SHAPE = (64, 64, 3)

LINEAR_SPEED = 0.07  # m/s
ROTATION_SPEED = 1.0  # rad/s

ACTION = Layout(
    (
        *(
            Field(
                f"velocity_{axis}",
                1,
                "m/s",
                "base",
                f"Velocity of the gripper along the base's {axis} axis.",
                (-LINEAR_SPEED,),
                (LINEAR_SPEED,),
                paper_name="Gripper translational velocity (x-y-z)",
            )
            for axis in "xyz"
        ),
        Field(
            "wrist_rotation",
            1,
            "rad/s",
            "base",
            "Rotation of the gripper about the base's +z axis.",
            (-ROTATION_SPEED,),
            (ROTATION_SPEED,),
            paper_name="Wrist rotation velocity",
        ),
        Field(
            "finger_speed",
            1,
            "tics/s",
            "gripper",
            "Speed of the fingers; positive closes.",
            (-GRIPPER_SPEED,),
            (GRIPPER_SPEED,),
        ),
    )
)
"""The action, (5,), in physical units; policies and environments exchange it divided by these limits, in [-1, 1]."""

SPEC = Spec(
    version="1.0.0",
    proprioception=PROPRIOCEPTION,
    objects=OBJECTS,
    action=ACTION,
    frames=FRAMES,
    control_hz=CONTROL_HZ,
    episode_steps=EPISODE_STEPS,
    image_shape=IMAGE_SHAPE,
    colours=COLOURS,
)
"""The contract of this release."""
