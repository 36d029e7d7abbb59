"""Devices of the real robot, emulated at their wires, for the driver to be tested against."""
