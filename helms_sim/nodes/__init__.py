"""ROS 2 nodes that need the simulated cell: the cell itself, the demonstrator, the view in the browser."""
