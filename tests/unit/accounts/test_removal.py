"""Revocations of accounts: the entries of the feed, removable administrators, and surviving links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.admin_changes import change_user
from gatepost.accounts.connected_apps import MOST_ENTRIES, disconnect
from gatepost.accounts.removal import LastAdministrator, activate_user, deactivate_user, delete_user, demote, end_grants
from gatepost.authentication.sessions import start_session
from gatepost.clients.owner_changes import create_app
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.identifiers import digest
from gatepost.model.records import Grant, Login, User
from gatepost.oauth.grant_standing import is_revocable, may_have_tokens
from gatepost.stores.record_keys import AppKey, GrantKey, LoginKey, SessionKey, UserKey
from tests.unit.world import ALICE, NOW, READ, WEB, World, app_details

LIVING = Grant(
    grant_id="alice-id.g1",
    client_id=WEB,
    scope=READ,
    grant_type="password",
    created_at=NOW,
    generation=1,
    idle_expires_at=NOW + 900,
    expires_at=NOW + 900,
)
WAITING = replace(LIVING, grant_id="alice-id.g2", redeem_before=NOW + 60, expires_at=NOW + 60)
BOSS = User(user_id="boss-id", user_name="boss", role="administrator", status="active", created_at=NOW)
ADMIN = replace(ALICE, role="administrator")


def published(world: World) -> list[tuple[str, str]]:
    return [(entry.kind, entry.subject) for entry in world.store.feed(0)]


def account(world: World, user_id: str = "alice-id") -> User | None:
    (found,) = world.store.read(UserKey(user_id))
    assert found is None or isinstance(found, User)
    return found


# What the feed hears of


@pytest.mark.parametrize(
    ("grant", "tokens", "revocable"),
    [
        (LIVING, True, True),
        (replace(LIVING, expires_at=NOW - 299), True, True),  # whoever verifies has a leeway of 300 seconds at most
        (replace(LIVING, expires_at=NOW - 300), False, False),
        (replace(LIVING, revoked_at=NOW - 1), False, False),
        (WAITING, False, True),
        (replace(WAITING, redeem_before=NOW), False, False),
        (replace(WAITING, redeemed_by="somebody"), True, True),
    ],
)
def test_s128_tokens_live_of_grants_that_were_redeemed_and_not_revoked(
    grant: Grant, tokens: bool, revocable: bool
) -> None:
    assert may_have_tokens(grant, NOW) is tokens
    assert is_revocable(grant, NOW) is revocable


def test_s128_ending_everything_is_told_once_where_something_lives(world: World) -> None:
    assert end_grants(world.store, ALICE, now=NOW - 1) is False
    assert published(world) == []

    world.store.add_grant(LIVING)
    user = account(world)
    assert user is not None
    assert end_grants(world.store, user, now=NOW) is True
    assert published(world) == [("user", "alice-id")]

    user = account(world)
    assert user is not None
    assert end_grants(world.store, user, now=NOW + 1) is False
    assert published(world) == [("user", "alice-id")]
    assert user.grants_valid_from == NOW


def test_ending_everything_sets_the_date_though_nothing_lives(world: World) -> None:
    end_grants(world.store, ALICE, now=NOW)

    with pytest.raises(Conflict):  # of a request that read the account before
        world.store.approve(LIVING, user=ALICE, code=None, approval=None)


def test_s128_what_waits_is_ended_and_not_told(world: World) -> None:
    world.store.add_grant(WAITING)

    assert end_grants(world.store, ALICE, now=NOW + 1) is True
    grant = world.stored(GrantKey(WAITING.grant_id))
    assert (grant.revoked_at, published(world)) == (NOW + 1, [])


class Late:
    """A store in which a grant appears between the first read of the grants and the next step."""

    def __init__(self, world: World, grant: Grant) -> None:
        self._store, self._grant, self._looked = world.store, grant, False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)

        def late(*given: Any, **named: Any) -> Any:
            if not self._looked:
                self._looked = True
                self._store.add_grant(self._grant)
            return found(*given, **named)

        return late if name in ("void_user_grants", "deactivate_user", "begin_deletion") else found


@pytest.mark.parametrize("end", [end_grants, deactivate_user])
def test_a_grant_that_comes_after_the_first_look_is_told_by_itself(world: World, end: Callable[..., object]) -> None:
    late: Any = Late(world, LIVING)

    end(late, ALICE, now=NOW)

    assert published(world) == [("grant", LIVING.grant_id)]


def test_stopping_an_account_again_tells_it_again(world: World) -> None:
    world.store.add_grant(LIVING)
    deactivate_user(world.store, ALICE, now=NOW)
    stopped = account(world)
    assert stopped is not None
    deactivate_user(world.store, stopped, now=NOW + 1)

    assert published(world) == [("user", "alice-id")] * 2


@pytest.mark.parametrize(
    ("grants", "told"), [(MOST_ENTRIES, ["grant"] * MOST_ENTRIES), (MOST_ENTRIES + 1, ["user"] * 2)]
)
def test_s128_disconnecting_an_app_writes_so_many_entries_and_no_more(
    world: World, grants: int, told: list[str]
) -> None:
    for number in range(grants):
        world.store.add_grant(replace(LIVING, grant_id=f"alice-id.{number}"))
    world.store.add_grant(replace(WAITING, grant_id="alice-id.w"))

    disconnect(world.store, ALICE, WEB, now=NOW + 1)

    assert [kind for kind, _ in published(world)] == told
    assert all(grant.revoked_at for grant in world.store.grants_of("alice-id"))


# Who may be taken away


@pytest.fixture
def two(world: World) -> World:
    """Alice and the boss are administrators."""
    world.store.set_user_rights("alice-id", role="administrator")
    world.store.create_user(BOSS, Login(user_id="boss-id", password_hash="h"))
    return world


@pytest.mark.parametrize("by", [None, BOSS])
def test_s125_beside_another_administrator_one_can_go(two: World, by: User | None) -> None:
    demote(two.store, ADMIN, by=by)
    assert account(two) == ALICE


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

    assert account(two) == ADMIN
    assert two.store.grants_of("alice-id") == [LIVING]
    assert ("user", "alice-id") not in published(two)


class Gone:
    """A store in which the boss leaves after it was listed, in the moment of the write that counts."""

    def __init__(self, world: World) -> None:
        self._store = world.store

    def __getattr__(self, name: str) -> Any:
        if name in ("begin_deletion", "deactivate_user", "demote"):
            self._store.set_user_status("boss-id", "leaving")
        return getattr(self._store, name)


def test_s353_an_administrator_who_may_not_leave_has_lost_nothing(two: World) -> None:
    app, _ = create_app(two.store, two.settings, owner=ADMIN, details=app_details(), now=NOW)
    cookie = start_session(two.store, two.settings, "alice-id", user_agent="", source_ip="192.0.2.9", now=NOW)
    answer = two.redeem(two.code())
    store: Any = Gone(two)

    with pytest.raises(LastAdministrator):
        delete_user(store, ADMIN, now=NOW + 1)

    assert account(two) == ADMIN
    assert two.store.read(AppKey(app.client_id), SessionKey("alice-id", digest(cookie))) != (None, None)
    assert two.refresh(answer.refresh_token, now=NOW + 2).access_token
    assert published(two) == []


def test_s353_a_deletion_that_was_decided_can_not_be_taken_back(two: World) -> None:
    leaving = replace(ALICE, role="administrator", status="leaving")
    two.store.set_user_status("alice-id", "leaving")

    activate_user(two.store, leaving, now=NOW)
    deactivate_user(two.store, leaving, now=NOW)
    for action in ("deactivate", "reactivate", "approve"):
        with pytest.raises(InvalidAccount):
            change_user(two.store, leaving, action, by=BOSS, role="", scope=None, groups=(), now=NOW)

    assert account(two) == leaving
    demote(two.store, leaving, by=BOSS)
    with pytest.raises(LastAdministrator):  # who is leaving counts as none
        demote(two.store, BOSS)


class Promoted:
    """A store in which an account is made administrator while its deletion is decided, and nobody else is one then."""

    def __init__(self, world: World) -> None:
        self._store = world.store

    def __getattr__(self, name: str) -> Any:
        if name == "begin_deletion":
            self._store.set_user_rights("alice-id", role="administrator")
            self._store.set_user_rights("boss-id", role="user")
        return getattr(self._store, name)


def test_s353_who_became_the_only_administrator_meanwhile_stays_with_everything(two: World) -> None:
    app, _ = create_app(two.store, two.settings, owner=ALICE, details=app_details(), now=NOW)
    store: Any = Promoted(two)

    with pytest.raises(LastAdministrator):
        delete_user(store, ALICE, now=NOW + 1)

    standing = account(two)
    assert standing is not None
    assert (standing.role, standing.status) == ("administrator", "active")
    assert two.store.read(AppKey(app.client_id)) != (None,)


def test_s125_an_account_that_became_administrator_meanwhile_is_looked_at_anew(two: World) -> None:
    deactivate_user(two.store, ALICE, now=NOW)  # read before it became one

    stopped = account(two)
    assert stopped is not None
    assert (stopped.role, stopped.status) == ("administrator", "deactivated")


def test_an_account_that_changes_all_the_time_is_not_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(*_: object, **__: object) -> None:
        raise Conflict("user")

    monkeypatch.setattr(world.store, "deactivate_user", changed)
    monkeypatch.setattr("gatepost.accounts.removal._PAUSES", (0, 0))

    with pytest.raises(TemporarilyUnavailable):
        deactivate_user(world.store, ALICE, now=NOW)


def test_stopping_an_account_that_is_gone_does_nothing(world: World) -> None:
    delete_user(world.store, ALICE, now=NOW)

    deactivate_user(world.store, ALICE, now=NOW + 1)

    assert (account(world), world.store.read(LoginKey("alice"))) == (None, (None,))
