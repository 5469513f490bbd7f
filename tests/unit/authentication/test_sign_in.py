"""The password check (S32, S33, S34, S63)."""

from __future__ import annotations

import pytest

from gatepost.authentication.sign_in import check_active, check_may_enter, login_key, name_behind, name_key
from gatepost.authentication.throttling import name_gate
from gatepost.errors import InvalidGrant, TooManyAttempts
from gatepost.model.records import Attempts, Login, User
from gatepost.stores.record_keys import LoginKey
from tests.raising import raised
from tests.unit.signing_in import add_user, fail, sign_in
from tests.unit.world import ALICE, NOW, PASSWORD, SETTINGS, World

BOB = User(
    user_id="bob-id", user_name="Bob", email="Bob@Example.test", email_confirmed=True, status="active", created_at=NOW
)


@pytest.mark.parametrize("user_name", ["alice", "nobody", "", "\x00", "x" * 3000, "name#alice"])
def test_s32_a_wrong_password_and_an_unknown_name_are_told_alike(world: World, user_name: str) -> None:
    caught = raised(InvalidGrant, sign_in, world, user_name, "wrong")
    assert (caught.description, caught.status) == ("the user name or password is wrong", 400)


@pytest.mark.parametrize("user_name", ["alice", "nobody"])
def test_s34_after_five_failures_the_name_waits_whether_it_exists_or_not(world: World, user_name: str) -> None:
    fail(world, user_name, 5)

    caught = raised(TooManyAttempts, sign_in, world, user_name, PASSWORD, NOW)
    assert (caught.retry_after, caught.status, caught.code) == (1, 429, "invalid_grant")


def test_s34_while_a_name_waits_its_right_password_opens_nothing_and_nothing_is_counted(world: World) -> None:
    fail(world, "alice", 5)
    fail(world, "alice", 1, NOW + 1)
    (before,) = world.store.read(name_key("alice"))

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD, NOW + 2)
    assert world.store.read(name_key("alice")) == (before,)
    assert sign_in(world, "alice", PASSWORD, NOW + 3) == "alice-id"


def test_s34_spelling_the_name_differently_does_not_help(world: World) -> None:
    for spelling in ("alice", "ALICE", " alice ", "ａlice", "Alice"):
        fail(world, spelling, 1)

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD)


def test_s34_other_names_do_not_wait_and_signing_in_forgets_the_failures(world: World) -> None:
    fail(world, "nobody", 5)
    for _ in range(2):
        fail(world, "alice", 4)
        assert sign_in(world, "alice", PASSWORD) == "alice-id"


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (10**9, 900)]
)
def test_s34_s111_the_wait_doubles_up_to_a_limit_until_the_failures_are_forgotten(failures: int, seconds: int) -> None:
    attempts = Attempts(failures=failures, last_failure_at=NOW, expires_at=NOW + 86400)

    gate = name_gate("hash", attempts, SETTINGS)
    assert gate.wait(NOW) == seconds
    assert gate.wait(NOW + seconds) == gate.wait(NOW + seconds + 1) == 0
    assert name_gate("hash", attempts._replace(expires_at=NOW), SETTINGS).wait(NOW) == 0
    assert name_gate("hash", None, SETTINGS).wait(NOW) == 0


def test_what_can_not_be_a_name_is_looked_for_where_nothing_is() -> None:
    assert login_key("Alice") == LoginKey("alice")
    assert login_key("x" * 3000) == LoginKey("")
    assert login_key("a#b") == LoginKey("")
    assert name_key("a#b") != name_key("")


def test_an_account_that_is_stopped_is_told_as_a_wrong_password() -> None:
    assert check_active(ALICE) is ALICE
    stopped = User(user_id="x", user_name="x", status="deactivated", created_at=0)
    for user in (None, stopped):
        with pytest.raises(InvalidGrant, match="the user name or password is wrong"):
            check_active(user)


@pytest.mark.parametrize(("status", "enters"), [("active", True), ("leaving", True), ("deactivated", False)])
def test_s353_who_is_leaving_may_sign_in_to_finish_it(status: str, enters: bool) -> None:
    user = ALICE._replace(status=status)

    if enters:
        assert check_may_enter(user) is user
    for refused in (None, *(() if enters else (user,))):
        with pytest.raises(InvalidGrant):
            check_may_enter(refused)


# Names and addresses


def test_a_confirmed_address_stands_for_its_name_and_anything_else_stays_what_was_typed(world: World) -> None:
    carol = BOB._replace(user_id="carol-id", user_name="carol", email="carol@example.test", email_confirmed=False)
    for user in (BOB, carol):
        world.store.create_user(user, Login(user_id=user.user_id, password_hash="h"))

    for typed in ("Bob@Example.test", "bob@example.test", " BOB@example.TEST ", "ｂob@example.test"):
        assert name_behind(world.store, typed) == "Bob"
    for typed in ("bob", "", "@", "bob@other.test", "a@" + "b" * 300, "\x00@", "bob@example.test@", carol.email):
        assert name_behind(world.store, typed) == typed


@pytest.mark.parametrize(("length", "found"), [(254, True), (255, False)])
def test_an_address_longer_than_any_is_not_looked_for(world: World, length: int, found: bool) -> None:
    bob = BOB._replace(email="@example.test".rjust(length, "b"))
    world.store.create_user(bob, Login(user_id="bob-id", password_hash="h"))

    assert name_behind(world.store, bob.email) == ("Bob" if found else bob.email)


def test_an_address_alone_costs_a_look_at_the_addresses(world: World) -> None:
    before = world.store.round_trips

    name_behind(world.store, "alice")
    assert world.store.round_trips == before
    name_behind(world.store, "alice@example.test")
    assert world.store.round_trips == before + 1


# The cost of a hash


def test_a_hash_of_another_cost_is_replaced_at_the_next_sign_in_and_opens_the_same(world: World) -> None:
    user, before = add_user(world), world.store.read(login_key("bob"))[0]
    assert before is not None
    assert before.password_hash.startswith("$2b$04$")
    world.set(bcrypt_cost=5)
    fail(world, "bob", 1)
    assert world.store.read(login_key("bob")) == (before,)

    assert sign_in(world, "Bob", PASSWORD) == user.user_id
    after = world.stored(login_key("bob"))
    assert after.password_hash.startswith("$2b$05$")
    assert sign_in(world, "bob", PASSWORD) == user.user_id
    assert world.store.read(login_key("bob")) == (after,)
