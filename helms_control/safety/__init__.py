"""What stands between a wanted joint velocity and the robot: pure, and on its own."""
