"""Apps, the steps that write them, and what tests of their stores look at."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any

from gatepost.errors import Conflict
from gatepost.model.feed import Revocation
from gatepost.model.logo import Logo
from gatepost.model.permits import Permit
from gatepost.model.records import App, Login, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey
from tests.contract.records import APP, STOPPED, register_app
from tests.raising import raised
from tests.unit.world import NOW, OWNER, READ, READ_WRITE, WRITE

TOMAS = OWNER._replace(user_id="tomas-id", user_name="tomas", scope=READ)
OLD = APP._replace(own_scope=None)
COMPLETE = APP._replace(own_scope=READ_WRITE, own_scope_by_update=True)
GRANTED: dict[str, Any] = {
    "own_scope": WRITE,
    "own_scope_by_update": False,
    "marked_scope": READ,
    "granted_look": "a digest",
}
NONE = Scope()
Step = Callable[[Store], object]
B = APP._replace(client_id="b", name="Other")
SECOND = APP._replace(name="Second", version=2)
STRANGER = APP._replace(owner="registered", own_scope=None)
DOCUMENT = APP._replace(fresh_until=NOW + 3600)
LOGO = Logo.of(b"a picture")
PERMIT = Permit(permit_hash="the-permit-hash", created_at=NOW, expires_at=NOW + 60, uses=0, most_uses=2)


def made(app: App = APP, limit: int = 9) -> Step:
    return lambda s: register_app(s, app, limit=limit)


def deleted(app: App = APP) -> Step:
    return lambda s: s.delete_app(app, revocation=STOPPED)


def used(app: App, secret_id: str = "") -> Step:
    return lambda s: s.touch_app(app, secret_id=secret_id, now=NOW)


def changed(app: App = SECOND, before: App = APP, revocation: Revocation | None = STOPPED) -> Step:
    return lambda s: s.update_app(app, before=before, revocation=revocation)


def somebody(user: User = OWNER, **changes: Any) -> Step:
    return lambda s: s.create_user(user._replace(**changes), Login(user_id=user.user_id, password_hash=""))


def for_owner(**changes: Any) -> Step:
    return lambda s: s.create_app(APP, owner=OWNER._replace(**changes), limit=1)


def complete(app: App = COMPLETE, **changes: Any) -> Step:
    return lambda s: s.complete_app(app, owner=OWNER._replace(**changes))


def scoped(before: App, app: App | None = None, revocation: Revocation | None = STOPPED) -> Step:
    granted = app or before._replace(**GRANTED, version=before.version + 1)
    return lambda s: s.set_app_scopes(granted, before=before, revocation=revocation)


def told(app: App, revocation: Revocation | None = STOPPED) -> Step:
    return lambda s: s.set_owner_standing(app, revocation=revocation)


def handed(before: App = APP) -> Step:
    after = before._replace(owner=TOMAS.user_id, owner_scope=TOMAS.scope, version=before.version + 1)
    return lambda s: s.hand_over_app(after, before=before, owner=TOMAS, revocation=STOPPED)


def status(before: App) -> Step:
    return lambda s: s.set_app_status(APP.client_id, "active", reason="", grants_valid_from=None, before=before)


def document(app: App = DOCUMENT, before: App | None = APP, revocation: Revocation | None = STOPPED) -> Step:
    return lambda s: s.keep_document(app, before=before, ttl=NOW + 99, revocation=revocation)


def drawn(before: App = APP, logo: Logo | None = LOGO) -> Step:
    after = before._replace(logo=logo.digest if logo else "", looks=1, version=before.version + 1)
    return lambda s: s.set_app_logo(after, before=before, logo=logo, revocation=STOPPED)


def registered(app: App = STRANGER, permit_hash: str = "", now: int = NOW) -> Step:
    return lambda s: s.register_app(app, permit_hash=permit_hash, now=now)


def permitted(**changes: Any) -> Step:
    return lambda s: s.save_permit(PERMIT._replace(**changes))


def version(number: int) -> App:
    return APP._replace(version=number)


STOP: Step = methodcaller("set_app_status", APP.client_id, "deactivated", reason="Spam.", grants_valid_from=NOW)
STOP_OWNER: Step = methodcaller("set_user_status", OWNER.user_id, "deactivated")
LIMIT_OWNER: Step = methodcaller("set_user_rights", OWNER.user_id, scope=READ)


def stored(store: Store, client_id: str = APP.client_id) -> App | None:
    return store.read(AppKey(client_id))[0]


def published(store: Store) -> list[Revocation]:
    return list(store.feed(0))


def refused(field: str, change: Any, *args: Any, **named: Any) -> None:
    assert raised(Conflict, change, *args, **named).field == field
