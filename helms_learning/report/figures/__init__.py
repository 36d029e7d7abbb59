"""Figures of a report; each function draws onto a given figure in a given theme."""
