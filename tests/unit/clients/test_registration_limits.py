"""Limits of registration: initial access tokens, and numbers by network and hour."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from gatepost.authentication.hourly import networks_of
from gatepost.clients.client_metadata import InvalidClientMetadata
from gatepost.clients.dynamic_registration import check_offered, needs_permit, valid_permit
from gatepost.clients.registration_limits import TooManyRegistrations
from gatepost.clients.registration_permits import new_permit
from gatepost.errors import AccessDenied, InvalidToken, OAuthError
from gatepost.identifiers import digest
from gatepost.model.permits import Permit
from gatepost.stores.record_keys import PermitKey
from tests.raising import raised
from tests.unit.clients.registering import DAY, HOUR, LEAST, registered
from tests.unit.world import NOW, World


def test_as_shipped_no_app_registers_itself_and_a_token_is_needed_as_the_setting_says(world: World) -> None:
    with pytest.raises(AccessDenied):
        check_offered(world.settings)
    for mode, needed in (("open", False), ("token", True)):
        world.set(dynamic_registration=mode)
        assert needs_permit(world.settings) is needed


def test_s226_an_initial_access_token_is_good_for_its_apps_and_days(world: World) -> None:
    token = new_permit(world.store, apps=2, days=3, now=NOW)
    (permit,) = world.store.read(PermitKey(digest(token)))
    assert permit == Permit(permit_hash=digest(token), created_at=NOW, expires_at=NOW + 3 * DAY, uses=0, most_uses=2)

    for _ in range(2):
        registered(world, permit_hash=valid_permit(world.store, token, now=NOW + 3 * DAY - 1))

    assert not_valid(world, token, NOW) == "initial access token used up or expired"
    with pytest.raises(InvalidToken):  # a third that was checked before
        registered(world, permit_hash=digest(token))


def not_valid(world: World, token: str, now: float) -> str:
    """The reason for which an initial access token is refused."""
    return raised(InvalidToken, valid_permit, world.store, token, now=now).reason


def test_s226_an_initial_access_token_that_nobody_made_or_that_has_expired_is_none(world: World) -> None:
    token = new_permit(world.store, apps=1, days=1, now=NOW)

    reasons = [not_valid(world, sent, NOW) for sent in ("", "x", "y" * 43, f"{token}x")]
    assert reasons == ["unknown initial access token"] * 4
    assert not_valid(world, token, NOW + DAY) == "initial access token used up or expired"


def test_an_initial_access_token_has_limits(world: World) -> None:
    token = new_permit(world.store, apps=10_000, days=365, now=NOW)

    assert valid_permit(world.store, token, now=NOW + 365 * DAY - 1) == digest(token)
    for apps, days in ((0, 1), (1, 0), (10_001, 1), (1, 366), (-1, 1)):
        with pytest.raises(ValueError, match="a token is for"):
            new_permit(world.store, apps=apps, days=days, now=NOW)


# Floods


def outcome(world: World, source_ip: str, now: float = HOUR) -> OAuthError | None:
    try:
        registered(world, source_ip=source_ip, now=now)
    except OAuthError as error:
        return error
    return None


def registrations(world: World, addresses: Iterable[str]) -> int:
    """Register an app from each address within an hour; return how many were registered."""
    return sum(outcome(world, address) is None for address in addresses)


def test_s226_a_network_waits_for_the_next_hour_and_no_other_does(world: World) -> None:
    world.set(registrations_per_network=3)

    answers = [outcome(world, "192.0.2.7", HOUR + 600) for _ in range(200)]

    assert [each is None for each in answers] == [True] * 3 + [False] * 197
    refused = answers[-1]
    assert isinstance(refused, TooManyRegistrations)
    assert (refused.status, refused.code, refused.retry_after) == (429, "temporarily_unavailable", 3000)
    assert refused.description == "too many apps were registered, try again later"
    assert refused.reason == "registrations of a network"
    assert outcome(world, "192.0.2.8", HOUR + 600) is None
    assert outcome(world, "192.0.2.7", HOUR + 3599) is not None
    assert outcome(world, "192.0.2.7", HOUR + 3600) is None


def test_s226_a_network_of_ipv6_is_one_and_an_address_that_is_none_is_one_too(world: World) -> None:
    world.set(registrations_per_network=1)

    taken = [outcome(world, each) is None for each in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1", "", "")]
    assert taken == [True, False, True, True, False]
    assert networks_of("") == (("", 1),)


@pytest.mark.parametrize(
    ("addresses", "most"),
    [
        ([f"192.0.2.{n % 250}" for n in range(1000)], 4 * 5),
        ([f"2001:db8:0:{n % 256:x}::1" for n in range(1000)], 2 * 5),  # of a /56
        ([f"2001:db8:0:{n % 512:x}::1" for n in range(1000)], 2 * 2 * 5),  # of two
        ([f"2001:db8:0:{(n % 256) * 256:x}::1" for n in range(1000)], 4 * 5),  # of a /48
    ],
)
def test_s359_wider_networks_have_a_limit_too(world: World, addresses: list[str], most: int) -> None:
    world.set(registrations_per_network=5)

    assert registrations(world, addresses) == most
    refused = raised(TooManyRegistrations, registered, world, source_ip=addresses[0], now=HOUR)
    assert refused.reason == "registrations of a network"
    assert registrations(world, ["198.51.100.1", "2001:db8:1::1"]) == 2


@pytest.mark.parametrize("network", ["2001:db8:{}::1", "192.0.{}.1"])
def test_s359_a_fourth_is_kept_for_new_networks(world: World, network: str, capsys: pytest.CaptureFixture[str]) -> None:
    world.set(registrations_per_network=100, registrations_per_hour=100)
    few = [network.format(n % 10) for n in range(400)]

    assert registrations(world, few[:75]) == 75
    assert "hour.nearly_used_up" not in capsys.readouterr().out
    assert registrations(world, few) == 0
    assert '"hour.nearly_used_up","level":"ERROR"' in capsys.readouterr().out
    refused = raised(TooManyRegistrations, registered, world, source_ip=few[0], now=HOUR)
    assert refused.reason == "registrations of all networks"
    assert registrations(world, [network.format(200)] * 2) == 1
    assert registrations(world, [network.format(n) for n in range(10, 50)]) == 24
    assert registrations(world, [network.format(99)]) == 0
    assert outcome(world, few[0], HOUR + 3600) is None


def test_s359_a_small_total_has_a_share_for_newcomers_too(world: World) -> None:
    world.set(registrations_per_hour=2)

    assert registrations(world, ["192.0.2.7", "192.0.2.7", "198.51.100.1", "203.0.113.1"]) == 2


def test_s226_refused_and_bad_ones_use_up_nothing(world: World) -> None:
    world.set(registrations_per_network=1, registrations_per_hour=3)
    for _ in range(3):
        with pytest.raises(InvalidClientMetadata):
            registered(world, {**LEAST, "grant_types": ["password"]}, now=HOUR)
    assert registrations(world, ["192.0.2.7"] * 50) == 1

    assert registrations(world, ["198.51.100.8", "203.0.113.9"]) == 2
