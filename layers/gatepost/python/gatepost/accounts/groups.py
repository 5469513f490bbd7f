"""The groups that administrators put accounts into; tokens may carry them (`groups_claim`)."""

from __future__ import annotations

import re

from gatepost.accounts.accounts import InvalidAccount

MOST = 50
LONGEST = 1000  # characters of all names together: a token with them fits into a header
_NAME = re.compile(r"[A-Za-z0-9._:/@-]{1,64}")
_BETWEEN = re.compile(r"[\s,]+")


def groups_in(text: str) -> tuple[str, ...]:
    """Return the groups in a text with spaces, commas or lines between them, sorted, each once.

    Raises InvalidAccount.
    """
    groups = tuple(sorted({*_BETWEEN.split(text)} - {""}))
    if not all(map(_NAME.fullmatch, groups)):
        raise InvalidAccount({"groups": "A group is up to 64 letters, digits and . _ : / @ -"})
    if len(groups) > MOST or sum(map(len, groups)) > LONGEST:
        raise InvalidAccount({"groups": f"Up to {MOST} groups, and {LONGEST:,} characters together."})
    return groups


def are_groups(groups: tuple[str, ...]) -> bool:
    """Whether an account can be in these groups, in this order."""
    try:
        return groups_in("\n".join(groups)) == groups
    except InvalidAccount:
        return False
