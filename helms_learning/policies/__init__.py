"""Policies by kind: each with its loss and its export."""
