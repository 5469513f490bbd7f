"""A rule of a token's life, and how it is taken out of the code: pieces of modules, and what stands there then.

Where two places hold a rule, so that one of them alone would not be missed, both are taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

ANY = "(attribute_exists(pk) OR attribute_not_exists(pk))"  # a condition that always holds, for DynamoDB
STORE, FAKE = "stores.dynamodb.grants", "stores.memory.grants"


@dataclass(frozen=True, slots=True)
class Edit:
    """A place in a module below `gatepost`. `old` stands there once."""

    module: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds, and the places that hold it."""

    name: str
    edits: tuple[Edit, ...]


def rule(name: str, *edits: tuple[str, str, str]) -> Rule:
    return Rule(name, tuple(Edit(*edit) for edit in edits))
