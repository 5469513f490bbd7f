"""Ends of accounts: entries of the feed, surviving links, and a deletion that removes everything of one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from gatepost.accounts.accounts import change_email
from gatepost.accounts.connected_apps import MOST_ENTRIES, disconnect
from gatepost.accounts.removal import deactivate_user, delete_user, end_grants
from gatepost.authentication.sessions import start_session
from gatepost.authentication.sign_in import check_active, check_may_enter, name_behind
from gatepost.clients.owner_changes import InvalidApp, create_app
from gatepost.errors import Conflict, InvalidGrant, TemporarilyUnavailable
from gatepost.identifiers import new_id
from gatepost.model.records import Grant
from gatepost.oauth.grant_standing import is_revocable, may_have_tokens
from gatepost.stores.record_keys import AppKey, GrantKey, LoginKey, UserKey
from tests.unit.meanwhile import meanwhile, unavailable
from tests.unit.signing_in import account, add_user, opens
from tests.unit.world import ALICE, APPROVAL, LIVING, NOTHING, NOW, PASSWORD, WEB, World, app_details

WAITING = LIVING._replace(grant_id="alice-id.g2", redeem_before=NOW + 60, expires_at=NOW + 60)


# What the feed hears of


@pytest.mark.parametrize(
    ("grant", "tokens", "revocable"),
    [
        *((LIVING, True, True), (LIVING._replace(revoked_at=NOW - 1), False, False)),
        (LIVING._replace(expires_at=NOW - 299), True, True),  # whoever verifies has a leeway of 300 seconds at most
        (LIVING._replace(expires_at=NOW - 300), False, False),
        *((WAITING, False, True), (WAITING._replace(redeem_before=NOW), False, False)),
        (WAITING._replace(redeemed_by="somebody"), True, True),
    ],
)
def test_s128_tokens_live_of_redeemed_grants(grant: Grant, tokens: bool, revocable: bool) -> None:
    assert may_have_tokens(grant, NOW) is tokens
    assert is_revocable(grant, NOW) is revocable


def test_s128_ending_everything_is_told_once_where_something_lives(world: World) -> None:
    assert end_grants(world.store, ALICE, now=NOW - 1) is False
    assert world.published == []

    world.store.add_grant(LIVING)
    assert end_grants(world.store, world.stored(UserKey("alice-id")), now=NOW) is True
    user = world.stored(UserKey("alice-id"))
    assert end_grants(world.store, user, now=NOW + 1) is False
    assert world.published == [("user", "alice-id")]
    assert user.grants_valid_from == NOW


def test_ending_everything_sets_the_date_though_nothing_lives(world: World) -> None:
    end_grants(world.store, ALICE, now=NOW)

    with pytest.raises(Conflict):  # of a request that read the account before
        world.store.approve(LIVING, user=ALICE, code=None, approval=None)


def test_s128_what_waits_is_ended_and_not_told(world: World) -> None:
    world.store.add_grant(WAITING)

    assert end_grants(world.store, ALICE, now=NOW + 1) is True
    grant = world.stored(GrantKey(WAITING.grant_id))
    assert (grant.revoked_at, world.published) == (NOW + 1, [])


@pytest.mark.parametrize("end", [end_grants, deactivate_user])
def test_a_grant_that_comes_after_the_first_look_is_told_by_itself(world: World, end: Callable[..., object]) -> None:
    names = ("void_user_grants", "deactivate_user", "begin_deletion")
    end(meanwhile(world.store, lambda: world.store.add_grant(LIVING), *names, times=1), ALICE, now=NOW)
    assert world.published == [("grant", LIVING.grant_id)]


def test_stopping_an_account_again_tells_it_again(world: World) -> None:
    world.store.add_grant(LIVING)
    deactivate_user(world.store, ALICE, now=NOW)
    deactivate_user(world.store, world.stored(UserKey("alice-id")), now=NOW + 1)

    assert world.published == [("user", "alice-id")] * 2


@pytest.mark.parametrize(
    ("grants", "told"), [(MOST_ENTRIES, ["grant"] * MOST_ENTRIES), (MOST_ENTRIES + 1, ["user"] * 2)]
)
def test_s128_disconnecting_an_app_writes_a_few_entries(world: World, grants: int, told: list[str]) -> None:
    for number in range(grants):
        world.store.add_grant(LIVING._replace(grant_id=f"alice-id.{number}"))
    world.store.add_grant(WAITING._replace(grant_id="alice-id.w"))

    disconnect(world.store, ALICE, WEB, now=NOW + 1)

    assert [kind for kind, _ in world.published] == told
    assert all(grant.revoked_at for grant in world.store.grants_of("alice-id"))


# Who may be taken away


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

    assert (account(world, ALICE), world.store.read(LoginKey("alice"))) == (None, (None,))


@pytest.mark.parametrize(("now", "revoked_at"), [(NOW + 59, NOW + 59), (NOW + 60, 0)])
def test_a_grant_is_revoked_by_itself_while_its_code_lives(world: World, now: int, revoked_at: int) -> None:
    world.code()

    end_grants(world.store, ALICE, now=now)

    assert [grant.revoked_at for grant in world.store.grants_of("alice-id")] == [revoked_at]


# Deletion


def test_an_account_is_deleted_with_its_apps_its_grants_and_its_sessions(world: World) -> None:
    answer, code = world.redeem(world.code()), world.code()
    world.store.approve(world.grant(answer), user=ALICE, code=None, approval=APPROVAL)
    app, _ = create_app(world.store, world.settings, owner=ALICE, details=app_details(), now=NOW)
    start_session(world.store, world.settings, "alice-id", user_agent="", source_ip="192.0.2.9", now=NOW)

    delete_user(world.store, ALICE, now=NOW + 1)

    store = world.store
    assert store.read(UserKey("alice-id"), LoginKey("alice"), AppKey(app.client_id)) == (None, None, None)
    for found in (store.sessions_of, store.grants_of, store.approvals_of):
        assert found("alice-id") == []
    assert not opens(world, PASSWORD)
    assert not world.opens(answer.access_token, NOW + 2)
    assert not world.redeems(code, now=NOW + 2)
    assert not world.refreshes(answer.refresh_token, now=NOW + 2)


def test_what_others_granted_to_an_app_ends_with_its_owner_whose_name_and_address_are_free(world: World) -> None:
    bob = add_user(world)
    change_email(world.store, bob, "bob@example.test", confirmed=True)
    app = world.add_app(world.web._replace(client_id=new_id(), owner=bob.user_id))
    answer = world.redeem(world.code(app), app)

    delete_user(world.store, world.stored(UserKey(bob.user_id)), now=NOW + 1)

    assert not world.opens(answer.access_token, NOW + 2)
    assert account(world, ALICE) == ALICE
    assert world.opens(world.redeem(world.code()).access_token, NOW + 2)
    again = add_user(world)
    change_email(world.store, again, "bob@example.test", confirmed=True)
    assert name_behind(world.store, "bob@example.test") == "bob"


@pytest.mark.parametrize("step", ["approvals_of", "apps_of", "delete_grants", "remove_sessions", "delete_user"])
def test_s353_a_failure_on_the_way_leaves_an_account_that_can_be_deleted_again(world: World, step: str) -> None:
    answer, code = world.redeem(world.code()), world.code()
    with pytest.raises(TemporarilyUnavailable):
        delete_user(meanwhile(world.store, unavailable, step), ALICE, now=NOW + 1)
    assert opens(world, PASSWORD)
    assert not world.opens(answer.access_token, NOW + 2)
    assert not world.redeems(code, now=NOW + 2)
    standing = world.stored(UserKey("alice-id"))
    assert standing.status == "leaving"
    assert check_may_enter(standing) == standing
    with pytest.raises(InvalidGrant):
        check_active(standing)
    delete_user(world.store, standing, now=NOW + 3)
    assert world.store.read(UserKey("alice-id"), LoginKey("alice")) == (None, None)


def test_s353_nothing_is_granted_or_made_while_an_account_is_deleted(world: World) -> None:
    """Concurrent requests come between the decision and the last step."""

    def granted() -> None:
        with pytest.raises(InvalidGrant):
            world.send(world.web, grant_type="password", username="alice", password=PASSWORD, now=NOW + 9)
        with pytest.raises(InvalidApp):
            create_app(world.store, world.settings, owner=ALICE, details=app_details(), now=NOW + 9)

    delete_user(meanwhile(world.store, granted, "remove_sessions"), ALICE, now=NOW + 1)
    assert world.store.grants_of("alice-id") == []
    assert account(world, ALICE) is None


def test_a_deleted_account_voids_what_is_issued_for_a_minute_and_has_no_apps_for_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    how: list[dict[str, Any]] = []
    monkeypatch.setattr(time, "monotonic", lambda: 7.0)  # so that the deletion takes no time
    monkeypatch.setattr(world.store, "delete_user", lambda _user, **more: how.append(more))
    delete_user(world.store, ALICE, now=NOW + 0.5)
    (more,) = how
    assert more["forget_at"] == NOW + 86400
    assert (more["revocation"].kind, more["revocation"].subject) == ("user", "alice-id")
    assert more["revocation"].revoked_at == NOW + 60.5


def test_of_two_who_delete_an_account_the_second_finds_it_gone(world: World) -> None:
    def deleted() -> None:
        world.store.delete_user(world.stored(UserKey("alice-id")), revocation=NOTHING, forget_at=NOW)
        raise Conflict("user")

    delete_user(meanwhile(world.store, deleted, "delete_user", times=1), ALICE, now=NOW)
    assert world.store.read(UserKey("alice-id")) == (None,)
