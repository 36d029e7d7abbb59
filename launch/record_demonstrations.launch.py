"""Recording of demonstrations into a bag, in lockstep, faster than real time."""

from helms_control.graph import GraphSettings
from helms_control.graph.launching import launch_graph
from launch import LaunchDescription

DEFAULTS = GraphSettings(policy="expert", object_set="1..5", episodes=10, lockstep=True, record="bags/demonstrations")


def generate_launch_description() -> LaunchDescription:
    """Return what `ros2 launch helms record_demonstrations.launch.py` starts; `--show-args` lists the arguments."""
    return launch_graph(DEFAULTS)
