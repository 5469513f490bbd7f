"""What becomes of an app, and what is published with it, in one step.

What the conditions refuse is in test_app_conflicts.py.
"""

from __future__ import annotations

from operator import methodcaller

import pytest

from gatepost.model.records import DOCUMENTS, App
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey, PermitKey
from tests.contract import app_steps as do
from tests.contract.records import APP, DOCUMENT_APP, STOPPED, register_app
from tests.unit.world import NOW, OTHER, OWNER, READ, native_app

USED = APP._replace(last_used_at=NOW)
NATIVE = native_app(redirect_uris=(), status="pending", grants_valid_from=NOW)
STOPPED_APP = APP._replace(status="deactivated", status_reason="Spam.", grants_valid_from=NOW, version=2)
MARKED = APP._replace(marked_scope=Scope.of("admin"), granted_look="a digest")
WITHDRAWN = MARKED._replace(name="Shop", looks=1, granted_look="", status="pending", grants_valid_from=NOW, version=2)
STANDING = do.COMPLETE._replace(owner_scope=READ, owner_stopped=True)
NOTHING = do.COMPLETE._replace(own_scope=do.NONE, own_scope_by_update=False, owner_scope=do.NONE)
GRANTED = do.COMPLETE._replace(**do.GRANTED, version=2)
TAKEN = GRANTED._replace(own_scope=do.NONE, marked_scope=do.NONE, version=3)
FORGED = GRANTED._replace(owner="eve-id", scope=do.NONE, name="Forged", status="pending")
TOLD, LIMITED = APP._replace(owner_stopped=True), APP._replace(owner_scope=do.NONE)
FRESH = DOCUMENT_APP._replace(fresh_until=NOW + 3600)
SAID = FRESH._replace(name="Another name", redirect_uris=("http://localhost/cb", "https://app.example.test/cb"),
    grant_types=("authorization_code",), scope=READ, approvals_valid_from=NOW, version=2,
)  # fmt: skip
DECIDED = DOCUMENT_APP._replace(marked_scope=Scope.of("admin"), version=2)
WAITING = SAID._replace(looks=1, status="pending", grants_valid_from=NOW)
STRANGER = do.STRANGER._replace(default_scope=READ, registered='{"software_id":"s"}', kept_unused=1000)
ANOTHER = STRANGER._replace(client_id=OTHER)
RENAMED = STRANGER._replace(name="Taken", default_scope=Scope(), registered="{}", version=2)
KEPT = do.document(DOCUMENT_APP, None, revocation=None)
ENDED: do.Step = methodcaller(
    "set_app_status", APP.client_id, "deactivated", reason="", grants_valid_from=NOW, revocation=STOPPED
)
# What is done; the app of that id then, None if there is none; and whether its end is published
EFFECTS: dict[str, tuple[list[do.Step], App | None, bool]] = {
    "made": ([do.made()], APP, False),
    "made without secrets": ([do.made(NATIVE)], NATIVE, False),
    "made for an owner with an empty limit": ([do.made(LIMITED)], LIMITED, False),
    "stopped": ([do.made(), do.STOP], STOPPED_APP, False),
    "working again": ([do.made(), do.STOP, do.status(STOPPED_APP)],
                      STOPPED_APP._replace(status="active", status_reason="", version=3), False),
    "stopped with its tokens": ([do.made(), ENDED], STOPPED_APP._replace(status_reason=""), True),
    "stopped when it was gone": ([ENDED], None, False),
    "removed, and never used": ([do.made(), do.deleted()], None, False),
    "removed, and used": ([do.made(USED), do.deleted(USED)], None, True),
    "removed, and used meanwhile": ([do.made(), do.used(APP), do.deleted()], None, True),
    "removed again": ([do.deleted()], None, False),
    "changed and withdrawn": ([do.made(MARKED), do.changed(WITHDRAWN, MARKED)], WITHDRAWN, True),
    # an app from before is completed
    "completed": ([do.made(do.OLD), do.complete()], do.COMPLETE, False),
    "completed with a standing": (
        [do.made(do.OLD), do.STOP_OWNER, do.LIMIT_OWNER, do.complete(STANDING, status="deactivated", scope=READ)],
        STANDING, False,
    ),
    "completed with nothing, which is known": ([do.made(do.OLD), do.complete(NOTHING)], NOTHING, False),
    # an administrator's grant, an owner's standing
    "granted": ([do.made(do.COMPLETE), do.scoped(do.COMPLETE, FORGED, revocation=None)], GRANTED, False),
    "granted with less": ([do.made(do.COMPLETE), do.scoped(do.COMPLETE)], GRANTED, True),
    "taken again": ([do.made(do.COMPLETE), do.scoped(do.COMPLETE, revocation=None),
                     do.scoped(GRANTED, TAKEN, revocation=None)], TAKEN, False),
    "told of its owner's stop": ([do.made(), do.told(TOLD._replace(name="Forged", version=7))], TOLD, True),
    "told of its owner's limit": ([do.made(), do.told(LIMITED, revocation=None)], LIMITED, False),
    "told of its owner's return": ([do.made(TOLD), do.told(APP, revocation=None)], APP, False),
    "told of another owner": ([do.made(), do.told(TOLD._replace(owner="tomas-id"))], APP, False),
    "told when it was gone": ([do.told(TOLD)], None, False),
    # documents
    "a document": ([KEPT], DOCUMENT_APP, False),
    "fetched again": ([KEPT, do.document(FRESH, DOCUMENT_APP, None)], FRESH, False),
    "changed, and what was decided stays": (
        [KEPT, do.scoped(DOCUMENT_APP, DECIDED, revocation=None), do.used(DECIDED),
         do.document(SAID._replace(version=3), DECIDED, None)],
        SAID._replace(version=3, marked_scope=DECIDED.marked_scope, last_used_at=NOW), False,
    ),
    "changed, and waiting": ([KEPT, do.document(WAITING, DOCUMENT_APP)], WAITING, True),
    "a document removed": ([KEPT, do.used(DOCUMENT_APP), do.deleted(DOCUMENT_APP)], None, True),
    # registration
    "registered": ([do.registered(STRANGER)], STRANGER, False),
    "registered, and never used": ([do.registered(STRANGER), do.deleted(STRANGER)], None, False),
    "registered, and removed": ([do.registered(STRANGER), do.used(STRANGER), do.deleted(STRANGER)], None, True),
    "registered, used, and kept longer": (
        [do.registered(STRANGER), do.used(STRANGER, "s1")],
        STRANGER._replace(last_used_at=NOW, secrets=(APP.secrets[0]._replace(last_used_at=NOW),)), False,
    ),
    "registered and renamed, whoever has that name too": (
        [do.registered(ANOTHER), do.changed(ANOTHER._replace(name="Taken", version=2), ANOTHER, None),
         do.registered(STRANGER), do.changed(RENAMED, STRANGER, None)], RENAMED, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("steps", "expected", "ends"), EFFECTS.values(), ids=EFFECTS)
def test_s21_s119_s128_s222_s351_an_app_changes_in_one_step_with_what_is_published(
    store: Store, steps: list[do.Step], expected: App | None, ends: bool
) -> None:
    for step in steps:
        step(store)

    assert do.stored(store, expected.client_id if expected else APP.client_id) == expected
    assert do.published(store) == ([STOPPED] if ends else [])
    if expected:
        assert expected in store.apps_with_status(expected.status, cursor=None, limit=9).items
        assert expected in store.apps_of(expected.owner, cursor=None, limit=9).items
    assert [store.app_count(nobody) for nobody in (DOCUMENTS, "registered")] == [0, 0]


# Names and places


def app(client_id: str, name: str, owner: str = "owner-id") -> App:
    return APP._replace(client_id=client_id, name=name, owner=owner)


def test_other_owners_and_nobody_can_have_that_name(store: Store) -> None:
    register_app(store, app("a", "Web"), limit=1)
    register_app(store, app("b", "Web", owner="other-id"), limit=1)
    store.register_app(do.STRANGER._replace(name="Web"), now=NOW)

    assert store.read(AppKey("a"), AppKey("b")) == (app("a", "Web"), app("b", "Web", owner="other-id"))
    assert store.app_count("owner-id") == 1


def test_a_removed_app_leaves_its_name_and_its_place_once(store: Store) -> None:
    register_app(store, app("a", "Web"), limit=1)
    for _ in range(2):
        store.delete_app(app("a", "Web"), revocation=STOPPED)

    register_app(store, app("b", "web"), limit=1)
    store.delete_app(app("a", "Web"), revocation=STOPPED)

    do.refused("owner", register_app, store, app("c", "Third"), limit=1)
    do.refused("name", register_app, store, app("c", "Web"), limit=2)


def test_an_app_that_was_renamed_meanwhile_goes_with_its_new_name(store: Store) -> None:
    register_app(store, USED, limit=9)
    store.update_app(USED._replace(name="Renamed", version=2), before=USED)

    assert store.delete_app(APP, revocation=STOPPED)

    assert (store.read(AppKey(APP.client_id)), store.feed(0)) == ((None,), [STOPPED])
    register_app(store, APP._replace(name="Renamed"), limit=1)
    register_app(store, APP._replace(client_id="another"), limit=2)


def test_s119_an_app_is_handed_over_with_its_name_and_both_counts_beyond_every_limit(store: Store) -> None:
    register_app(store, TOLD, limit=1)
    mine = APP._replace(client_id="mine", owner="tomas-id", name="Mine", owner_scope=READ)
    register_app(store, mine, limit=1)
    theirs = APP._replace(owner=do.TOMAS.user_id, owner_scope=READ, version=2)

    store.hand_over_app(theirs, before=TOLD, owner=do.TOMAS, revocation=STOPPED)

    assert (do.stored(store), do.published(store)) == (theirs, [STOPPED])
    assert (store.app_count(OWNER.user_id), store.app_count("tomas-id")) == (0, 2)
    assert list(store.apps_of(OWNER.user_id, cursor=None, limit=9).items) == []
    assert theirs in store.apps_of("tomas-id", cursor=None, limit=9).items
    again = APP._replace(client_id="again")
    register_app(store, again, limit=1)  # its name is free here, and taken there
    do.refused("name", store.create_app, again._replace(client_id="x", owner="tomas-id"), owner=do.TOMAS, limit=9)
    store.delete_app(theirs, revocation=STOPPED)
    assert store.app_count("tomas-id") == 1


# Initial access tokens


def test_s226_permits_are_used_with_a_registration_listed_beside_no_app_and_removed(store: Store) -> None:
    later = do.PERMIT._replace(permit_hash="another-hash", created_at=NOW + 1)
    for permit in (do.PERMIT, later):
        store.save_permit(permit)
    for uses, client_id in enumerate((APP.client_id, OTHER), 1):
        registered = do.STRANGER._replace(client_id=client_id)
        store.register_app(registered, permit_hash=do.PERMIT.permit_hash, now=NOW + 59)
        assert store.read(PermitKey(do.PERMIT.permit_hash)) == (do.PERMIT._replace(uses=uses),)
        assert do.stored(store, client_id) == registered

    assert store.permits() == [later, do.PERMIT._replace(uses=2)]
    for gone in (later.permit_hash, "unknown"):
        store.remove_permit(gone)
    assert store.permits() == [do.PERMIT._replace(uses=2)]
