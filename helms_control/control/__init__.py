"""Control laws shared by the simulation and the robot driver."""
