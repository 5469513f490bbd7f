"""The limit and the groups of an account. The exchange of a code does not read it, so a change ends waiting codes."""

from __future__ import annotations

from gatepost.accounts.connected_apps import revoke
from gatepost.clients.owners import tell_apps
from gatepost.cutoff import clock_from
from gatepost.model.records import Grant, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store


def limit_user(store: Store, user: User, scope: Scope | None, *, now: float) -> None:
    """Replace the limit of the account's grants and of its apps' tokens; None removes it.

    Raises TemporarilyUnavailable as `tell_apps` does.
    """
    clock = clock_from(now)
    store.set_user_rights(user.user_id, scope=scope)
    for grant in _of_codes(store, user, clock()):
        if scope is not None and not grant.scope <= scope:
            revoke(store, grant, now=clock())
    tell_apps(store, user.user_id, now=clock())


def put_into_groups(store: Store, user: User, groups: tuple[str, ...], *, now: float) -> None:
    """Put the account into these groups, in place of those that it was in."""
    clock = clock_from(now)
    store.set_user_rights(user.user_id, groups=groups)
    if not set(user.groups) <= set(groups):
        for grant in _of_codes(store, user, clock()):
            revoke(store, grant, now=clock())


def _of_codes(store: Store, user: User, now: float) -> list[Grant]:
    """Return the grants whose code is still good, or was good when it was redeemed at this moment.

    Whoever approves one afterwards has seen the change (`GrantStore.approve`).
    """
    return [grant for grant in store.grants_of(user.user_id) if grant.redeem_before > now and not grant.revoked_at]
