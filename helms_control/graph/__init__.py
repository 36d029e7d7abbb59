"""One description of the graph, from which the launch files and the composed graph are made."""

from helms_control.graph.description import DRIVERS, GraphSettings, NodeSpec, describe

__all__ = ["DRIVERS", "GraphSettings", "NodeSpec", "describe"]
