"""Hardware: ROS 1 client, Sawyer driver and gripper drivers."""
