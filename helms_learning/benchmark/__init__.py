"""How fast learning is."""
