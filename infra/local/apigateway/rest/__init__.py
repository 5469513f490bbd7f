"""REST APIs on this machine, for guest stacks."""
