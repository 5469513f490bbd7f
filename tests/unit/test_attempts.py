"""Waits of networks, and of those who try out secrets and codes (S34, S59)."""

from __future__ import annotations

import pytest

from gatepost.attempts import network_gate, network_key, slowed
from gatepost.errors import InvalidClient, InvalidGrant, TooManyAttempts
from gatepost.model import Attempts
from tests.unit.signing_in import add_user, sign_in
from tests.unit.world import NOW, PASSWORD, SETTINGS, World

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
WRONG = InvalidClient("the app is not known or its credentials are wrong", client_id="app")


def spray(world: World, times: int, *, source_ip: str = HERE, now: float = NOW) -> None:
    """One guess a name, as somebody does who knows one password that many people use."""
    for number in range(times):
        with pytest.raises(InvalidGrant):
            sign_in(world, f"name-{number}", "a popular one", now, source_ip=source_ip)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("", "not an address", True),
    ],
)
def test_a_network_is_an_address_or_a_64_of_ipv6(one: str, other: str, *, same: bool) -> None:
    assert (network_key(one) == network_key(other)) is same


def test_s34_a_network_that_tries_many_names_waits_whatever_the_name(world: World) -> None:
    world.set(network_attempts_free=20)
    spray(world, 20)

    with pytest.raises(TooManyAttempts) as caught:
        sign_in(world, "alice", PASSWORD, source_ip=HERE)
    assert caught.value.retry_after == 1
    assert sign_in(world, "alice", PASSWORD, source_ip=ELSEWHERE) == "alice-id"
    assert sign_in(world, "alice", PASSWORD, NOW + 1, source_ip=HERE) == "alice-id"


def test_s34_an_account_of_ones_own_does_not_reset_the_counter_of_the_network(world: World) -> None:
    world.set(network_attempts_free=3)
    add_user(world, "mallory")
    spray(world, 2)
    sign_in(world, "mallory", PASSWORD, source_ip=HERE)
    spray(world, 1)

    with pytest.raises(TooManyAttempts):
        sign_in(world, "mallory", PASSWORD, source_ip=HERE)


@pytest.mark.parametrize(("failures", "seconds"), [(99, 0), (100, 1), (101, 2), (105, 32), (106, 60), (10**6, 60)])
def test_s34_the_wait_of_a_network_stays_short_for_many_may_share_it(failures: int, seconds: int) -> None:
    attempts = Attempts(failures=failures, last_failure_at=NOW, expires_at=NOW + 3600)

    assert network_gate(HERE, attempts, SETTINGS).wait(NOW) == seconds


def test_s34_an_hour_without_a_failure_makes_a_network_start_anew(world: World) -> None:
    world.set(network_attempts_free=3)
    spray(world, 3)

    assert sign_in(world, "alice", PASSWORD, NOW + 3600, source_ip=HERE) == "alice-id"
    spray(world, 2, now=NOW + 3600)
    assert sign_in(world, "alice", PASSWORD, NOW + 3600, source_ip=HERE) == "alice-id"


def test_s59_a_network_that_tries_out_secrets_is_told_to_wait(world: World) -> None:
    world.set(network_attempts_free=50)
    for _ in range(50):
        assert slowed(world.store, world.settings, HERE, WRONG, now=NOW) is WRONG

    told = slowed(world.store, world.settings, HERE, WRONG, now=NOW)
    assert isinstance(told, TooManyAttempts)
    assert (told.status, told.retry_after, told.facts) == (429, 1, {"client_id": "app"})
    assert slowed(world.store, world.settings, ELSEWHERE, WRONG, now=NOW) is WRONG
    assert slowed(world.store, world.settings, HERE, WRONG, now=NOW + 1) is WRONG


def test_s34_wrong_passwords_and_wrong_secrets_share_the_counter_of_a_network(world: World) -> None:
    world.set(network_attempts_free=4)
    spray(world, 2)
    for _ in range(2):
        slowed(world.store, world.settings, HERE, WRONG, now=NOW)

    with pytest.raises(TooManyAttempts):
        sign_in(world, "alice", PASSWORD, source_ip=HERE)
