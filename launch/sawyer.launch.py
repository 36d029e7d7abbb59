"""The real robot: driver, policy or gamepad, episode manager and, with `record`, recorder; no motion unarmed."""

from helms_control.graph import GraphSettings
from helms_control.graph.launching import launch_graph
from launch import LaunchDescription

DEFAULTS = GraphSettings(policy="joy", episodes=0, robot="http://sawyer:11311", gripper="/dev/ttyUSB0")


def generate_launch_description() -> LaunchDescription:
    """Return what `ros2 launch helms sawyer.launch.py` starts; `--show-args` lists the arguments."""
    return launch_graph(DEFAULTS)
