"""Measuring the graph: latency, throughput, and how it does over a long time."""

import numpy as np

CUBE = 0.025 * np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (-1.0, 1.0)])
"""Shape of every object in measurements without a cell: vertices (8, 3), m."""
