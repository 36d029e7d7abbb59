"""Emulators of the robot's devices, for tests of the driver."""
