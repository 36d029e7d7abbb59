"""Sawyer's joints right_j0 to right_j6: names and limits.

Sources: positions, velocities and torques are Rethink's sawyer_description, accelerations Rethink's own simulator
(sawyer_gazebo). The simulated arm has the same numbers (`helms_sim/scene/mjcf/robot.xml`), which a test compares; the
real robot reports its own on /robot/joint_limits.
"""

JOINT_NAMES = tuple(f"right_j{index}" for index in range(7))
JOINT_LOWER = (-3.0503, -3.8095, -3.0426, -3.0439, -2.9761, -2.9761, -4.7124)
"""Smallest angles, rad."""
JOINT_UPPER = (3.0503, 2.2736, 3.0426, 3.0439, 2.9761, 2.9761, 4.7124)
"""Largest angles, rad."""
JOINT_VELOCITY = (1.74, 1.328, 1.957, 1.957, 3.485, 3.485, 4.545)
"""Largest speeds, rad/s."""
JOINT_ACCELERATION = (10.0, 8.0, 10.0, 10.0, 12.0, 12.0, 12.0)
"""Largest accelerations, rad/s^2."""
JOINT_TORQUE = (80.0, 80.0, 40.0, 40.0, 9.0, 9.0, 9.0)
"""Largest torques, Nm."""
