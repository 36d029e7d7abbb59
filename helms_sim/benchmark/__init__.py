"""Measurements of the cell's speed."""
