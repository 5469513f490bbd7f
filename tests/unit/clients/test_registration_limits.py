"""Limits of registration: initial access tokens, and numbers by network and hour."""

from __future__ import annotations

import pytest

from gatepost.clients.client_metadata import InvalidClientMetadata
from gatepost.clients.dynamic_registration import (
    check_offered,
    needs_permit,
    valid_permit,
)
from gatepost.clients.registration_limits import TooManyRegistrations
from gatepost.clients.registration_permits import new_permit
from gatepost.errors import (
    AccessDenied,
    InvalidToken,
    OAuthError,
)
from gatepost.identifiers import digest
from gatepost.model.permits import Permit
from gatepost.stores.record_keys import PermitKey
from tests.unit.clients.registering import DAY, LEAST, registered
from tests.unit.world import NOW, World


@pytest.mark.parametrize(("mode", "needed"), [("open", False), ("token", True)])
def test_a_token_is_needed_as_the_setting_says(world: World, mode: str, needed: bool) -> None:
    world.set(dynamic_registration=mode)
    assert needs_permit(world.settings) is needed


def test_as_shipped_no_app_registers_itself(world: World) -> None:
    with pytest.raises(AccessDenied):
        check_offered(world.settings)


def test_s226_an_initial_access_token_is_good_for_its_apps_and_days(world: World) -> None:
    token = new_permit(world.store, apps=2, days=3, now=NOW)
    (permit,) = world.store.read(PermitKey(digest(token)))
    assert permit == Permit(permit_hash=digest(token), created_at=NOW, expires_at=NOW + 3 * DAY, uses=0, most_uses=2)

    for _ in range(2):
        registered(world, permit_hash=valid_permit(world.store, token, now=NOW + 3 * DAY - 1))

    with pytest.raises(InvalidToken):
        valid_permit(world.store, token, now=NOW)
    with pytest.raises(InvalidToken):  # a third that was checked before
        registered(world, permit_hash=digest(token))


@pytest.mark.parametrize("token", ["", "x", "y" * 43])
def test_s226_an_initial_access_token_that_nobody_made_is_none(world: World, token: str) -> None:
    new_permit(world.store, apps=1, days=1, now=NOW)

    with pytest.raises(InvalidToken):
        valid_permit(world.store, token, now=NOW)


@pytest.mark.parametrize("later", [DAY, DAY + 1])
def test_s226_and_no_longer(world: World, later: int) -> None:
    token = new_permit(world.store, apps=1, days=1, now=NOW)

    with pytest.raises(InvalidToken):
        valid_permit(world.store, token, now=NOW + later)


def test_an_initial_access_token_of_the_longest(world: World) -> None:
    token = new_permit(world.store, apps=10_000, days=365, now=NOW)

    assert valid_permit(world.store, token, now=NOW + 365 * DAY - 1) == digest(token)


@pytest.mark.parametrize(("apps", "days"), [(0, 1), (1, 0), (10_001, 1), (1, 366), (-1, 1)])
def test_an_initial_access_token_without_limits_is_not_made(world: World, apps: int, days: int) -> None:
    with pytest.raises(ValueError, match="a token is for"):
        new_permit(world.store, apps=apps, days=days, now=NOW)


# Floods
HOUR = NOW - NOW % 3600


def outcome(world: World, source_ip: str, now: float) -> OAuthError | None:
    try:
        registered(world, source_ip=source_ip, now=now)
    except OAuthError as error:
        return error
    return None


def test_s226_a_network_waits_for_the_next_hour_and_no_other_does(world: World) -> None:
    world.set(registrations_per_network=3)

    answers = [outcome(world, "192.0.2.7", HOUR + 600) for _ in range(200)]

    assert [each is None for each in answers] == [True] * 3 + [False] * 197
    refused = answers[-1]
    assert isinstance(refused, TooManyRegistrations)
    assert (refused.status, refused.code, refused.retry_after) == (429, "temporarily_unavailable", 3000)
    assert (refused.description, refused.reason) == (
        *("too many apps were registered, try again later", "registrations of a network"),
    )
    assert outcome(world, "192.0.2.8", HOUR + 600) is None
    assert outcome(world, "192.0.2.7", HOUR + 3599) is not None
    assert outcome(world, "192.0.2.7", HOUR + 3600) is None


def test_s226_a_network_of_ipv6_is_one(world: World) -> None:
    world.set(registrations_per_network=1)

    assert outcome(world, "2001:db8::1", NOW) is None
    assert outcome(world, "2001:db8::ffff:1", NOW) is not None
    assert outcome(world, "2001:db8:0:1::1", NOW) is None


def test_s226_all_networks_together_have_a_limit_too(world: World) -> None:
    world.set(registrations_per_hour=4)

    answers = [outcome(world, f"192.0.2.{n}", HOUR) for n in range(6)]

    assert [each is None for each in answers] == [True] * 4 + [False] * 2
    assert answers[-1] is not None
    assert answers[-1].reason == "registrations of all networks"
    assert outcome(world, "192.0.2.99", HOUR + 3600) is None


def test_s226_refused_ones_use_up_nothing_of_the_others(world: World) -> None:
    world.set(registrations_per_network=1, registrations_per_hour=3)

    for _ in range(50):
        outcome(world, "192.0.2.7", HOUR)

    assert [outcome(world, f"192.0.2.{n}", HOUR) for n in (8, 9)] == [None, None]


def test_a_bad_registration_is_not_counted(world: World) -> None:
    world.set(registrations_per_network=1)
    for _ in range(3):
        with pytest.raises(InvalidClientMetadata):
            registered(world, {**LEAST, "grant_types": ["password"]})

    assert outcome(world, "192.0.2.7", NOW) is None
