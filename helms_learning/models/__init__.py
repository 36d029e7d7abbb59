"""Networks of the three levels and the skill posterior, baselines, and input features."""
