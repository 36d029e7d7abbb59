"""Safety layer between requested joint velocity and robot: no clock, no I/O."""
