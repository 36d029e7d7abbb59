"""Measuring the graph: latency, throughput, and how it does over a long time."""
