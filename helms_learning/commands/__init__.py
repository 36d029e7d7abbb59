"""Commands: datasets, training, export, reports."""
