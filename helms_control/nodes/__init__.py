"""ROS 2 nodes: thin adapters between messages and pure functions."""
