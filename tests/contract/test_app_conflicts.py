"""Writes about an app that its condition refuses: the field says why, and nothing at all has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller
from typing import Any

import pytest

from gatepost.model.permits import Permit
from gatepost.model.records import App, Login, User
from gatepost.stores.ports.store import Store
from tests.contract.cloud import contents
from tests.contract.owned_apps import COMPLETE, GRANTED, NONE, OLD, TOMAS, refused
from tests.contract.records import APP, STOPPED, owner_of, register_app
from tests.unit.world import NOW, OWNER, READ, READ_WRITE, WRITE

Step = Callable[[Store], object]
B = replace(APP, client_id="b", name="Other")
SECOND = replace(APP, name="Second", version=2)
STRANGER = replace(APP, owner="registered", own_scope=None)
DOCUMENT = replace(APP, fresh_until=NOW + 3600)
PERMIT = Permit(permit_hash="the-permit-hash", created_at=NOW, expires_at=NOW + 60, uses=0, most_uses=2)


def made(app: App = APP, limit: int = 9) -> Step:
    return lambda s: register_app(s, app, limit=limit)


def deleted(app: App = APP) -> Step:
    return lambda s: s.delete_app(app, revocation=STOPPED)


def changed(app: App = SECOND, before: App = APP) -> Step:
    return lambda s: s.update_app(app, before=before, revocation=STOPPED)


def somebody(user: User = OWNER, **changes: Any) -> Step:
    return lambda s: s.create_user(replace(user, **changes), Login(user_id=user.user_id, password_hash=""))


def for_owner(**changes: Any) -> Step:
    return lambda s: s.create_app(APP, owner=replace(OWNER, **changes), limit=1)


def complete(app: App = COMPLETE, **changes: Any) -> Step:
    return lambda s: s.complete_app(app, owner=replace(OWNER, **changes))


def scoped(before: App) -> Step:
    granted = replace(before, **GRANTED, version=before.version + 1)
    return lambda s: s.set_app_scopes(granted, before=before, revocation=STOPPED)


def handed(before: App = APP) -> Step:
    after = replace(before, owner=TOMAS.user_id, owner_scope=TOMAS.scope, version=before.version + 1)
    return lambda s: s.hand_over_app(after, before=before, owner=TOMAS, revocation=STOPPED)


def status(before: App) -> Step:
    return lambda s: s.set_app_status(APP.client_id, "active", reason="", grants_valid_from=None, before=before)


def document(app: App = DOCUMENT, before: App | None = APP) -> Step:
    return lambda s: s.keep_document(app, before=before, ttl=NOW + 99, revocation=STOPPED)


def registered(app: App = STRANGER, permit_hash: str = "", now: int = NOW) -> Step:
    return lambda s: s.register_app(app, permit_hash=permit_hash, now=now)


def permitted(**changes: int) -> Step:
    return lambda s: s.save_permit(replace(PERMIT, **changes))


def version(number: int) -> App:
    return replace(APP, version=number)


STOP: Step = methodcaller("set_app_status", APP.client_id, "deactivated", reason="Spam.", grants_valid_from=NOW)
STOP_OWNER: Step = methodcaller("set_user_status", OWNER.user_id, "deactivated")
LIMIT_OWNER: Step = methodcaller("set_user_rights", OWNER.user_id, scope=READ)
CONFLICTS: dict[str, tuple[list[Step], Step, str]] = {
    # an app is made for an owner who stands as read, with a name and a place
    "its name again": ([made()], made(replace(B, name=APP.name)), "name"),
    "its name in other letters": ([made()], made(replace(B, name=APP.name.upper())), "name"),
    "one app too many": ([made(), made(B)], made(replace(B, client_id="c", name="C"), limit=2), "owner"),
    "of nobody": ([], for_owner(), "user"),
    "of a stopped owner": ([somebody(status="deactivated")], for_owner(), "user"),
    "of an owner who waits": ([somebody(status="pending")], for_owner(), "user"),
    "of an owner who was stopped": ([somebody(status="deactivated")], for_owner(status="deactivated"), "user"),
    "of an owner with a limit": ([somebody(scope=READ)], for_owner(), "user"),
    "of an owner without a limit": ([somebody()], for_owner(scope=READ), "user"),
    "of an owner with another limit": ([somebody(scope=READ_WRITE)], for_owner(scope=READ), "user"),
    "of an owner without an empty limit": ([somebody()], for_owner(scope=NONE), "user"),
    "of an owner with an empty limit": ([somebody(scope=NONE)], for_owner(), "user"),
    # a change is one of the version that was read
    "a change of nothing": ([], changed(), "version"),
    "a change of what is gone": ([made(), changed(), deleted(SECOND)],
                                 changed(replace(SECOND, name="C", version=3), SECOND), "version"),
    "a change of an older version": ([made(), changed()], changed(replace(SECOND, name="Late")), "version"),
    "a change of a later version": ([made(), changed()], changed(replace(APP, version=4), version(3)), "version"),
    "a change of what was stopped": ([made(), STOP], changed(), "version"),
    "a name of another app": ([made(), made(B)], changed(replace(SECOND, name="OTHER")), "name"),
    "a version before a name": ([made(), made(B)], changed(replace(SECOND, name="Other"), version(7)), "version"),
    "a status of an older version": ([made(), changed()], status(APP), "version"),
    "a status of a later version": ([made(), changed()], status(version(3)), "version"),
    "a grant of an older version": ([made(version(2))], scoped(COMPLETE), "version"),
    "a grant of a later version": ([made(version(2))], scoped(replace(COMPLETE, version=3)), "version"),
    "a grant of what is gone": ([made(version(2))], scoped(replace(COMPLETE, client_id="gone")), "version"),
    # completing an app from before
    "completed again": ([made(OLD), complete()], complete(replace(COMPLETE, own_scope=READ)), "version"),
    "completed with a limit there was not": ([made(OLD)], complete(scope=READ), "user"),
    "completed without a limit there is": ([made(OLD), LIMIT_OWNER], complete(), "user"),
    "completed with a stop there was not": ([made(OLD)], complete(status="deactivated"), "user"),
    "completed though changed": ([made(replace(OLD, version=2))], complete(), "version"),
    "completed before it was changed": ([made(OLD)], complete(replace(COMPLETE, version=2)), "version"),
    "completed though gone": ([lambda s: owner_of(s, OLD)], complete(), "version"),
    # handing over
    "over, another version": ([made(), somebody(TOMAS)], handed(version(2)), "version"),
    "over, changed meanwhile": ([made(version(2)), somebody(TOMAS)], handed(), "version"),
    "over, gone meanwhile": ([made(), deleted(), somebody(TOMAS)], handed(), "version"),
    "over, with a name that is taken": (
        [made(), made(replace(B, owner="tomas-id", name=APP.name.upper(), owner_scope=READ))], handed(), "name"
    ),
    "over, to nobody": ([made()], handed(), "user"),
    "over, to who was stopped": ([made(), somebody(TOMAS, status="deactivated")], handed(), "user"),
    "over, to who waits": ([made(), somebody(TOMAS, status="pending")], handed(), "user"),
    "over, to who has another limit": ([made(), somebody(TOMAS, scope=WRITE)], handed(), "user"),
    "over, to who was deleted": (
        [made(), somebody(TOMAS), lambda s: s.delete_user(TOMAS, revocation=STOPPED, forget_at=NOW + 9)],
        handed(),
        "user",
    ),
    # documents
    "a document again": ([document(before=None)], document(before=None), "version"),
    "a document that is gone": ([], document(), "version"),
    "a document that changed": ([document(before=None), document(version(2))], document(), "version"),
    "a document of a later version": ([document(APP, None)], document(version(3), version(2)), "version"),
    # registration
    "an id again": ([registered()], registered(replace(STRANGER, name="Another")), "client_id"),
    "a stale change of a stranger": ([registered(), changed(replace(STRANGER, version=2), STRANGER)],
                                     changed(replace(STRANGER, version=2), STRANGER), "version"),
    "a permit that expired": ([permitted()], registered(permit_hash=PERMIT.permit_hash, now=NOW + 60), "permit"),
    "a permit that is used up": ([permitted(uses=2)], registered(permit_hash=PERMIT.permit_hash), "permit"),
    "a permit of nothing": ([permitted(most_uses=0)], registered(permit_hash=PERMIT.permit_hash), "permit"),
    "an unknown permit": ([], registered(permit_hash=PERMIT.permit_hash), "permit"),
    "a removed permit": ([permitted(), lambda s: s.remove_permit(PERMIT.permit_hash)],
                         registered(permit_hash=PERMIT.permit_hash), "permit"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "write", "field"), CONFLICTS.values(), ids=CONFLICTS)
def test_s119_s222_s226_s351_a_refused_write_says_why_and_changes_nothing(
    store: Store, before: list[Step], write: Step, field: str
) -> None:
    for step in before:
        step(store)
    found = contents(store)

    refused(field, write, store)

    assert contents(store) == found
