"""Accounts: registration and deactivation (S73)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from gatepost.accounts.accounts import (
    InvalidAccount,
    change_email,
    change_password,
    check_registration,
    create_user,
    register,
)
from gatepost.accounts.removal import activate_user, deactivate_user, end_grants
from gatepost.authentication.sign_in import check_active
from gatepost.errors import Conflict, InvalidGrant
from gatepost.model.links import Link
from gatepost.model.records import User
from gatepost.stores.record_keys import UserKey
from tests.raising import raised
from tests.unit.signing_in import opens, sign_in
from tests.unit.world import ALICE, NOW, PASSWORD, World


def sign_up(world: World, **changes: str) -> User:
    entries = {"user_name": "bob", "email": "bob@example.test", "password": "a better password"} | changes
    return register(world.store, world.settings, **entries, now=NOW + 0.5)


# Registering


def test_s65_a_new_account_has_an_id_of_its_own_and_can_sign_in_with_its_name_in_any_case(world: World) -> None:
    user = sign_up(world, user_name=" Bob ", email=" Bob@example.test ")

    assert (user.user_name, user.email, user.created_at, user.role) == ("Bob", "Bob@example.test", NOW, "user")
    assert len(user.user_id) == 36
    assert world.store.read(UserKey(user.user_id)) == (user,)
    assert sign_in(world, "bOB", "a better password") == user.user_id


FAULTS = {
    ("user_name", "Use 3 to 40 letters, digits, dots or hyphens."): [
        *("", "ab", "a" * 41, ".bob", "bob#1", "bøb", "b\x00b", "<b>bob")
    ],
    ("user_name", "This user name is taken."): ["Alice"],
    ("email", "This is not an e-mail address."): [
        *("bob", "bob\u3164@example.test", "bob@localhost", "bob@a@example.test", "bob@example.test\r\nBcc: all"),
        *("a" * 65 + "@example.test", "bob@" + "a." * 130 + "test"),
    ],
    ("password", "Use at least 10 characters."): ["short"],
    ("password", "Do not use your user name in the password."): ["hello-BOB-1"],
}


@pytest.mark.parametrize(
    ("entry", "value", "fault"),
    [(entry, value, fault) for (entry, fault), values in FAULTS.items() for value in values],
)
def test_an_entry_that_can_not_be_used_is_named(world: World, entry: str, value: str, fault: str) -> None:
    assert raised(InvalidAccount, sign_up, world, **{entry: value}).faults == {entry: fault}


def test_all_faults_are_named_at_once(world: World) -> None:
    caught = raised(InvalidAccount, sign_up, world, user_name="", email="x", password="")
    assert list(caught.faults) == ["user_name", "email", "password"]


def test_an_address_that_nobody_confirmed_is_not_taken_and_none_is_needed(world: World) -> None:
    assert not sign_up(world).email_confirmed
    assert sign_up(world, user_name="carol").email == "bob@example.test"
    assert [sign_up(world, user_name=name, email="").email for name in ("dave", "erin")] == ["", ""]


def test_a_confirmed_address_belongs_to_one_account_whatever_its_case(world: World) -> None:
    make = partial(create_user, world.store, world.settings, confirmed=True, now=NOW)
    first = make("bob", "bob@example.test", "h")

    assert first.email_confirmed
    caught = raised(InvalidAccount, make, "carol", "BOB@example.test", "h")
    assert caught.faults == {"email": "This e-mail address is in use."}
    caught = raised(InvalidAccount, make, "BOB", "carol@example.test", "h")
    assert caught.faults == {"user_name": "This user name is taken."}


def test_where_accounts_need_approval_a_new_one_can_not_sign_in_until_it_is_let_in(world: World) -> None:
    assert sign_up(world, user_name="carol").status == "active"
    world.set(registration="approval")
    user = sign_up(world)

    assert user.status == "pending"
    assert world.store.read(UserKey(user.user_id)) == (user,)
    with pytest.raises(InvalidGrant, match="the user name or password is wrong"):
        check_active(user)
    activate_user(world.store, user, now=NOW)
    assert check_active(world.store.read(UserKey(user.user_id))[0]).user_id == user.user_id


def test_the_entries_can_be_checked_before_anything_is_written(world: World) -> None:
    entries = {"user_name": "alice", "email": "", "password": PASSWORD}

    check_registration(world.settings, **entries)  # whether the name is taken is found out later
    caught = raised(InvalidAccount, check_registration, world.settings, **entries | {"user_name": " alice"})
    assert list(caught.faults) == ["user_name"]


# Stopping an account


@pytest.mark.parametrize(("stop", "status"), [(deactivate_user, "deactivated"), (end_grants, "active")])
def test_s73_an_account_voids_what_it_granted_and_a_code_on_its_way(world: World, stop: Any, status: str) -> None:
    token, code = world.redeem(world.code()).access_token, world.code()

    stop(world.store, ALICE, now=NOW + 1)

    user = world.stored(UserKey("alice-id"))
    assert (user.status, user.grants_valid_from) == (status, NOW + 1)
    assert not world.opens(token, NOW + 2)
    assert not world.redeems(code, now=NOW + 2)


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
    assert not world.refreshes(answer.refresh_token, now=NOW + 2)


USED = Link(
    link_hash="h", kind="email", user_id="alice-id", user_name="alice", email="a@example.test", expires_at=NOW + 9
)


@pytest.mark.parametrize(
    "use",
    [
        lambda world: create_user(world.store, world.settings, "bob", "", "h", confirmed=False, now=NOW, link=USED),
        lambda world: change_password(world.store, world.settings, ALICE, "a better password", now=NOW, link=USED),
        lambda world: change_email(world.store, ALICE, "new@example.test", confirmed=True, link=USED),
    ],
)
def test_a_used_link_is_told_apart_from_a_field_that_is_wrong(world: World, use: Callable[[World], Any]) -> None:
    assert raised(Conflict, use, world).field == "link"
    assert world.store.read(UserKey("alice-id")) == (ALICE,)
    assert opens(world, PASSWORD)
