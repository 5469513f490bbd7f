"""Names in `cdk.json` that people read: the rule is that of all other names."""

from __future__ import annotations

from gatepost.clients.labels import name_problem

READABLE = "a letter or a digit among them, and none that can't be seen"
LONGEST = 60


def is_name(value: object) -> bool:
    """Whether it can be the name of something, as people read it."""
    return (
        isinstance(value, str) and value == value.strip() and 1 <= len(value) <= LONGEST and name_problem(value) is None
    )
