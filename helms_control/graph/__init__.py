"""Description of the ROS graph, the single source of the launch files and the composed graph."""

from helms_control.graph.description import DRIVERS, GraphSettings, NodeSpec, describe

__all__ = ["DRIVERS", "GraphSettings", "NodeSpec", "describe"]
