"""Tests; a package, so that tests can import it in the processes that they start."""
