"""Old and new values of what was changed, for entries of the audit log: no secret, no address of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gatepost.model.audit_entry import AuditEntry
from gatepost.model.records import App
from gatepost.scope import Scope

EVERY_SCOPE = "every scope"  # of an account without a limit
# Fields that an app's owner phrases: their values go with the owner's erasure.
PHRASED = ("name", "website", "redirect URI")
_LONGEST = 200  # characters of a value


class Change(NamedTuple):
    """A field with its value before and after, "" for none."""

    field: str
    before: str
    after: str


def app_changes(before: App, after: App) -> tuple[Change, ...]:
    """Return the changes of the details that an owner edits; each redirect URI that is gone or new is one."""
    gone = [uri for uri in before.redirect_uris if uri not in after.redirect_uris]
    new = [uri for uri in after.redirect_uris if uri not in before.redirect_uris]
    return (
        *changed("name", before.name, after.name),
        *changed("website", shown_url(before.url), shown_url(after.url)),
        *(Change("redirect URI", shown_url(uri), "") for uri in gone),
        *(Change("redirect URI", "", shown_url(uri)) for uri in new),
        *changed("grants", " ".join(before.grant_types), " ".join(after.grant_types)),
        *changed("scopes", str(before.scope), str(after.scope)),
    )


def limit_changes(before: Scope | None, after: Scope | None) -> tuple[Change, ...]:
    """Return the change of the scopes that an account may grant, None for every scope."""
    return changed("scopes", *(EVERY_SCOPE if scope is None else str(scope) for scope in (before, after)))


def changed(field: str, before: str, after: str) -> tuple[Change, ...]:
    """Return the change of a field, none if its values are the same."""
    return (Change(field, before[:_LONGEST], after[:_LONGEST]),) if before != after else ()


def shown_url(url: str) -> str:
    """Return a URL without the value of its query, which may hold a secret."""
    base, mark, _ = url.partition("?")
    return f"{base[: _LONGEST - 2]}?…" if mark else base


def kept_changes(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return changes as an entry holds them."""
    return tuple(part for change in changes for part in change)


def changes_of(entry: AuditEntry) -> tuple[Change, ...]:
    """Return the changes of an entry."""
    parts = iter(entry.changes)
    return tuple(Change(*three) for three in zip(parts, parts, parts, strict=False))
