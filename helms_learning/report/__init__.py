"""Reports about policies: statistics, figures and an HTML page."""
