"""The Robotiq 2F-85: what every transport has in common, and the one over Modbus RTU."""
