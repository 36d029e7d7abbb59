"""Sawyer driver: observations from the robot's topics, actions to joint velocities, watchdogs."""
