"""One episode in real time with the demonstrator or, with `policy`, a bundle."""

from helms_control.graph import GraphSettings
from helms_control.graph.launching import launch_graph
from launch import LaunchDescription

DEFAULTS = GraphSettings(episodes=1)


def generate_launch_description() -> LaunchDescription:
    """Return what `ros2 launch helms stacking_demo.launch.py` starts; `--show-args` lists the arguments."""
    return launch_graph(DEFAULTS)
