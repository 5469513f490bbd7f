"""Deletion of an account: it removes everything of it, and voids its credentials."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from gatepost.accounts.accounts import change_email
from gatepost.accounts.removal import delete_user
from gatepost.authentication.sessions import start_session
from gatepost.authentication.sign_in import check_active, check_may_enter, name_behind
from gatepost.clients.owner_changes import InvalidApp, create_app
from gatepost.errors import Conflict, InvalidGrant, TemporarilyUnavailable
from gatepost.identifiers import new_id
from gatepost.stores.record_keys import AppKey, LoginKey, UserKey
from tests.contract.records import APPROVAL
from tests.unit.meanwhile import meanwhile, unavailable
from tests.unit.signing_in import account, add_user, opens
from tests.unit.world import ALICE, NOTHING, NOW, PASSWORD, World, app_details


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
    app = world.add_app(replace(world.web, client_id=new_id(), owner=bob.user_id))
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
