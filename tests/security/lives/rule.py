"""A rule of a token's life, and its removal from the code: pieces of modules, and their replacements.

If two places implement a rule, so that the removal of one would not matter, both are removed.
"""

from __future__ import annotations

from dataclasses import dataclass

ANY = "(attribute_exists(pk) OR attribute_not_exists(pk))"  # a condition that always holds, for DynamoDB
STORE, FAKE = "stores.dynamodb.grants", "tests.fakes.grants"


@dataclass(frozen=True, slots=True)
class Edit:
    """A place in a module below `gatepost`, or in a fake by its full name. `old` occurs there once."""

    module: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, and the places that implement it."""

    name: str
    edits: tuple[Edit, ...]


def rule(name: str, *edits: tuple[str, str, str]) -> Rule:
    return Rule(name, tuple(Edit(*edit) for edit in edits))


def never(module: str, condition: str) -> tuple[str, str, str]:
    """An `if` whose condition never holds."""
    return module, f"if {condition}:", "if False:"
