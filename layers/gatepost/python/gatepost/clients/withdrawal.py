"""A change of what people recognize an app by puts back to "asked" what administrators decided about the app.

That is the same for apps of owners, for those that registered themselves and for those of metadata documents. Granted
scopes end by themselves, since they count for the looks that they were granted to (`scopes.grants_count`); an approval
ends by the change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gatepost.clients.owners import end_own_tokens
from gatepost.clients.scopes import granted_for_users, granted_to_itself, grants_count, loses_something
from gatepost.cutoff import write_dated
from gatepost.model.feed import Revocation, everything_of
from gatepost.model.records import ACTIVE, ADMINISTRATOR, DOCUMENTS, PENDING, REGISTERED, App, User
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.ports.store import Store

_RECOGNIZED = {"name": "name", "website": "url", "redirect URIs": "redirect_uris", "logo": "logo"}


class Withdrawal(NamedTuple):
    """Decisions that a change takes back: scopes that users could grant, scopes of the app itself, and its approval."""

    users: Scope
    itself: Scope
    approval: bool

    @property
    def scope(self) -> Scope:
        """Return the scopes that have to be granted again."""
        return self.users | self.itself

    def __bool__(self) -> bool:
        """Whether it takes anything."""
        return bool(self.scope) or self.approval


class Unconfirmed(Exception):
    """The change takes back what administrators decided, and whoever makes it has not said yes to that."""

    def __init__(self, withdrawal: Withdrawal) -> None:
        """Take what would be taken back."""
        super().__init__("the change is not confirmed")
        self.withdrawal = withdrawal


def first_status(owner: str, settings: Settings) -> str:
    """Return the status of an app that nobody has looked at yet."""
    waits = {DOCUMENTS: settings.client_id_documents == "approval", REGISTERED: False}
    return PENDING if waits.get(owner, settings.app_approval) else ACTIVE


def as_changed(app: App, changed: App, settings: Settings, *, owner: User | None, now: float) -> App:
    """Return the app of a change as it has to be written.

    If users would not recognize it, their approvals are void, and what administrators decided counts no more, unless
    the app is an administrator's own. One that was stopped stays so.
    """
    if (changed.recognized_by, changed.logo) == (app.recognized_by, app.logo):
        return changed
    cutoff = int(now)
    approvals = max(app.approvals_valid_from, cutoff)  # a clock that was set back must not restore approvals
    changed = changed._replace(looks=app.looks + 1, approvals_valid_from=approvals)
    if owner is not None and owner.role == ADMINISTRATOR:
        return changed._replace(granted_look=changed.look) if grants_count(app) else changed
    if app.status == ACTIVE and first_status(app.owner, settings) == PENDING:
        grants = max(app.grants_valid_from, cutoff)
        return changed._replace(status=PENDING, grants_valid_from=grants)
    return changed


def withdrawn_by(app: App, changed: App) -> Withdrawal:
    """Return what the change from `app` to `changed` takes back."""
    return Withdrawal(
        users=granted_for_users(app) - granted_for_users(changed),
        itself=granted_to_itself(app) - granted_to_itself(changed),
        approval=(app.status, changed.status) == (ACTIVE, PENDING),
    )


def at_stake(app: App, settings: Settings, owner: User) -> Withdrawal:
    """Return what a change of the app's name, website or redirect URIs by its owner would take back."""
    other = app._replace(name=f"{app.name} (other)")
    return withdrawn_by(app, as_changed(app, other, settings, owner=owner, now=0))


def changed_looks(app: App, changed: App) -> tuple[str, ...]:
    """Return which of the fields that people recognize the app by differ, in words."""
    return tuple(
        word
        for word, field in _RECOGNIZED.items()
        if _unordered(getattr(app, field)) != _unordered(getattr(changed, field))
    )


def write_change(
    store: Store, app: App, changed: App, settings: Settings, *, write: Callable[[Revocation | None], None], now: float
) -> None:
    """Call `write` with the entry of the feed that goes with the change; move its cutoffs if that took long.

    `changed` comes from `as_changed`, and `now` is the time of both calls.
    """

    def update(at: float) -> None:
        revocation = _ended_tokens(app, changed, settings, at)
        if at == now:
            write(revocation)
            return
        if changed.looks != app.looks:  # the change is made: only its cutoffs remain to be moved
            pending = changed.status != app.status
            store.void_approvals(app.client_id, approvals_valid_from=int(at), grants_too=pending)
        if revocation:
            store.publish(revocation)

    write_dated(update, now)


def _ended_tokens(app: App, changed: App, settings: Settings, at: float) -> Revocation | None:
    """Return the end of all tokens of an app that waits again, or of its own if it lost a scope of its own."""
    withdrawal = withdrawn_by(app, changed)
    if withdrawal.approval:
        return everything_of("client", app.client_id, at)
    if withdrawal.itself and loses_something(app, changed, settings):
        return end_own_tokens(app, at)
    return None


def _unordered(value: str | tuple[str, ...]) -> str | frozenset[str]:
    return value if isinstance(value, str) else frozenset(value)
