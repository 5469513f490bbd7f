"""A container whose clock is ahead: the real handlers, and a reader that starts later (S368)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gatepost.routes import REVOCATION_LIST, REVOKE, Route
from tests.security.faults.events import bearing, by_web, event, told
from tests.security.faults.status_flows import listed, long_feed
from tests.security.faults.world import Event, World, deployed

AHEAD = 120  # seconds


@pytest.fixture
def world() -> Iterator[World]:
    with deployed() as world:
        yield world


def arrived(sent: Event, at: float) -> Event:
    """The event of a request that API Gateway took at a time."""
    sent["requestContext"]["timeEpoch"] = int(at * 1000)
    return sent


def revoke(world: World, token: str, arrival: float) -> None:
    world.cold()
    assert told(world.call("revoke", arrived(by_web(REVOKE, token=token), arrival))) == "200"


def test_s368_what_is_revoked_after_a_compaction_by_a_clock_that_is_ahead_is_seen_by_who_starts_later(
    world: World,
) -> None:
    now, token, later = world.now, world.tokens().access_token, world.tokens().access_token
    long_feed(world)
    world.now = now + AHEAD
    revoke(world, token, now)
    world.now = now + 30
    revoke(world, later, now + 30)

    world.now = now + AHEAD + 60
    world.cold()
    assert world.store.compactor().compaction().sequence == 1
    assert [told(world.call("authorizer", bearing(each))) for each in (token, later)] == ["denied", "denied"]


def test_s368_the_list_promises_nothing_for_a_time_that_only_its_own_clock_has_seen(world: World) -> None:
    world.set(published_revocations=True)
    listed(world)
    world.cold()
    now, world.now = world.now, world.now + 25

    def head(route: Route, arrival: float) -> float:
        return float(json.loads(world.call("metadata", arrived(event(route), arrival))["body"])["time"])

    assert head(REVOCATION_LIST, now) == now
    world.now = now - 25
    assert head(REVOCATION_LIST, now + 2) == now - 25
