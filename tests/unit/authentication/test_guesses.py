"""Guesses by name and by address, those of a day, and browsers that signed in before."""

from __future__ import annotations

import pytest

from gatepost.authentication.factors.password import remembered_device
from gatepost.authentication.sign_in import counter_keys, login_key
from gatepost.authentication.throttling import account_key, guesses_a_day
from gatepost.errors import InvalidGrant, TooManyAttempts
from gatepost.stores.record_keys import UserKey
from tests.raising import raised
from tests.unit.signing_in import add_user, fail, sign_in
from tests.unit.world import NOW, PASSWORD, SETTINGS, World

ADDRESS = "bob@example.test"


@pytest.fixture
def addressed(world: World) -> World:
    """Bob has an address."""
    bob = add_user(world)
    world.store.change_email(bob, ADDRESS, confirmed=True)
    return world


@pytest.mark.parametrize(("guessed", "other"), [(ADDRESS, "bob"), ("bob", ADDRESS)])
def test_s355_guesses_make_only_what_was_typed_wait(addressed: World, guessed: str, other: str) -> None:
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
def test_s355_beyond_the_guesses_of_a_day_a_right_password_is_as_a_wrong_one(addressed: World, name: str) -> None:
    guessed_today(addressed, guesses_a_day(SETTINGS) - 1)
    sign_in(addressed, name, PASSWORD)
    guessed_today(addressed, 1)

    told = []
    for password in (PASSWORD, "wrong"):
        caught = raised(InvalidGrant, sign_in, addressed, name, password)
        assert caught.reason == "too many guesses today"
        told.append((caught.code, caught.status, caught.description, caught.retry_after))
    assert told[0] == told[1]


def test_s355_the_guesses_of_a_day_stop_no_known_browser_other_account_or_next_day(addressed: World) -> None:
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
    assert guesses_a_day(SETTINGS._replace(attempts_free=free, attempts_max_wait=longest)) == guesses


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


def test_s34_a_browser_is_known_for_its_own_user_and_for_a_year_and_none_is_invented(world: World) -> None:
    bobs = remembered_device(world.store, add_user(world).user_id, now=NOW)
    fail(world, "alice", 5)
    for device in ("", "alice-id.invented", "bob-id.x", bobs):
        with pytest.raises(TooManyAttempts):
            sign_in(world, "alice", PASSWORD, device=device)

    device, later = remembered_device(world.store, "alice-id", now=NOW), NOW + 365 * 86400
    fail(world, "alice", 5, later)
    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD, later, device=device)
