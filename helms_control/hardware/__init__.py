"""The real robot: what turns actions into its commands, and its devices into observations."""
