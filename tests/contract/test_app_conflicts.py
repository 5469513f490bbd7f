"""Writes about an app that its condition refuses: the field says why, and nothing at all has changed."""

from __future__ import annotations

import pytest

from gatepost.stores.ports.store import Store
from tests.contract import app_steps as do
from tests.contract.cloud import contents
from tests.contract.records import APP, STOPPED, owner_of
from tests.unit.world import NOW, READ, READ_WRITE, WRITE

CONFLICTS: dict[str, tuple[list[do.Step], do.Step, str]] = {
    # an app is made for an owner who stands as read, with a name and a place
    "its name again": ([do.made()], do.made(do.B._replace(name=APP.name)), "name"),
    "its name in other letters": ([do.made()], do.made(do.B._replace(name=APP.name.upper())), "name"),
    "one app too many": ([do.made(), do.made(do.B)], do.made(do.B._replace(client_id="c", name="C"), limit=2), "owner"),
    "of nobody": ([], do.for_owner(), "user"),
    "of a stopped owner": ([do.somebody(status="deactivated")], do.for_owner(), "user"),
    "of an owner who waits": ([do.somebody(status="pending")], do.for_owner(), "user"),
    "of an owner who was stopped": ([do.somebody(status="deactivated")], do.for_owner(status="deactivated"), "user"),
    "of an owner with a limit": ([do.somebody(scope=READ)], do.for_owner(), "user"),
    "of an owner without a limit": ([do.somebody()], do.for_owner(scope=READ), "user"),
    "of an owner with another limit": ([do.somebody(scope=READ_WRITE)], do.for_owner(scope=READ), "user"),
    "of an owner without an empty limit": ([do.somebody()], do.for_owner(scope=do.NONE), "user"),
    "of an owner with an empty limit": ([do.somebody(scope=do.NONE)], do.for_owner(), "user"),
    # a change is one of the version that was read
    "a change of nothing": ([], do.changed(), "version"),
    "a change of what is gone": ([do.made(), do.changed(), do.deleted(do.SECOND)],
                                 do.changed(do.SECOND._replace(name="C", version=3), do.SECOND), "version"),
    "a change of an older version": ([do.made(), do.changed()], do.changed(do.SECOND._replace(name="Late")), "version"),
    "a change of a later version": (
        [do.made(), do.changed()], do.changed(APP._replace(version=4), do.version(3)), "version"
    ),
    "a change of what was stopped": ([do.made(), do.STOP], do.changed(), "version"),
    "a name of another app": ([do.made(), do.made(do.B)], do.changed(do.SECOND._replace(name="OTHER")), "name"),
    "a version before a name": (
        [do.made(), do.made(do.B)], do.changed(do.SECOND._replace(name="Other"), do.version(7)), "version"
    ),
    "a status of an older version": ([do.made(), do.changed()], do.status(APP), "version"),
    "a status of a later version": ([do.made(), do.changed()], do.status(do.version(3)), "version"),
    "a grant of an older version": ([do.made(do.version(2))], do.scoped(do.COMPLETE), "version"),
    "a grant of a later version": ([do.made(do.version(2))], do.scoped(do.COMPLETE._replace(version=3)), "version"),
    "a grant of what is gone": ([do.made(do.version(2))], do.scoped(do.COMPLETE._replace(client_id="gone")), "version"),
    "a logo of an older version": ([do.made(do.version(2))], do.drawn(), "version"),
    "a logo of what is gone": ([], do.drawn(), "version"),
    # completing an app from before
    "completed again": ([do.made(do.OLD), do.complete()], do.complete(do.COMPLETE._replace(own_scope=READ)), "version"),
    "completed with a limit there was not": ([do.made(do.OLD)], do.complete(scope=READ), "user"),
    "completed without a limit there is": ([do.made(do.OLD), do.LIMIT_OWNER], do.complete(), "user"),
    "completed with a stop there was not": ([do.made(do.OLD)], do.complete(status="deactivated"), "user"),
    "completed though changed": ([do.made(do.OLD._replace(version=2))], do.complete(), "version"),
    "completed before it was changed": ([do.made(do.OLD)], do.complete(do.COMPLETE._replace(version=2)), "version"),
    "completed though gone": ([lambda s: owner_of(s, do.OLD)], do.complete(), "version"),
    # handing over
    "over, another version": ([do.made(), do.somebody(do.TOMAS)], do.handed(do.version(2)), "version"),
    "over, changed meanwhile": ([do.made(do.version(2)), do.somebody(do.TOMAS)], do.handed(), "version"),
    "over, gone meanwhile": ([do.made(), do.deleted(), do.somebody(do.TOMAS)], do.handed(), "version"),
    "over, with a name that is taken": (
        [do.made(), do.made(do.B._replace(owner="tomas-id", name=APP.name.upper(), owner_scope=READ))],
        do.handed(), "name",
    ),
    "over, to nobody": ([do.made()], do.handed(), "user"),
    "over, to who was stopped": ([do.made(), do.somebody(do.TOMAS, status="deactivated")], do.handed(), "user"),
    "over, to who waits": ([do.made(), do.somebody(do.TOMAS, status="pending")], do.handed(), "user"),
    "over, to who has another limit": ([do.made(), do.somebody(do.TOMAS, scope=WRITE)], do.handed(), "user"),
    "over, to who was deleted": (
        [do.made(), do.somebody(do.TOMAS), lambda s: s.delete_user(do.TOMAS, revocation=STOPPED, forget_at=NOW + 9)],
        do.handed(),
        "user",
    ),
    # documents
    "a document again": ([do.document(before=None)], do.document(before=None), "version"),
    "a document that is gone": ([], do.document(), "version"),
    "a document that changed": ([do.document(before=None), do.document(do.version(2))], do.document(), "version"),
    "a document of a later version": ([do.document(APP, None)], do.document(do.version(3), do.version(2)), "version"),
    # registration
    "an id again": ([do.registered()], do.registered(do.STRANGER._replace(name="Another")), "client_id"),
    "a stale change of a stranger": ([do.registered(), do.changed(do.STRANGER._replace(version=2), do.STRANGER)],
                                     do.changed(do.STRANGER._replace(version=2), do.STRANGER), "version"),
    "a permit that expired": (
        [do.permitted()], do.registered(permit_hash=do.PERMIT.permit_hash, now=NOW + 60), "permit"
    ),
    "a permit that is used up": ([do.permitted(uses=2)], do.registered(permit_hash=do.PERMIT.permit_hash), "permit"),
    "a permit of nothing": ([do.permitted(most_uses=0)], do.registered(permit_hash=do.PERMIT.permit_hash), "permit"),
    "an unknown permit": ([], do.registered(permit_hash=do.PERMIT.permit_hash), "permit"),
    "a removed permit": ([do.permitted(), lambda s: s.remove_permit(do.PERMIT.permit_hash)],
                         do.registered(permit_hash=do.PERMIT.permit_hash), "permit"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "write", "field"), CONFLICTS.values(), ids=CONFLICTS)
def test_s119_s222_s226_s351_refusals_say_why(store: Store, before: list[do.Step], write: do.Step, field: str) -> None:
    for step in before:
        step(store)
    found = contents(store)

    do.refused(field, write, store)

    assert contents(store) == found
