"""Learning skills from demonstrations and by reinforcement (in preparation)."""
