"""Old and new values of what was changed, for entries of the audit log: no secret, no address of a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gatepost.model.audit_entry import AuditEntry
from gatepost.model.records import App
from gatepost.scope import Scope

EVERY_SCOPE = "every scope"  # of an account without a limit
# Fields that an app's owner phrases: their values go with the owner's erasure.
PHRASED = ("name", "website", "redirect URI", "sign-out redirect URI", "back-channel logout URI")
_SHOWN = 12  # characters of a logo's digest
_LONGEST = 200  # characters of a value
# Of an app's entry, which anybody may cause, so that it stays below 1 kB: changes, characters of all values together,
# and of each at least.
_MOST, _TOGETHER, _SHORTEST = 12, 400, 24


class Change(NamedTuple):
    """A field with its value before and after, "" for none."""

    field: str
    before: str
    after: str


def app_changes(before: App, after: App) -> tuple[Change, ...]:
    """Return the changes of the details that an owner edits; each redirect URI that is gone or new is one.

    If there are many they are cut shorter, and the last ones only counted.
    """
    return _bounded(
        (
            *changed("name", before.name, after.name),
            *changed("logo", before.logo[:_SHOWN], after.logo[:_SHOWN]),
            *changed("website", shown_url(before.url), shown_url(after.url)),
            *_changed_uris("redirect URI", before.redirect_uris, after.redirect_uris),
            *changed("grants", " ".join(before.grant_types), " ".join(after.grant_types)),
            *changed("scopes", str(before.scope), str(after.scope)),
            *_changed_uris("sign-out redirect URI", before.post_logout_redirect_uris, after.post_logout_redirect_uris),
            *changed(
                "back-channel logout URI",
                shown_url(before.backchannel_logout_uri),
                shown_url(after.backchannel_logout_uri),
            ),
            *changed("ID token", before.id_token_signed_response_alg, after.id_token_signed_response_alg),
            *changed("userinfo", before.userinfo_signed_response_alg, after.userinfo_signed_response_alg),
        )
    )


def _bounded(changes: Sequence[Change]) -> tuple[Change, ...]:
    lengths = [len(value) for change in changes for value in (change.before, change.after) if value]
    crowded = sum(lengths) > _TOGETHER
    most = min(_LONGEST, max(_SHORTEST, _TOGETHER // len(lengths))) if crowded else _LONGEST
    kept = tuple(Change(field, before[:most], after[:most]) for field, before, after in changes[:_MOST])
    left = len(changes) - len(kept)
    return (*kept, Change("further changes", "", str(left))) if left else kept


def _changed_uris(field: str, before: Sequence[str], after: Sequence[str]) -> tuple[Change, ...]:
    new = (Change(field, "", shown_url(uri)) for uri in after if uri not in before)
    gone = (Change(field, shown_url(uri), "") for uri in before if uri not in after)
    return (*new, *gone)


def limit_changes(before: Scope | None, after: Scope | None) -> tuple[Change, ...]:
    """Return the change of the scopes that an account may grant, None for every scope."""
    return changed("scopes", *(EVERY_SCOPE if scope is None else str(scope) for scope in (before, after)))


def group_changes(before: Sequence[str], after: Sequence[str]) -> tuple[Change, ...]:
    """Return the changes of an account's groups; each that is gone or new is one."""
    return (
        *(Change("group", name, "") for name in before if name not in after),
        *(Change("group", "", name) for name in after if name not in before),
    )


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
