"""Revocation of tokens (RFC 7009; S74, S75): what ends, for how long it is said, and where it is written (S366)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.endpoints.published_list import PublishedList
from gatepost.endpoints.revocation import revoke
from gatepost.errors import InvalidClient, InvalidRequest
from gatepost.grants.token_response import TokenAnswer
from gatepost.model.feed import Partitions, Parts, Revocation
from gatepost.model.records import App
from gatepost.stores.record_keys import GrantKey
from gatepost.tokens.feed_parts import ANNOUNCED
from gatepost.tokens.revocation_list import Watch
from tests.unit.endpoints.listing import A_KEY, NO_TOKENS, head, marked, parts
from tests.unit.tokens.feed import Feed
from tests.unit.world import NOW, World, credentials_of, native_app

EXP = NOW + 3600


def give_back(
    world: World, token: str, app: App | None = None, *, now: float = NOW + 1, watch: Watch | None = None, **hint: str
) -> None:
    watch = watch or Watch(world.store, world.settings)
    revoke(world.server, watch, {"token": token} | hint, credentials_of(app or world.web), now)


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "nonsense"}])
def test_s74_a_refresh_token_given_back_ends_the_others(world: World, first: TokenAnswer, hint: dict[str, Any]) -> None:
    second = world.refresh(first.refresh_token)

    give_back(world, second.refresh_token, **hint)

    assert not world.refreshes(second.refresh_token, now=NOW + 2)
    assert not world.opens(first.access_token, NOW + 2)
    assert not world.opens(second.access_token, NOW + 2)


@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "refresh_token"}])
def test_s74_s77_an_access_token_given_back_ends_alone(world: World, first: TokenAnswer, hint: dict[str, Any]) -> None:
    second = world.refresh(first.refresh_token)

    give_back(world, first.access_token, now=NOW + 0.5, **hint)

    assert not world.opens(first.access_token, NOW + 2)
    assert world.introspect(first.access_token) == {"active": False}
    assert world.opens(second.access_token, NOW + 2)
    assert world.refresh(second.refresh_token, now=NOW + 2).access_token
    jti = world.claims(first.access_token).jti
    assert world.store.feed(0) == [Revocation(kind="jti", subject=jti, revoked_at=NOW + 0.5, expires_at=EXP + 300)]


def test_s74_an_app_gives_the_token_that_it_has_for_itself_back_and_a_public_one_what_is_its_own(world: World) -> None:
    own, answer = world.own_token(), world.redeem(world.code(world.native), world.native)

    give_back(world, own)
    give_back(world, answer.refresh_token, world.native)

    assert not world.opens(own, NOW + 2)
    assert not world.opens(answer.access_token, NOW + 2)


def test_s74_an_old_refresh_token_ends_its_grant_too(world: World, first: TokenAnswer) -> None:
    second = world.refresh(first.refresh_token)

    give_back(world, first.refresh_token, now=NOW + 9000)

    assert not world.refreshes(second.refresh_token, now=NOW + 9001)


def test_s74_twice_and_unknown_and_expired_is_no_error(world: World, first: TokenAnswer) -> None:
    for token in [first.access_token, first.access_token, first.refresh_token, first.refresh_token, *NO_TOKENS]:
        give_back(world, token)
    give_back(world, first.access_token, now=NOW + 10_000)
    with pytest.raises(InvalidRequest, match="token is missing"):
        revoke(world.server, Watch(world.store, world.settings), {}, credentials_of(world.web), NOW)


def test_s74_nor_is_a_token_whose_grant_is_gone(world: World, first: TokenAnswer) -> None:
    del world.store._records[GrantKey(first.grant_id)]

    give_back(world, first.refresh_token)

    assert world.published == []


def test_s75_a_token_of_another_app_lives_on(world: World, first: TokenAnswer) -> None:
    for app in (world.other, world.native):
        give_back(world, first.access_token, app)
        give_back(world, first.refresh_token, app)

    assert world.opens(first.access_token, NOW + 2)
    assert world.refresh(first.refresh_token, now=NOW + 2).access_token


def test_s75_somebody_who_is_not_the_app_ends_nothing(world: World, first: TokenAnswer) -> None:
    for token in (first.access_token, first.refresh_token, "x"):
        with pytest.raises(InvalidClient):
            give_back(world, token, native_app(client_id=world.web.client_id))

    assert world.opens(first.access_token, NOW + 2)


# For how long: for every reader, however tolerant of clocks it is


@pytest.mark.parametrize("leeway", [0, 60])
@pytest.mark.parametrize(("late", "written"), [(-3599, 1), (0, 1), (61, 1), (299, 1), (300, 0)])
def test_s366_a_token_is_revoked_while_it_is_taken(
    world: World, first: TokenAnswer, leeway: int, late: int, written: int
) -> None:
    world.set(clock_leeway=leeway)
    give_back(world, first.access_token, now=EXP + late)

    jti = world.claims(first.access_token).jti
    assert [(each.subject, each.expires_at) for each in world.store.feed(0)] == [(jti, EXP + 300)] * written


def test_s366_a_revoked_token_stays_revoked_when_lifetimes_are_lowered_meanwhile(world: World) -> None:
    world.set(access_token_lifetime=86400)
    token = world.redeem(world.code()).access_token
    world.set(access_token_lifetime=60, implicit_token_lifetime=60)
    give_back(world, token, now=NOW + 10)
    assert not any(world.opens(token, NOW + seconds) for seconds in (20, 200, 4000, 80_000))


def test_s366_a_list_names_it_until_a_late_reader_is_over_its_leeway(world: World, first: TokenAnswer) -> None:
    world.store.publish_handle_key(A_KEY)
    give_back(world, first.access_token, now=NOW + 9)
    listed = PublishedList(world.store, world.settings._replace(clock_leeway=0, published_revocations=True))

    assert parts(head(listed, EXP + 60 + 25)["marks"], 8) == {marked("jti", world.claims(first.access_token).jti)}
    assert parts(head(listed, EXP + 300)["marks"], 8) == set()


# Several partitions of the feed: announced by the first revocation, used when every reader knows


def test_the_first_revocation_announces_them_and_writes_to_the_first(world: World, first: TokenAnswer) -> None:
    world.set(feed_parts=3)
    watch = Watch(world.store, world.settings)
    give_back(world, first.refresh_token, watch=watch, now=NOW)

    assert world.store.parts() == watch.parts == Partitions(Parts(3, NOW + ANNOUNCED))
    assert len(world.store.feed(0)) == 1


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_later_ones_write_to_one_of_them_and_every_reader_sees_it(world: World, first: TokenAnswer, kind: str) -> None:
    world.set(feed_parts=3)
    world.store.compactor().announce(Parts(), Parts(3, NOW - 1))
    running = Watch(world.store, world.settings)
    assert running.claims(first.access_token, NOW).client_id == world.web.client_id
    give_back(world, getattr(first, kind))

    assert world.store.feed(0) == []
    assert len(world.store.marked(0, 3)) == 1
    assert not world.opens(first.access_token, NOW + 2)
    claims = world.claims(first.access_token)
    found = []
    for second in (4, 5):
        running.follow(NOW + second)
        found.append(running._revoked.revokes(claims))
    assert found == [False, True]


def test_where_none_may_be_there_any_more_the_first_one_is_written_to(world: World, first: TokenAnswer) -> None:
    world.set(feed_parts=-1)
    world.store.compactor().announce(Parts(), Parts(3, NOW - 1))
    watch = Watch(world.store, world.settings)
    watch.follow(NOW)
    give_back(world, first.refresh_token, watch=watch)

    assert world.store.parts().own == Parts(3, NOW - 1, NOW + 1 + 86_700 + ANNOUNCED)
    assert len(world.store.feed(0)) == 1


def test_those_that_the_load_made_are_written_to_as_if_set(world: World, first: TokenAnswer) -> None:
    world.store.compactor().announce(Parts(), Parts(3, NOW - 1))
    watch = Watch(world.store, world.settings)
    watch.follow(NOW)
    give_back(world, first.refresh_token, watch=watch)

    assert world.store.parts().own == Parts(3, NOW - 1)
    assert len(world.store.marked(0, 3)) == 1


def test_where_there_are_none_nothing_is_read_for_them(world: World, first: TokenAnswer) -> None:
    feed = Feed()
    give_back(world, first.refresh_token, watch=Watch(feed, world.settings))

    assert feed.asked == []
    assert world.store.parts() == Partitions()
