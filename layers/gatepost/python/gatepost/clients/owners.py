"""The status of an app's owner, copied to the app: a token request reads the app and need not read its owner."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from gatepost.clients.scopes import CLIENT_CREDENTIALS, granted_to_itself
from gatepost.cutoff import clock_from, write_dated
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.model.feed import Revocation, everything_of
from gatepost.model.records import ACTIVE, App, User
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, UserKey

if TYPE_CHECKING:
    from gatepost.stores.ports.apps import AppStore
    from gatepost.stores.ports.store import Store

_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)  # seconds: the list of an owner's apps is eventually consistent
_PART = 100


def completed(app: App, owner: User | None) -> App:
    """Return the app with the fields that older releases lack: the own scope that it keeps, and its owner's status."""
    return app._replace(
        own_scope=granted_to_itself(app),
        own_scope_by_update=bool(granted_to_itself(app)),
        owner_scope=owner.scope if owner else Scope(),
        owner_stopped=owner is None or owner.status != ACTIVE,
    )


def read_completed(store: Store, app: App) -> App | None:
    """Return the app, completed if of an older release, without writing it; one extra round trip only then.

    None if it is gone.
    """
    if app.is_complete:
        return app
    owner, standing = store.read(UserKey(app.owner), AppKey(app.client_id))
    return completed(standing, owner) if standing is not None and not standing.is_complete else standing


def complete(store: AppStore, app: App, owner: User) -> App:
    """Write the missing fields of an app of an older release, so that later changes don't affect the scopes it keeps.

    Raises Conflict("version") if the app or its owner changed since they were read.
    """
    if app.is_complete:
        return app
    app = completed(app, owner)
    try:
        store.complete_app(app, owner=owner)
    except Conflict:
        raise Conflict("version") from None
    return app


def tell_apps(store: Store, user_id: str, *, now: float) -> None:
    """Copy the account's status and scope limit to the user's apps.

    `now` is the time of this call. Call this after changing status or limit: an app created meanwhile has checked its
    owner, or is counted by then. Changes made meanwhile are copied too.
    Raises TemporarilyUnavailable if not every app can be found; call it again.
    """
    clock = clock_from(now)
    for pause in _PAUSES:
        if store.app_count(user_id) == 0:
            return
        (owner,) = store.read(UserKey(user_id))
        if owner is None:
            return  # its apps were deleted before
        apps = apps_of(store, user_id)
        for app in apps:
            _tell(store, app, owner, clock)
        (standing,) = store.read(UserKey(user_id))
        if standing is None or (_standing(standing) == _standing(owner) and len(apps) >= store.app_count(user_id)):
            return
        time.sleep(pause)
    raise TemporarilyUnavailable("try again", reason="the list of an owner's apps is behind")


def apps_of(store: Store, user_id: str) -> Sequence[App]:
    """Return the apps of a user; one that was just created or handed over may be missing."""
    listed: list[App] = []
    cursor: str | None = None
    while True:
        page = store.apps_of(user_id, cursor=cursor, limit=_PART)
        listed += page.items
        cursor = page.cursor
        if cursor is None:
            break
    found = store.read_each([AppKey(app.client_id) for app in listed])
    return [app for app in found if app is not None and app.owner == user_id]


def end_own_tokens(app: App, at: float) -> Revocation:
    """Return the revocation of the app's own tokens issued up to then, none of which a user granted.

    Their subject is the app (RFC 9068 §2.2), so it is the entry for a user of that name.
    """
    return everything_of("user", app.client_id, at)


def end_of_own_tokens(app: App, told: App) -> Callable[[float], Revocation] | None:
    """Return the revocation of the app's own tokens by its time, None if its owner's new standing ends none of them."""
    if CLIENT_CREDENTIALS not in app.grant_types or not _is_narrower(told, app):
        return None
    return lambda at: end_own_tokens(app, at)


def _tell(store: Store, app: App, owner: User, clock: Callable[[], float]) -> None:
    told = app._replace(owner_scope=owner.scope, owner_stopped=owner.status != ACTIVE)
    if told == app:
        return
    ends = end_of_own_tokens(app, told)
    if ends is None:
        store.set_owner_standing(told, revocation=None)
        return
    now = clock()

    def tell(at: float) -> None:
        if at == now:
            store.set_owner_standing(told, revocation=ends(at))
        else:  # copied: only the later cutoff remains to be published
            store.publish(ends(at))

    write_dated(tell, now)


def _is_narrower(told: App, before: App) -> bool:
    if told.owner_stopped:
        return not before.owner_stopped
    limit = told.owner_scope
    return limit is not None and (before.owner_scope is None or not before.owner_scope <= limit)


def _standing(user: User) -> tuple[str, Scope | None]:
    return user.status, user.scope
