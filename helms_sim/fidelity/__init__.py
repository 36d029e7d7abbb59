"""Comparison of the cell with recordings of the reference cell."""
