"""Tests; a package, so that those that start a process of their own can import it there."""
