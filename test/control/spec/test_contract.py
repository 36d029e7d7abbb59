"""The contract against the tables of the paper."""

import numpy as np

from helms_control.spec import contract
from helms_control.spec.contract import ACTION, OBJECTS, PROPRIOCEPTION, SPEC

# HeLMS, table 3, in its order; "wrist angle" and "wrist velocity" are the gripper's, see proprioception.py.
TABLE_3 = [
    ("joint_angle", 7),
    ("joint_velocity", 7),
    ("joint_torque", 7),
    ("tcp_pose", 7),
    ("tcp_velocity", 6),
    ("gripper_angle", 1),
    ("gripper_velocity", 1),
    ("wrist_force", 3),
    ("wrist_torque", 3),
    ("grasp", 1),
]


def test_proprioception_is_table_3() -> None:
    assert [(field.name, field.size) for field in PROPRIOCEPTION.fields] == TABLE_3
    assert PROPRIOCEPTION.size == 43


def test_objects_are_three_poses_then_three_offsets() -> None:
    assert list(OBJECTS.slices) == [
        *("red_pose", "green_pose", "blue_pose"),
        *("red_to_pinch", "green_to_pinch", "blue_to_pinch"),
    ]
    assert [field.size for field in OBJECTS.fields] == [7] * 6
    assert OBJECTS.size == 42


def test_action_is_table_4() -> None:
    assert ACTION.names == ("velocity_x", "velocity_y", "velocity_z", "wrist_rotation", "finger_speed")
    np.testing.assert_array_equal(ACTION.high, [0.07, 0.07, 0.07, 1.0, 255.0])
    assert [field.unit for field in ACTION.fields] == ["m/s", "m/s", "m/s", "rad/s", "tics/s"]


def test_the_range_of_the_action_is_symmetric_because_it_is_a_scale() -> None:
    np.testing.assert_array_equal(ACTION.low, -ACTION.high)


def test_timing_frames_and_images() -> None:
    assert (contract.FRAMES, contract.CONTROL_HZ, contract.EPISODE_STEPS) == (3, 20, 400)
    assert contract.IMAGE_SHAPE == (64, 64, 3)
    assert contract.COLOURS == ("red", "green", "blue")


def test_the_entries_that_the_paper_names_otherwise_say_so() -> None:
    renamed = {field.name: field.paper_name for field in PROPRIOCEPTION.fields if field.paper_name}
    assert renamed == {"gripper_angle": "Wrist angle", "gripper_velocity": "Wrist velocity"}


def test_a_robot_at_rest_is_within_the_ranges() -> None:
    """The first state of a reset measured in the RGB-stacking environment, gripper open, tool pointing down."""
    rest = PROPRIOCEPTION.pack(
        {field.name: np.zeros(field.size) for field in PROPRIOCEPTION.fields}
        | {"joint_angle": [0.02, -1.0, -0.5, 1.4, 0.2, 1.3, 0.4], "tcp_pose": [0.55, -0.05, 0.25, 0.0, 0.92, 0.39, 0.0]}
    )
    assert ((rest >= PROPRIOCEPTION.low) & (rest <= PROPRIOCEPTION.high)).all()


def test_the_hash_of_this_version_never_changes() -> None:
    """Data, bundles and bags carry it: where this fails, raise the version and pin the new pair."""
    assert (SPEC.version, SPEC.hash) == ("1.0.0", "fb49e80efaa209296a6f9e8f4a56df45f3eaf928d344db4b4b5b5cd727af781f")
