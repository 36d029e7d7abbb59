"""What networks see, computed once a control step from the contract's streams."""
