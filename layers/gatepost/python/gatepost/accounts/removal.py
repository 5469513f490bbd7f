"""Revocation of an account's sessions and grants; its deactivation and deletion."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from gatepost.accounts.connected_apps import revoke
from gatepost.clients.lifecycle import delete_app
from gatepost.clients.owners import tell_apps
from gatepost.cutoff import clock_from, write_dated
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.model.feed import Revocation, everything_of
from gatepost.model.records import ACTIVE, ADMINISTRATOR, LEAVING, USER, User
from gatepost.oauth.grant_standing import is_revocable, may_have_tokens
from gatepost.stores.ports.accounts import AccountStore
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import UserKey

_LONGEST_REQUEST = 60  # the longest duration of a request, and difference of clocks, in seconds
_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds: the list of an owner's apps is eventually consistent
_REMEMBERED = 86400  # seconds for which no app can be created for a deleted account
_PART = 100  # page size of the list of accounts


LAST_ADMINISTRATOR = "This is the only administrator. Make someone else an administrator first."


class LastAdministrator(Exception):
    """The account is the only active administrator, and there must be one."""


def sign_out_everywhere(store: Store, user: User, *, now: float) -> None:
    """Revoke every session of the account, and every link that was mailed for it."""
    store.void_sessions(user.user_id, sessions_valid_from=int(now) + 1)
    store.remove_sessions(user.user_id)


def deactivate_user(store: Store, user: User, *, now: float, by: User | None = None) -> None:
    """Deactivate the account: no sign-in, and its sessions, links, known browsers, approvals and grants are void.

    Its apps get no tokens; other users' grants to them stay unusable until they have another owner or the account is
    active again. `by` is the acting administrator. Raises LastAdministrator; TemporarilyUnavailable if the account
    keeps changing, and as `tell_apps` does.
    """
    clock = clock_from(now)
    for pause in _PAUSES:
        try:
            _leaving_an_administrator(store, user, partial(_stop, store, user, clock()), by)
        except Conflict:
            (standing,) = store.read(UserKey(user.user_id))
            if standing is None or standing.status == LEAVING:
                return
            user = standing
            time.sleep(pause)
        else:
            tell_apps(store, user.user_id, now=clock())
            return
    raise TemporarilyUnavailable("try again", reason="the account changes all the time")


def activate_user(store: Store, user: User, *, now: float) -> None:
    """Let the account sign in (again), and its apps get tokens; its earlier grants stay void."""
    clock = clock_from(now)
    store.set_user_status(user.user_id, ACTIVE)
    tell_apps(store, user.user_id, now=clock())


def demote(store: Store, user: User, *, by: User | None = None) -> None:
    """Make an administrator a user. `by` is the acting administrator. Raises LastAdministrator."""
    if user.role == ADMINISTRATOR:

        def make_user(besides: User | None) -> None:
            if besides is None:
                store.set_user_rights(user.user_id, role=USER)
            else:
                store.demote(user.user_id, besides=besides)

        _leaving_an_administrator(store, user, make_user, by)


def end_grants(store: Store, user: User, *, now: float) -> bool:
    """Void all grants of the user; the account stays active, and every app needs consent again.

    The cutoff is written in any case, so that a concurrent request grants nothing; an entry of the feed is published
    only if there may be tokens. Returns whether there was anything to void.
    """

    def write(valid_from: int, revocation: Revocation | None) -> None:
        store.void_user_grants(user.user_id, grants_valid_from=valid_from, revocation=revocation)

    grants = store.grants_of(user.user_id)
    living = any(is_revocable(each, now) for each in grants if each.created_at > user.grants_valid_from)
    _void(store, user, now, write, since=user.grants_valid_from)
    return _forget_approvals(store, user) or living


def delete_user(store: Store, user: User, *, now: float) -> None:
    """Remove the account with its apps, grants and sessions.

    It is decided first, by the write that needs another administrator: from then on the account is LEAVING, and nothing
    is granted, made or opened by it. What it has is ended next, and the account is removed last: after a failure the
    same call goes on, and the owner can still sign in to demand it. If the account was changed meanwhile, or an app was
    handed over to it, everything is repeated.
    Raises LastAdministrator before any change, TemporarilyUnavailable if the account keeps changing.
    """
    clock = clock_from(now)
    for pause in _PAUSES:
        try:
            decided = _decided(store, user, clock)
            _delete_apps(store, decided, clock)
            _forget_approvals(store, decided)
            _remove_traces(store, decided)
            _remove(store, decided, clock())
        except Conflict:
            (standing,) = store.read(UserKey(user.user_id))
            if standing is None:
                return  # deleted concurrently
            user = standing
            time.sleep(pause)
        else:
            _remove_traces(store, user)  # written by concurrent requests; without the account nothing follows
            return
    raise TemporarilyUnavailable("try again", reason="the account changes all the time")


def _stop(store: Store, user: User, now: float, besides: User | None) -> None:
    _end_at_once(store, user, now, store.deactivate_user, besides)


def _decided(store: Store, user: User, clock: Callable[[], float]) -> User:
    """Decide the deletion, and return the account as it is then. Raises LastAdministrator and Conflict("user").

    The role may write no role, so it compares none: an account that was made administrator since it was read is given
    back its status, for the caller to begin again.
    """
    begin = partial(_end_at_once, store, user, clock(), store.begin_deletion)
    _leaving_an_administrator(store, user, begin, None)
    (standing,) = store.read(UserKey(user.user_id))
    if standing is None:
        raise Conflict("user")
    if standing.role != user.role and user.status != LEAVING:
        store.set_user_status(user.user_id, user.status, before=LEAVING)
        raise Conflict("user")
    return standing


def _end_at_once(store: Store, user: User, now: float, end: Callable[..., None], besides: User | None) -> None:
    """Call `end` with the cutoff of the grants; only the first write needs the other administrator."""
    needed = [besides]

    def write(valid_from: int, revocation: Revocation | None) -> None:
        other = needed.pop() if needed else None
        end(user, valid_from=valid_from, revocation=revocation, besides=other)

    _void(store, user, now, write, since=0)


def _remove(store: Store, user: User, now: float) -> None:
    revocation = everything_of("user", user.user_id, now + _LONGEST_REQUEST)
    store.delete_user(user, revocation=revocation, forget_at=int(now) + _REMEMBERED)


def _leaving_an_administrator(store: Store, user: User, change: Callable[[User | None], None], by: User | None) -> None:
    """Call `change` with another active administrator, who must still be one when it takes effect.

    With None if `user` is no administrator. Of two administrators who remove each other, one fails.
    """
    if user.role != ADMINISTRATOR or user.status != ACTIVE:
        change(None)
        return
    for other in _administrators(store, first=by):
        if other.user_id == user.user_id:
            continue
        try:
            change(other)
        except Conflict as conflict:
            if conflict.field != "administrator":
                raise
        else:
            return
    raise LastAdministrator


def _administrators(store: AccountStore, *, first: User | None) -> Iterator[User]:
    """Yield the active administrators of an eventually consistent list; the caller checks the one it uses."""
    if first is not None:
        yield first
    cursor: str | None = None
    while True:
        page = store.users("", cursor=cursor, limit=_PART)
        yield from (user for user in page.items if user.role == ADMINISTRATOR and user.status == ACTIVE)
        cursor = page.cursor
        if cursor is None:
            return


def _void(store: Store, user: User, now: float, write: Callable[[int, Revocation | None], None], *, since: int) -> None:
    """Void the grants up to now: `write` sets the cutoff, with an entry for the feed if there may be tokens.

    Grants up to `since` are already void and published.
    """
    grants = store.grants_of(user.user_id)
    published = any(may_have_tokens(grant, now) and grant.created_at > since for grant in grants)

    def void(at: float) -> None:
        valid_from = max(user.grants_valid_from, int(at))  # a clock that was set back must not restore grants
        write(valid_from, everything_of("user", user.user_id, at) if published else None)

    write_dated(void, now)
    for grant in store.grants_of(user.user_id):
        # the code exchange does not read the account, and may have just redeemed this one
        unheard = not published and grant.created_at > since and may_have_tokens(grant, now)
        just_made = grant.redeem_before > now or unheard
        if just_made:
            revoke(store, grant, now=now)


def _forget_approvals(store: Store, user: User) -> bool:
    """Remove the account's approvals; return whether there were any."""
    approvals = store.approvals_of(user.user_id)
    for approval in approvals:
        store.forget_approval(user.user_id, approval.client_id)
    return bool(approvals)


def _delete_apps(store: Store, user: User, clock: Callable[[], float]) -> None:
    cursor: str | None = None
    while True:
        page = store.apps_of(user.user_id, cursor=cursor, limit=100)
        for app in page.items:
            delete_app(store, app, now=clock())
        cursor = page.cursor
        if cursor is None:
            return


def _remove_traces(store: Store, user: User) -> None:
    store.delete_grants(user.user_id)
    store.forget_sign_ins(user.user_id)  # before the sessions: apps may have to be told first
    store.remove_sessions(user.user_id)
