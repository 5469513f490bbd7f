"""Connected apps: the approvals and valid grants of a user, and their revocation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gatepost.accounts.approvals import approved_resources, counting_approval
from gatepost.cutoff import clock_from
from gatepost.model.feed import everything_of
from gatepost.model.records import App, Approval, Grant, User
from gatepost.oauth.grant_standing import (
    has_slept,
    is_revocable,
    is_unredeemed,
    lives,
    may_have_tokens,
    revoke_grant,
    revoke_slept,
)
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey

MOST_ENTRIES = 20  # of the feed, written for disconnecting one app


class Connection(NamedTuple):
    """An app that a user is connected with. `last_used_at` is 0 if it has no valid grant."""

    app: App
    by_audience: Mapping[
        str, Scope
    ]  # what it may do at each API that its tokens may be for; "": the server's own audience
    since: int
    last_used_at: int

    @property
    def scope(self) -> Scope:
        """The scope at all its APIs together."""
        return Scope(name for scope in self.by_audience.values() for name in scope)


def connections_of(store: Store, user: User, *, now: float) -> Sequence[Connection]:
    """Return the apps that the user approved or that have a valid grant, newest first; deleted apps are left out."""
    approvals = {approval.client_id: approval for approval in store.approvals_of(user.user_id)}
    grants: dict[str, list[Grant]] = {}
    for grant in store.grants_of(user.user_id):
        if lives(grant, None, user, now):
            grants.setdefault(grant.client_id, []).append(grant)
    found = []
    keys = [AppKey(client_id) for client_id in {*approvals, *grants}]
    for key, app in zip(keys, store.read_each(keys), strict=True):
        if app is None:
            continue
        client_id = key.client_id
        living = [grant for grant in grants.get(client_id, []) if lives(grant, app, user, now)]
        approval = counting_approval(approvals.get(client_id), app, user)
        if not living and approval is None:
            continue
        by_audience = _by_audience(living, approval)
        dates = [grant.created_at for grant in living] + ([approval.approved_at] if approval else [])
        last_used = max((grant.last_used_at for grant in living), default=0)
        found.append(Connection(app=app, by_audience=by_audience, since=min(dates), last_used_at=last_used))
    return sorted(found, key=lambda connection: (-connection.since, connection.app.name))


def _by_audience(grants: Iterable[Grant], approval: Approval | None) -> dict[str, Scope]:
    found: dict[str, Scope] = {}
    for grant in grants:
        for audience in grant.resources or ("",):
            found[audience] = found.get(audience, Scope()) | grant.scope
    for audience, scope in (("", approval.scope), *approved_resources(approval)) if approval else ():
        found[audience] = found.get(audience, Scope()) | scope
    return {audience: scope for audience, scope in found.items() if scope}


def disconnect(store: Store, user: User, client_id: str, *, now: float) -> None:
    """Revoke the user's grants to one app: its tokens stop within the documented bound, and it needs consent again.

    The approval is removed after the grants: while anything is left `connections_of` lists the app, so after a failure
    the same call finishes the job. The second pass finds grants made from the approval meanwhile.
    """
    _revoke_grants(store, user, client_id, now)
    store.forget_approval(user.user_id, client_id)
    _revoke_grants(store, user, client_id, now)


def revoke(store: Store, grant: Grant, *, now: float) -> None:
    """Revoke a grant. An unredeemed one has no tokens, so nothing is published to the feed."""
    if is_unredeemed(grant) and store.mark_revoked(grant.grant_id, now=int(now), unredeemed=True):
        return
    revoke_grant(store, grant, now=now)


def _revoke_grants(store: Store, user: User, client_id: str, now: float) -> None:
    """Revoke every grant of the app; beyond MOST_ENTRIES with tokens, one entry of the feed covers all.

    That entry revokes every access token of the user, so other apps have to refresh theirs. It is published first, so
    that the grants can be found again after a failure, and once more afterwards, for what was issued meanwhile.
    """
    clock = clock_from(now)
    found = [each for each in store.grants_of(user.user_id) if each.client_id == client_id and is_revocable(each, now)]
    if len([each for each in found if may_have_tokens(each, now) and not has_slept(each, now)]) <= MOST_ENTRIES:
        for grant in found:
            if not revoke_slept(store, grant, now=now):
                revoke(store, grant, now=now)
        return
    store.publish(everything_of("user", user.user_id, now))
    for grant in found:
        store.mark_revoked(grant.grant_id, now=int(now))
    store.publish(everything_of("user", user.user_id, clock()))
