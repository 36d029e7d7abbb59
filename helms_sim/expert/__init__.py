"""The demonstrator: a scripted policy that uses the cell's true state."""
