"""The password check (S32, S33, S34, S63)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.authentication.sign_in import (
    check_active,
    check_may_enter,
    counter_keys,
    login_key,
    name_behind,
    name_key,
    remembered_device,
)
from gatepost.authentication.throttling import account_key, guesses_a_day, name_gate
from gatepost.errors import InvalidGrant, TooManyAttempts
from gatepost.model.records import Attempts, Login, User
from gatepost.stores.record_keys import LoginKey, UserKey
from tests.unit.signing_in import add_user, sign_in
from tests.unit.world import ALICE, NOW, PASSWORD, SETTINGS, World

ADDRESS = "bob@example.test"
BOB = User(
    user_id="bob-id",
    user_name="Bob",
    email="Bob@Example.test",
    email_confirmed=True,
    status="active",
    created_at=NOW,
)


def fail(world: World, user_name: str, times: int, now: float = NOW, *, device: str = "") -> None:
    for _ in range(times):
        with pytest.raises(InvalidGrant):
            sign_in(world, user_name, "wrong", now, device=device)


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

    gate = name_gate("hash", attempts, SETTINGS)
    assert gate.wait(NOW) == seconds
    assert gate.wait(NOW + seconds) == gate.wait(NOW + seconds + 1) == 0


def test_s111_failures_are_forgotten_when_their_time_is_over() -> None:
    attempts = Attempts(failures=100, last_failure_at=NOW - 1, expires_at=NOW)

    assert name_gate("hash", attempts, SETTINGS).wait(NOW) == 0
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
    user = replace(ALICE, status=status)

    if enters:
        assert check_may_enter(user) is user
    for refused in (None, *(() if enters else (user,))):
        with pytest.raises(InvalidGrant):
            check_may_enter(refused)


# Names and addresses


@pytest.mark.parametrize("typed", ["Bob@Example.test", "bob@example.test", " BOB@example.TEST ", "ｂob@example.test"])
def test_a_confirmed_address_stands_for_its_name(world: World, typed: str) -> None:
    world.store.create_user(BOB, Login(user_id="bob-id", password_hash="h"))

    assert name_behind(world.store, typed) == "Bob"


@pytest.mark.parametrize(
    "typed", ["bob", "Bob", "", "@", "bob@other.test", "a@" + "b" * 300, "\x00@", "bob@example.test@"]
)
def test_anything_else_stays_what_was_typed(world: World, typed: str) -> None:
    world.store.create_user(BOB, Login(user_id="bob-id", password_hash="h"))

    assert name_behind(world.store, typed) == typed


def test_an_address_that_is_not_confirmed_stands_for_nobody(world: World) -> None:
    unconfirmed = User(user_id="bob-id", user_name="Bob", email="bob@example.test", status="active", created_at=NOW)
    world.store.create_user(unconfirmed, Login(user_id="bob-id", password_hash="h"))

    assert name_behind(world.store, "bob@example.test") == "bob@example.test"


def test_a_name_costs_no_look_at_the_addresses(world: World) -> None:
    before = world.store.round_trips

    name_behind(world.store, "alice")
    assert world.store.round_trips == before
    name_behind(world.store, "alice@example.test")
    assert world.store.round_trips == before + 1


@pytest.fixture
def addressed(world: World) -> World:
    """Bob has an address."""
    bob = add_user(world)
    world.store.change_email(bob, ADDRESS, confirmed=True)
    return world


@pytest.mark.parametrize(("guessed", "other"), [(ADDRESS, "bob"), ("bob", ADDRESS)])
def test_s355_guesses_by_name_or_by_address_make_only_what_was_typed_wait(
    addressed: World, guessed: str, other: str
) -> None:
    fail(addressed, guessed, 5)

    with pytest.raises(TooManyAttempts):
        sign_in(addressed, guessed, PASSWORD)
    fail(addressed, other, 4)
    sign_in(addressed, other, PASSWORD)
    with pytest.raises(TooManyAttempts):  # also after a sign-in by the other
        sign_in(addressed, guessed, PASSWORD)


def test_s34_spelling_the_address_differently_does_not_help(addressed: World) -> None:
    for spelling in (ADDRESS, ADDRESS.upper(), f" {ADDRESS} ", "ｂ" + ADDRESS[1:], ADDRESS.title()):
        fail(addressed, spelling, 1)

    with pytest.raises(TooManyAttempts):
        sign_in(addressed, ADDRESS, PASSWORD)


def guessed_today(world: World, times: int, name: str = "bob", now: float = NOW) -> None:
    for _ in range(times):
        world.store.count_failure(account_key(name, now).name_hash, now=int(now), forget_at=int(now) + 86400)


@pytest.mark.parametrize("name", ["bob", ADDRESS])
def test_s355_beyond_what_one_name_allows_in_a_day_a_right_password_is_answered_as_a_wrong_one(
    addressed: World, name: str
) -> None:
    guessed_today(addressed, guesses_a_day(SETTINGS) - 1)
    sign_in(addressed, name, PASSWORD)
    guessed_today(addressed, 1)

    told = []
    for password in (PASSWORD, "wrong"):
        with pytest.raises(InvalidGrant) as caught:
            sign_in(addressed, name, password)
        assert caught.value.reason == "too many guesses today"
        told.append((caught.value.code, caught.value.status, caught.value.description, caught.value.retry_after))
    assert told[0] == told[1]


def test_s355_the_guesses_of_a_day_stop_no_known_browser_no_other_account_no_later_try_and_no_next_day(
    addressed: World,
) -> None:
    guessed_today(addressed, guesses_a_day(SETTINGS))
    device = remembered_device(addressed.store, account_id(addressed), now=NOW - 99)

    assert sign_in(addressed, "bob", PASSWORD, device=device)
    assert sign_in(addressed, "alice", PASSWORD) == "alice-id"
    assert sign_in(addressed, "bob", PASSWORD, NOW + 1)
    guessed_today(addressed, 99)
    with pytest.raises(InvalidGrant):
        sign_in(addressed, "bob", PASSWORD, NOW + 1)
    assert sign_in(addressed, "bob", PASSWORD, NOW + 86400)


def test_s355_the_account_counts_what_was_wrong_by_either_name_and_nothing_that_was_right(addressed: World) -> None:
    fail(addressed, "bob", 2)
    fail(addressed, ADDRESS, 3)
    sign_in(addressed, "bob", PASSWORD)
    fail(addressed, "bob", 1, device=remembered_device(addressed.store, account_id(addressed), now=NOW))
    fail(addressed, "nobody", 1)

    counted = [addressed.store.read(account_key(name, NOW))[0] for name in ("bob", "nobody", "alice")]
    assert [each.failures if each else 0 for each in counted] == [5, 1, 0]


@pytest.mark.parametrize(
    ("free", "longest", "guesses"), [(5, 900, 109), (3, 60, 1447), (100, 86400, 116), (7, 1000, 102), (5, 64, 1360)]
)
def test_s355_one_name_allows_so_many_wrong_passwords_in_a_day(free: int, longest: int, guesses: int) -> None:
    assert guesses_a_day(replace(SETTINGS, attempts_free=free, attempts_max_wait=longest)) == guesses


def test_s355_every_counter_of_an_account_is_known_by_it(addressed: World) -> None:
    fail(addressed, "Bob", 1)
    fail(addressed, ADDRESS, 1)
    fail(addressed, ADDRESS, 1, NOW + 60_000)
    user = addressed.stored(UserKey(account_id(addressed)))

    found = [each for key in counter_keys(user, NOW + 60_000) for each in addressed.store.read(key)]
    assert [each.failures if each else 0 for each in found] == [1, 2, 1, 2]


def account_id(world: World) -> str:
    login = world.stored(login_key("bob"))
    return login.user_id


# Known browsers


def test_s34_guesses_from_elsewhere_never_stop_a_browser_that_signed_in_before(world: World) -> None:
    device = remembered_device(world.store, "alice-id", now=NOW)
    fail(world, "alice", 5)

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD)
    assert sign_in(world, "alice", PASSWORD, device=device) == "alice-id"


def test_s34_a_known_browser_waits_after_its_own_failures_and_nobody_else_does(world: World) -> None:
    device = remembered_device(world.store, "alice-id", now=NOW)
    fail(world, "alice", 5, device=device)

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD, device=device)
    assert sign_in(world, "alice", PASSWORD) == "alice-id"
    assert sign_in(world, "alice", PASSWORD, NOW + 1, device=device) == "alice-id"
    fail(world, "alice", 4, NOW + 1, device=device)
    assert sign_in(world, "alice", PASSWORD, NOW + 1, device=device) == "alice-id"


@pytest.mark.parametrize("device", ["", "alice-id.invented", "bob-id.x"])
def test_s34_an_invented_browser_is_none(world: World, device: str) -> None:
    fail(world, "alice", 5)

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD, device=device)


def test_s34_a_browser_is_known_for_its_own_user_and_for_a_year(world: World) -> None:
    bob = add_user(world)
    device = remembered_device(world.store, bob.user_id, now=NOW)
    fail(world, "alice", 5)
    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD, device=device)

    device, later = remembered_device(world.store, "alice-id", now=NOW), NOW + 365 * 86400
    fail(world, "alice", 5, later)
    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD, later, device=device)


# The cost of a hash


def test_a_hash_of_another_cost_is_replaced_at_the_next_sign_in_and_opens_the_same(world: World) -> None:
    user, before = add_user(world), world.store.read(login_key("bob"))[0]
    assert before is not None
    assert before.password_hash.startswith("$2b$04$")
    world.set(bcrypt_cost=5)

    assert sign_in(world, "Bob", PASSWORD) == user.user_id
    after = world.stored(login_key("bob"))
    assert after.password_hash.startswith("$2b$05$")
    assert sign_in(world, "bob", PASSWORD) == user.user_id
    assert world.store.read(login_key("bob")) == (after,)


def test_a_wrong_password_replaces_no_hash(world: World) -> None:
    before = world.store.read(login_key("alice"))
    world.set(bcrypt_cost=5)
    fail(world, "alice", 1)

    assert world.store.read(login_key("alice")) == before
