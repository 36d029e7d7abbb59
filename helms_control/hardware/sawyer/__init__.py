"""The real arm: what the robot says becomes observations, actions become joint velocities, all of it watched."""
