"""Revocation with several partitions of the feed: announced by the first revocation, used when every reader knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.endpoints.revocation import revoke
from gatepost.model.feed import Partitions, Parts
from gatepost.tokens.feed_parts import ANNOUNCED
from gatepost.tokens.revocation_list import Watch
from tests.unit.tokens.feed import Feed
from tests.unit.world import NOW, World, credentials_of


@pytest.fixture
def spread(world: World) -> World:
    world.settings = replace(world.settings, feed_parts=3)
    return world


def give_back(world: World, watch: Watch, token: str, now: int) -> None:
    revoke(world.server, watch, {"token": token}, credentials_of(world.web), now)


def test_the_first_revocation_announces_them_and_still_writes_to_the_first_one(spread: World) -> None:
    watch = Watch(spread.store, spread.settings)
    give_back(spread, watch, spread.redeem(spread.code()).refresh_token, NOW)

    assert spread.store.parts() == watch.parts == Partitions(Parts(3, NOW + ANNOUNCED))
    assert len(spread.store.feed(0)) == 1


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_later_ones_write_to_one_of_them_and_every_reader_sees_it(spread: World, kind: str) -> None:
    spread.store.compactor().announce(Parts(), Parts(3, NOW - 1))
    watch, running = Watch(spread.store, spread.settings), Watch(spread.store, spread.settings)
    answer = spread.redeem(spread.code())
    assert running.claims(answer.access_token, NOW).client_id == spread.web.client_id
    give_back(spread, watch, getattr(answer, kind), NOW + 1)

    assert spread.store.feed(0) == []
    assert len(spread.store.marked(0, 3)) == 1
    assert not spread.opens(answer.access_token, NOW + 2)
    claims = spread.claims(answer.access_token)
    found = []
    for second in (4, 5):
        running.follow(NOW + second)
        found.append(running._revoked.revokes(claims))
    assert found == [False, True]


def test_where_none_are_set_any_more_their_end_is_announced_and_the_first_one_is_written_to(world: World) -> None:
    world.store.compactor().announce(Parts(), Parts(3, NOW - 1))
    watch = Watch(world.store, world.settings)
    watch.follow(NOW)
    give_back(world, watch, world.redeem(world.code()).refresh_token, NOW + 1)

    assert world.store.parts().own == Parts(3, NOW - 1, NOW + 1 + 86_700 + ANNOUNCED)
    assert len(world.store.feed(0)) == 1


def test_without_the_setting_nothing_is_read_for_it(world: World) -> None:
    feed = Feed()
    watch = Watch(feed, world.settings)
    give_back(world, watch, world.redeem(world.code()).refresh_token, NOW)

    assert feed.asked == []
    assert world.store.parts() == Partitions()
