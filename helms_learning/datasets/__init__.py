"""Datasets: recorded episodes in one file, and windows of them for training."""
