"""The MuJoCo model of the cell: own MJCF for arm, sensor, gripper and basket, and generated objects."""
