"""Offline learning of skills from demonstrations."""
