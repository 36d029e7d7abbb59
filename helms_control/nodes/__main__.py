"""`python -m helms_control.nodes NAME` runs a node."""

from helms_control.nodes.run import main

main()
