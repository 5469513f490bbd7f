"""Accounts: registration and deactivation (S73)."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from gatepost.accounts.accounts import InvalidAccount, check_registration, create_user, register
from gatepost.accounts.removal import activate_user, deactivate_user, end_grants
from gatepost.authentication.sign_in import check_active
from gatepost.errors import InvalidGrant
from gatepost.model.records import Approval, User
from gatepost.stores.record_keys import UserKey
from tests.unit.signing_in import sign_in
from tests.unit.world import ALICE, NOW, PASSWORD, READ, WEB, World


def sign_up(world: World, **changes: str) -> User:
    entries = {"user_name": "bob", "email": "bob@example.test", "password": "a better password"} | changes
    return register(world.store, world.settings, **entries, now=NOW + 0.5)


# Registering


def test_a_new_account_can_sign_in_with_its_name_in_any_case(world: World) -> None:
    user = sign_up(world, user_name=" Bob ", email=" Bob@example.test ")

    assert (user.user_name, user.email, user.created_at, user.role) == ("Bob", "Bob@example.test", NOW, "user")
    assert world.store.read(UserKey(user.user_id)) == (user,)
    assert sign_in(world, "bOB", "a better password") == user.user_id


def test_s65_an_account_gets_an_id_of_its_own(world: World) -> None:
    assert len(sign_up(world).user_id) == 36


def test_an_account_may_do_without_an_address(world: World) -> None:
    assert sign_up(world, email="").email == ""
    assert sign_up(world, user_name="carol", email="").email == ""


@pytest.mark.parametrize(
    ("entry", "value", "fault"),
    [
        ("user_name", "", "Use 3 to 40 letters, digits, dots or hyphens."),
        ("user_name", "ab", "Use 3 to 40 letters, digits, dots or hyphens."),
        ("user_name", "a" * 41, "Use 3 to 40 letters, digits, dots or hyphens."),
        ("user_name", ".bob", "Use 3 to 40 letters, digits, dots or hyphens."),
        ("user_name", "bob#1", "Use 3 to 40 letters, digits, dots or hyphens."),
        ("user_name", "bøb", "Use 3 to 40 letters, digits, dots or hyphens."),
        ("user_name", "b\x00b", "Use 3 to 40 letters, digits, dots or hyphens."),
        ("user_name", "<b>bob", "Use 3 to 40 letters, digits, dots or hyphens."),
        ("user_name", "Alice", "This user name is taken."),
        ("email", "bob", "This is not an e-mail address."),
        ("email", "bob\u3164@example.test", "This is not an e-mail address."),
        ("email", "bob@localhost", "This is not an e-mail address."),
        ("email", "bob@a@example.test", "This is not an e-mail address."),
        ("email", "bob@example.test\r\nBcc: all", "This is not an e-mail address."),
        ("email", "a" * 65 + "@example.test", "This is not an e-mail address."),
        ("email", "bob@" + "a." * 130 + "test", "This is not an e-mail address."),
        ("password", "short", "Use at least 10 characters."),
        ("password", "hello-BOB-1", "Do not use your user name in the password."),
    ],
)
def test_an_entry_that_can_not_be_used_is_named(world: World, entry: str, value: str, fault: str) -> None:
    with pytest.raises(InvalidAccount) as caught:
        sign_up(world, **{entry: value})
    assert caught.value.faults == {entry: fault}


def test_all_faults_are_named_at_once(world: World) -> None:
    with pytest.raises(InvalidAccount) as caught:
        sign_up(world, user_name="", email="x", password="")
    assert list(caught.value.faults) == ["user_name", "email", "password"]


def test_an_address_that_nobody_confirmed_is_not_taken(world: World) -> None:
    assert not sign_up(world).email_confirmed
    assert sign_up(world, user_name="carol").email == "bob@example.test"


def test_a_confirmed_address_belongs_to_one_account_whatever_its_case(world: World) -> None:
    make = partial(create_user, world.store, world.settings, confirmed=True, now=NOW)
    first = make("bob", "bob@example.test", "h")

    assert first.email_confirmed
    with pytest.raises(InvalidAccount) as caught:
        make("carol", "BOB@example.test", "h")
    assert caught.value.faults == {"email": "This e-mail address is in use."}
    with pytest.raises(InvalidAccount) as caught:
        make("BOB", "carol@example.test", "h")
    assert caught.value.faults == {"user_name": "This user name is taken."}


@pytest.mark.parametrize(("registration", "status"), [("open", "active"), ("approval", "pending")])
def test_a_new_account_waits_where_accounts_need_approval(world: World, registration: str, status: str) -> None:
    world.set(registration=registration)
    user = sign_up(world)

    assert user.status == status
    assert world.store.read(UserKey(user.user_id)) == (user,)


def test_an_account_that_waits_can_not_sign_in_until_it_is_let_in(world: World) -> None:
    world.set(registration="approval")
    user = sign_up(world)

    with pytest.raises(InvalidGrant, match="the user name or password is wrong"):
        check_active(user)
    activate_user(world.store, user, now=NOW)
    assert check_active(world.store.read(UserKey(user.user_id))[0]).user_id == user.user_id


def test_the_entries_can_be_checked_before_anything_is_written(world: World) -> None:
    entries = {"user_name": "alice", "email": "", "password": PASSWORD}

    check_registration(world.settings, **entries)  # whether the name is taken is found out later
    with pytest.raises(InvalidAccount) as caught:
        check_registration(world.settings, **(entries | {"user_name": " alice"}))
    assert list(caught.value.faults) == ["user_name"]


# Stopping an account


@pytest.mark.parametrize(("stop", "status"), [(deactivate_user, "deactivated"), (end_grants, "active")])
def test_s73_an_account_voids_what_it_granted(world: World, stop: Any, status: str) -> None:
    token = world.redeem(world.code()).access_token

    stop(world.store, ALICE, now=NOW + 1)

    user = world.stored(UserKey("alice-id"))
    assert (user.status, user.grants_valid_from) == (status, NOW + 1)
    assert not world.opens(token, NOW + 2)


@pytest.mark.parametrize("stop", [deactivate_user, end_grants])
def test_s73_a_code_on_its_way_is_void_with_the_account(world: World, stop: Any) -> None:
    code = world.code(now=NOW)

    stop(world.store, ALICE, now=NOW + 1)

    with pytest.raises(InvalidGrant):
        world.redeem(code, now=NOW + 2)


def test_s73_a_code_redeemed_while_the_account_was_being_stopped_is_void_too(world: World) -> None:
    answer = world.redeem(world.code(), now=NOW + 2)  # a clock two seconds ahead

    end_grants(world.store, ALICE, now=NOW + 1)

    assert not world.opens(answer.access_token, NOW + 3)


def test_an_account_that_is_let_in_again_does_not_get_its_grants_back(world: World) -> None:
    answer = world.redeem(world.code())
    deactivate_user(world.store, ALICE, now=NOW + 1)

    activate_user(world.store, ALICE, now=NOW)

    user = world.stored(UserKey("alice-id"))
    assert (user.status, user.grants_valid_from) == ("active", NOW + 1)
    with pytest.raises(InvalidGrant):
        world.refresh(answer.refresh_token, now=NOW + 2)


def test_who_ends_everything_is_asked_again_by_every_app(world: World) -> None:
    approval = Approval(user_id="alice-id", client_id=WEB, scope=READ, approved_at=NOW)
    world.store.approve(world.grant(world.redeem(world.code())), user=ALICE, code=None, approval=approval)

    end_grants(world.store, ALICE, now=NOW + 1)

    assert world.store.approvals_of("alice-id") == []
