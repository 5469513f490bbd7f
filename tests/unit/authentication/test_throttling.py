"""Throttling of networks, and of guesses of secrets and codes (S34, S59)."""

from __future__ import annotations

import pytest

from gatepost.authentication.factors.password import remembered_device
from gatepost.authentication.sign_in import name_key
from gatepost.authentication.throttling import device_key, name_gate, network_gate, network_key, slowed
from gatepost.errors import InvalidClient, InvalidGrant, TooManyAttempts
from gatepost.model.records import Attempts
from tests.raising import raised
from tests.unit.signing_in import add_user, sign_in
from tests.unit.world import NOW, PASSWORD, SETTINGS, World

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


def spray(world: World, times: int, *, source_ip: str = HERE, now: float = NOW) -> None:
    """Guess once per name, as an attacker with one common password does."""
    for number in range(times):
        with pytest.raises(InvalidGrant):
            sign_in(world, f"name-{number}", "a popular one", now, source_ip=source_ip)


def test_a_network_is_an_address_or_a_64_of_ipv6() -> None:
    assert network_key("192.0.2.1") == network_key("::ffff:192.0.2.1") != network_key("192.0.2.2")
    assert network_key("2001:db8:1:2::1") == network_key("2001:db8:1:2:ffff::1") != network_key("2001:db8:1:3::1")
    assert network_key("") == network_key("not an address")


def test_s129_a_network_that_tries_many_names_is_told_to_wait_but_for_a_right_password(world: World) -> None:
    world.set(network_attempts_free=20)
    spray(world, 20)

    assert raised(TooManyAttempts, sign_in, world, "alice", "wrong", source_ip=HERE).retry_after == 1
    assert sign_in(world, "alice", PASSWORD, source_ip=HERE) == "alice-id"
    with pytest.raises(InvalidGrant):
        sign_in(world, "alice", "wrong", source_ip=ELSEWHERE)


def test_s34_an_account_of_ones_own_does_not_reset_the_counter_of_the_network(world: World) -> None:
    world.set(network_attempts_free=3)
    add_user(world, "mallory")
    spray(world, 2)
    sign_in(world, "mallory", PASSWORD, source_ip=HERE)
    spray(world, 1)

    with pytest.raises(TooManyAttempts):
        sign_in(world, "mallory", "wrong", source_ip=HERE)


def test_s129_neither_a_right_password_nor_a_known_browser_counts_for_its_network(world: World) -> None:
    device = remembered_device(world.store, "alice-id", now=NOW)
    sign_in(world, "alice", PASSWORD, source_ip=HERE)
    with pytest.raises(InvalidGrant):
        sign_in(world, "alice", "wrong", source_ip=HERE, device=device)

    assert world.store.read(network_key(HERE)) == (None,)


@pytest.mark.parametrize(("failures", "seconds"), [(99, 0), (100, 1), (101, 2), (105, 32), (106, 60), (10**6, 60)])
def test_s34_the_wait_of_a_network_stays_short_for_many_may_share_it(failures: int, seconds: int) -> None:
    attempts = Attempts(failures=failures, last_failure_at=NOW, expires_at=NOW + 3600)

    assert network_gate(HERE, attempts, SETTINGS).wait(NOW) == seconds


def test_s34_an_hour_without_a_failure_makes_a_network_start_anew(world: World) -> None:
    world.set(network_attempts_free=3)
    spray(world, 3)
    spray(world, 3, now=NOW + 3600)

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", "wrong", NOW + 3600, source_ip=HERE)


def guess(world: World, source_ip: str = HERE, now: float = NOW) -> InvalidClient:
    return slowed(
        world.store, world.settings, source_ip, InvalidClient("wrong", challenge=True, client_id="a"), now=now
    )


def test_s138_a_network_that_tries_out_secrets_is_told_to_wait_by_the_same_error(world: World) -> None:
    world.set(network_attempts_free=50)
    assert [guess(world).retry_after for _ in range(50)] == [0] * 50

    told = guess(world)
    assert (told.code, told.status, told.challenge, told.retry_after) == ("invalid_client", 401, True, 1)
    assert told.facts == {"client_id": "a"}
    assert guess(world, ELSEWHERE).retry_after == 0
    assert guess(world, now=NOW + 1).retry_after == 0


def test_s129_wrong_secrets_and_wrong_passwords_have_counters_of_their_own(world: World) -> None:
    world.set(network_attempts_free=2)
    spray(world, 2)
    assert [guess(world).retry_after for _ in range(3)] == [0, 0, 1]

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", "wrong", source_ip=HERE)


# How long a counter is kept, and what a lost race is told


def test_a_failure_is_kept_for_a_day_under_the_name_and_for_an_hour_under_the_network(world: World) -> None:
    world.set(attempts_free=1, network_attempts_free=9)
    for failures, now in ((1, NOW), (2, NOW + 5)):  # the second one beyond the free tries
        with pytest.raises(InvalidGrant):
            sign_in(world, "alice", "wrong", now + 0.9)
        for key, seconds in ((name_key("alice"), 86400), (network_key(HERE), 3600)):
            assert world.stored(key) == Attempts(failures=failures, last_failure_at=now, expires_at=now + seconds)


def test_a_failure_of_a_known_browser_is_kept_for_a_year(world: World) -> None:
    device = remembered_device(world.store, "alice-id", now=NOW - 99)
    with pytest.raises(InvalidGrant):
        sign_in(world, "alice", "wrong", device=device)

    assert world.stored(device_key(device)).expires_at == NOW + 31_536_000


def test_a_guess_that_lost_a_race_may_be_repeated_after_a_second(world: World) -> None:
    world.store.count_failure("h", now=NOW - 1, forget_at=NOW + 9)
    stale = Attempts(failures=9, last_failure_at=NOW - 999, expires_at=NOW + 9)
    for _ in range(8):
        world.store.count_failure("h", now=NOW, forget_at=NOW + 9)
    gate = name_gate("h", stale, SETTINGS)

    assert raised(TooManyAttempts, gate.reserve, world.store, NOW).retry_after == 1
