"""Evaluation in lockstep; an interrupted series is continued."""

from helms_control.graph import GraphSettings
from helms_control.graph.launching import launch_graph
from launch import LaunchDescription

DEFAULTS = GraphSettings(episodes=100, seed=1000, lockstep=True, results="out/evaluation.jsonl")


def generate_launch_description() -> LaunchDescription:
    """Return what `ros2 launch helms evaluate.launch.py` starts; `--show-args` lists the arguments."""
    return launch_graph(DEFAULTS)
