"""The scopes of `cdk.json`: a sentence for users each, or an object that also says which apps may have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost.errors import InvalidScope
from gatepost.scope import Scope, parse_scope
from gatepost.settings import APPROVED, NEVER, OPEN, Settings

ALLOWED = (
    "an object of scope names, at least one, and for each the sentence that users read or an object of `description`, "
    "`client_credentials` (never, approved or open) and `restricted` (true or false)"
)
CHOICES = (NEVER, APPROVED, OPEN)
_OF_A_SCOPE = {"description", "client_credentials", "restricted"}


def is_scope_name(name: object) -> bool:
    """Whether it is a single scope name, with no separators."""
    try:
        return isinstance(name, str) and len(parse_scope(name)) == 1 and "," not in name and " " not in name
    except InvalidScope:
        return False


def are_scopes(value: object) -> bool:
    """Whether it has the form of `scopes`; the objects of a stage may omit `description`."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(is_scope_name(name) and _is_scope(each) for name, each in value.items())
    )


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return one layer of settings merged over another.

    `scopes` whose objects describe nothing change the scopes of these names and leave the others; any other `scopes`
    take the place of those below. `resources` are laid over each other URL by URL; null takes one away.
    """
    if isinstance(above.get("resources"), dict):
        resources = {**(below.get("resources") or {}), **above["resources"]}
        above = {**above, "resources": {url: each for url, each in resources.items() if each is not None}}
    scopes = above.get("scopes")
    if not are_scopes(scopes) or any(description_of(each) for each in above["scopes"].values()):
        return {**below, **above}
    described = dict(below.get("scopes") or {})
    for name, each in above["scopes"].items():
        described[name] = {**as_object(described.get(name, {})), **each}
    return {**below, **above, "scopes": described}


def undescribed(scopes: Mapping[str, Any]) -> list[str]:
    """Return the names without a sentence for users."""
    return sorted(name for name, each in scopes.items() if not description_of(each))


def scope_settings(scopes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `Settings` in `scopes`: descriptions, and values other than the defaults."""
    objects = {name: as_object(each) for name, each in scopes.items()}
    policies = {name: each.get("client_credentials", APPROVED) for name, each in objects.items()}
    restricted = {name for name, each in objects.items() if each.get("restricted")}
    free = {name for name, each in objects.items() if each.get("restricted") is False}
    by_default = Settings(issuer="").restricted_scopes
    return {
        "scopes": {name: each.get("description", "") for name, each in objects.items()},
        "client_credentials_scopes": {name: policy for name, policy in policies.items() if policy != APPROVED},
        "restricted_scopes": Scope(restricted) | (by_default - Scope(free)),
    }


def _is_scope(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if not isinstance(value, dict) or not set(value) <= _OF_A_SCOPE:
        return False
    description = value.get("description", "-")
    return (
        isinstance(description, str)
        and bool(description.strip())
        and value.get("client_credentials", APPROVED) in CHOICES
        and isinstance(value.get("restricted", False), bool)
    )


def as_object(value: Any) -> dict[str, Any]:
    """A scope in its long form."""
    return {"description": value} if isinstance(value, str) else dict(value)


def description_of(value: Any) -> str:
    """The sentence that users read of a scope, "" if it has none."""
    return str(as_object(value).get("description", ""))
