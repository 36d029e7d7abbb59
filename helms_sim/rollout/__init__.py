"""Episodes in the cell: sources of actions, one loop, one pool of workers."""
