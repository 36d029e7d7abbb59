"""The running cell: start states, control steps and what is observed."""
