"""The demonstrator: a scripted policy that looks behind the observation and really stacks."""
