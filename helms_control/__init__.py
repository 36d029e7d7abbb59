"""Robot-side code: the contract, policy levels, ROS nodes and the Sawyer driver."""
