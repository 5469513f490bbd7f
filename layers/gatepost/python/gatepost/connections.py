"""Connected apps: what a user approved and what still lives of it, and how to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gatepost.model import App, Grant, User
from gatepost.scope import Scope
from gatepost.settings import LONGEST_LIFETIME
from gatepost.stores.keys import AppKey
from gatepost.stores.ports import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An app that a user is connected with. `last_used_at` is 0 if no grant of it lives."""

    app: App
    scope: Scope
    since: int
    last_used_at: int


def connections_of(store: Store, user: User, *, now: float) -> Sequence[Connection]:
    """The apps that the user approved or that hold a living grant, the latest first; deleted apps are left out."""
    approvals = {approval.client_id: approval for approval in store.approvals_of(user.user_id)}
    grants: dict[str, list[Grant]] = {}
    for grant in store.grants_of(user.user_id):
        if lives(grant, user, now):
            grants.setdefault(grant.client_id, []).append(grant)
    found = []
    keys = [AppKey(client_id) for client_id in {*approvals, *grants}]
    for key, app in zip(keys, store.read_each(keys), strict=True):
        if app is None:
            continue
        client_id = key.client_id
        living = [grant for grant in grants.get(client_id, []) if grant.created_at > app.grants_valid_from]
        approval = approvals.get(client_id)
        if not living and approval is None:
            continue
        scope = Scope().union(*(grant.scope for grant in living), approval.scope if approval else ())
        dates = [grant.created_at for grant in living] + ([approval.approved_at] if approval else [])
        last_used = max((grant.last_used_at for grant in living), default=0)
        found.append(Connection(app=app, scope=Scope(scope), since=min(dates), last_used_at=last_used))
    return sorted(found, key=lambda connection: (-connection.since, connection.app.name))


def disconnect(store: Store, user: User, client_id: str, *, now: float) -> None:
    """Take back what the user granted to one app: its tokens stop within the stated bound, and it must ask again.

    The approval goes after the grants: as long as anything is left the app stands in `connections_of`, so after a
    failure the same again ends the rest. The second look finds what the approval granted meanwhile.
    """
    _revoke_grants(store, user, client_id, now)
    store.forget_approval(user.user_id, client_id)
    _revoke_grants(store, user, client_id, now)


def _revoke_grants(store: Store, user: User, client_id: str, now: float) -> None:
    feed_until = int(now) + LONGEST_LIFETIME
    for grant in store.grants_of(user.user_id):
        if grant.client_id == client_id and not grant.revoked_at and max(grant.expires_at, grant.redeem_before) > now:
            store.revoke_grant(grant.grant_id, now=now, feed_until=feed_until)


def lives(grant: Grant, user: User, now: float) -> bool:
    """Whether a grant still opens anything, as far as the account goes."""
    if grant.revoked_at or min(grant.expires_at, grant.idle_expires_at) <= now:
        return False
    waiting = grant.redeem_before and not grant.redeemed_by
    return not waiting and not (user.grants_valid_from and grant.created_at <= user.grants_valid_from)
