"""Ends of administrators: one always stays, and who may not leave has lost nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.admin_changes import change_user
from gatepost.accounts.removal import LastAdministrator, activate_user, deactivate_user, delete_user, demote
from gatepost.authentication.sessions import start_session
from gatepost.clients.owner_changes import create_app
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.identifiers import digest
from gatepost.model.records import Login, User
from gatepost.stores.record_keys import AppKey, SessionKey, UserKey
from tests.unit.meanwhile import meanwhile
from tests.unit.signing_in import account
from tests.unit.world import ALICE, LIVING, NOW, World, app_details

BOSS = User(user_id="boss-id", user_name="boss", role="administrator", status="active", created_at=NOW)
ADMIN = ALICE._replace(role="administrator")


@pytest.fixture
def two(world: World) -> World:
    """Alice and the boss are administrators."""
    world.store.set_user_rights("alice-id", role="administrator")
    world.store.create_user(BOSS, Login(user_id="boss-id", password_hash="h"))
    return world


@pytest.mark.parametrize("by", [None, BOSS])
def test_s125_beside_another_administrator_one_can_go(two: World, by: User | None) -> None:
    demote(two.store, ADMIN, by=by)
    assert account(two, ALICE) == ALICE


@pytest.mark.parametrize("end", ["demote", "deactivate", "delete"])
@pytest.mark.parametrize("other", ["gone", "user", "deactivated"])
def test_s125_the_last_one_stays(two: World, end: str, other: str) -> None:
    if other == "gone":
        delete_user(two.store, BOSS, now=NOW)
    elif other == "user":
        two.store.set_user_rights("boss-id", role="user")
    else:
        two.store.set_user_status("boss-id", "deactivated")
    two.store.add_grant(LIVING)
    ends: dict[str, Callable[[], object]] = {
        "demote": lambda: demote(two.store, ADMIN, by=BOSS),
        "deactivate": lambda: deactivate_user(two.store, ADMIN, now=NOW, by=BOSS),
        "delete": lambda: delete_user(two.store, ADMIN, now=NOW),
    }

    with pytest.raises(LastAdministrator):
        ends[end]()

    assert account(two, ALICE) == ADMIN
    assert two.store.grants_of("alice-id") == [LIVING]
    assert ("user", "alice-id") not in two.published


def test_s353_an_administrator_who_may_not_leave_has_lost_nothing(two: World) -> None:
    app, _ = create_app(two.store, two.settings, owner=ADMIN, details=app_details(), now=NOW)
    cookie = start_session(two.store, two.settings, "alice-id", user_agent="", source_ip="192.0.2.9", now=NOW)
    answer = two.redeem(two.code())
    gone = meanwhile(two.store, lambda: two.store.set_user_status("boss-id", "leaving"), "begin_deletion")
    with pytest.raises(LastAdministrator):
        delete_user(gone, ADMIN, now=NOW + 1)

    assert account(two, ALICE) == ADMIN
    assert two.store.read(AppKey(app.client_id), SessionKey("alice-id", digest(cookie))) != (None, None)
    assert two.refresh(answer.refresh_token, now=NOW + 2).access_token
    assert two.published == []


def test_s353_a_deletion_that_was_decided_can_not_be_taken_back(two: World) -> None:
    leaving = ALICE._replace(role="administrator", status="leaving")
    two.store.set_user_status("alice-id", "leaving")

    activate_user(two.store, leaving, now=NOW)
    deactivate_user(two.store, leaving, now=NOW)
    for action in ("deactivate", "reactivate", "approve"):
        with pytest.raises(InvalidAccount):
            change_user(two.store, leaving, action, by=BOSS, role="", scope=None, groups=(), now=NOW)

    assert account(two, ALICE) == leaving
    demote(two.store, leaving, by=BOSS)
    with pytest.raises(LastAdministrator):  # who is leaving counts as none
        demote(two.store, BOSS)


def test_s353_who_became_the_only_administrator_meanwhile_stays_with_everything(two: World) -> None:
    app, _ = create_app(two.store, two.settings, owner=ALICE, details=app_details(), now=NOW)

    def promoted() -> None:
        two.store.set_user_rights("alice-id", role="administrator")
        two.store.set_user_rights("boss-id", role="user")

    with pytest.raises(LastAdministrator):
        delete_user(meanwhile(two.store, promoted, "begin_deletion"), ALICE, now=NOW + 1)
    standing = two.stored(UserKey("alice-id"))
    assert (standing.role, standing.status) == ("administrator", "active")
    assert two.store.read(AppKey(app.client_id)) != (None,)


def test_s125_an_account_that_became_administrator_meanwhile_is_looked_at_anew(two: World) -> None:
    deactivate_user(two.store, ALICE, now=NOW)  # read before it became one

    stopped = two.stored(UserKey("alice-id"))
    assert (stopped.role, stopped.status) == ("administrator", "deactivated")


def test_a_deactivated_administrator_is_made_a_user(two: World) -> None:
    two.store.set_user_status("alice-id", "deactivated")

    demote(two.store, ADMIN._replace(status="deactivated"), by=BOSS)

    assert account(two, ALICE) == ALICE._replace(status="deactivated")


@pytest.mark.parametrize("end", [demote, partial(delete_user, now=NOW)])
def test_an_administrator_who_is_deactivated_needs_no_other(world: World, end: Callable[..., object]) -> None:
    stopped = ADMIN._replace(status="deactivated")
    world.store.set_user_rights("alice-id", role="administrator")
    world.store.set_user_status("alice-id", "deactivated")

    end(world.store, stopped)

    assert account(world, ALICE) in (None, ALICE._replace(status="deactivated"))


def test_an_administrator_who_changes_all_the_time_is_not_taken_for_the_last(
    two: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(*_: object, **__: object) -> None:
        raise Conflict("user")

    monkeypatch.setattr(two.store, "deactivate_user", changed)
    monkeypatch.setattr("gatepost.accounts.removal._PAUSES", (0,))

    with pytest.raises(TemporarilyUnavailable):
        deactivate_user(two.store, ADMIN, now=NOW)
