"""What runs on a robot: the contract, the policy levels, the nodes and the driver."""
