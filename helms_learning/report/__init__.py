"""Policy reports: statistics, figures and an HTML page."""
