"""Accounts: registering, the one door of the password (S32, S33, S34, S63), and stopping an account (S73)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.accounts import (
    InvalidAccount,
    check_active,
    check_password,
    deactivate_user,
    end_grants,
    login_keys,
    normalized,
    register,
    seconds_to_wait,
)
from gatepost.errors import InvalidGrant, TooManyAttempts
from gatepost.model import Attempts, Grant, User
from gatepost.stores.ports import AttemptsKey, GrantKey, LoginKey, UserKey
from tests.unit.world import ALICE, NOW, PASSWORD, SETTINGS, World


def sign_up(world: World, **changes: str) -> User:
    entries = {"user_name": "bob", "email": "bob@example.test", "password": "a better password"} | changes
    return register(world.store, world.settings, **entries, now=NOW + 0.5)


def sign_in(world: World, user_name: str, password: str, now: float = NOW) -> str:
    login, attempts = world.store.read(*login_keys(user_name))
    return check_password(world.store, world.settings, user_name, password, login, attempts, now=now)


def fail(world: World, user_name: str, times: int, now: float = NOW) -> None:
    for _ in range(times):
        with pytest.raises(InvalidGrant):
            sign_in(world, user_name, "wrong", now)


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


def test_an_address_is_in_use_whatever_its_case(world: World) -> None:
    sign_up(world)

    with pytest.raises(InvalidAccount) as caught:
        sign_up(world, user_name="carol", email="BOB@example.test")
    assert caught.value.faults == {"email": "This e-mail address is in use."}


# Signing in


def test_the_right_password_opens_the_account(world: World) -> None:
    assert sign_in(world, "alice", PASSWORD) == "alice-id"


@pytest.mark.parametrize("user_name", ["alice", "nobody", "", "\x00", "x" * 3000, "name#alice"])
def test_s32_a_wrong_password_and_an_unknown_name_are_told_alike(world: World, user_name: str) -> None:
    with pytest.raises(InvalidGrant) as caught:
        sign_in(world, user_name, "wrong")
    assert (caught.value.description, caught.value.status) == ("the user name or password is wrong", 400)


@pytest.mark.parametrize("user_name", ["alice", "nobody"])
def test_s34_after_five_failures_the_name_waits_whether_it_exists_or_not(world: World, user_name: str) -> None:
    fail(world, user_name, 5)

    with pytest.raises(TooManyAttempts) as caught:
        sign_in(world, user_name, PASSWORD, NOW)
    assert (caught.value.retry_after, caught.value.status, caught.value.code) == (1, 429, "invalid_grant")


def test_s34_while_a_name_waits_its_right_password_opens_nothing_and_nothing_is_counted(world: World) -> None:
    fail(world, "alice", 5)
    fail(world, "alice", 1, NOW + 1)
    (before,) = world.store.read(login_keys("alice")[1])

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD, NOW + 2)
    assert world.store.read(login_keys("alice")[1]) == (before,)
    assert sign_in(world, "alice", PASSWORD, NOW + 3) == "alice-id"


def test_s34_spelling_the_name_differently_does_not_help(world: World) -> None:
    for spelling in ("alice", "ALICE", " alice ", "ａlice", "Alice"):
        fail(world, spelling, 1)

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD)


def test_s34_other_names_do_not_wait(world: World) -> None:
    fail(world, "nobody", 5)

    assert sign_in(world, "alice", PASSWORD) == "alice-id"


def test_signing_in_forgets_the_failures(world: World) -> None:
    fail(world, "alice", 4)
    sign_in(world, "alice", PASSWORD)
    fail(world, "alice", 4)

    assert sign_in(world, "alice", PASSWORD) == "alice-id"


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (10**9, 900)]
)
def test_s34_the_wait_doubles_up_to_a_limit(failures: int, seconds: int) -> None:
    attempts = Attempts(failures=failures, last_failure_at=NOW, expires_at=NOW + 86400)

    assert seconds_to_wait(attempts, SETTINGS, NOW) == seconds
    assert seconds_to_wait(attempts, SETTINGS, NOW + seconds) == 0


def test_s111_failures_are_forgotten_when_their_time_is_over() -> None:
    attempts = Attempts(failures=100, last_failure_at=NOW - 1, expires_at=NOW)

    assert seconds_to_wait(attempts, SETTINGS, NOW) == 0
    assert seconds_to_wait(None, SETTINGS, NOW) == 0


def test_names_are_compared_in_one_form() -> None:
    assert normalized(" ＡLICE ") == "alice"


def test_what_can_not_be_a_name_is_looked_for_where_nothing_is() -> None:
    assert login_keys("Alice")[0] == LoginKey("alice")
    assert login_keys("x" * 3000)[0] == LoginKey("")
    assert login_keys("a#b")[0] == LoginKey("")
    assert login_keys("a#b")[1] != AttemptsKey("")


def test_an_account_that_is_stopped_is_told_as_a_wrong_password() -> None:
    assert check_active(ALICE) is ALICE
    stopped = User(user_id="x", user_name="x", status="deactivated", created_at=0)
    for user in (None, stopped):
        with pytest.raises(InvalidGrant, match="the user name or password is wrong"):
            check_active(user)


# Stopping an account


@pytest.mark.parametrize(("stop", "status"), [(deactivate_user, "deactivated"), (end_grants, "active")])
def test_s73_an_account_voids_what_it_granted(world: World, stop: Any, status: str) -> None:
    token = world.redeem(world.code()).access_token

    stop(world.store, world.settings, ALICE, now=NOW + 1)

    (user,) = world.store.read(UserKey("alice-id"))
    assert user is not None
    assert (user.status, user.grants_valid_from) == (status, NOW + 1)
    assert not world.opens(token, NOW + 2)


@pytest.mark.parametrize("stop", [deactivate_user, end_grants])
def test_s73_a_code_on_its_way_is_void_with_the_account(world: World, stop: Any) -> None:
    code = world.code(now=NOW)

    stop(world.store, world.settings, ALICE, now=NOW + 1)

    with pytest.raises(InvalidGrant):
        world.redeem(code, now=NOW + 2)


def test_s73_a_code_redeemed_while_the_account_was_being_stopped_is_void_too(world: World) -> None:
    answer = world.redeem(world.code(), now=NOW + 2)  # a clock two seconds ahead

    end_grants(world.store, world.settings, ALICE, now=NOW + 1)

    assert not world.opens(answer.access_token, NOW + 3)


def test_grants_that_need_no_revocation_of_their_own_get_none(world: World) -> None:
    grant = Grant(
        grant_id="alice-id.old",
        client_id=world.web.client_id,
        scope=SETTINGS.scope,
        grant_type="password",
        created_at=NOW,
        generation=1,
        idle_expires_at=NOW + 99,
        expires_at=NOW + 99,
    )
    world.store.add_grant(grant)

    end_grants(world.store, world.settings, ALICE, now=NOW + 1)

    assert world.store.read(GrantKey("alice-id.old")) == (grant,)
