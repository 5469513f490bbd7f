"""A warm authorizer's cache of revocations (S87), and its maximum age (S106, S110)."""

from __future__ import annotations

import pytest

from gatepost.accounts.removal import end_grants
from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.model.feed import RevocationKind
from gatepost.stores.record_keys import UserKey
from gatepost.tokens.revocation_list import Watch
from tests.raising import raised
from tests.unit.tokens.feed import Feed, opens
from tests.unit.tokens.forge import CLAIMS, ES256, GENUINE, signed
from tests.unit.world import ALICE, NOW, PASSWORD, SETTINGS, World

OLDEST = NOW - 86_700 - 20  # what was written before that names no token that lives


def test_the_feed_is_read_every_five_seconds_from_where_it_stopped(feed: Feed, watch: Watch) -> None:
    assert feed.asked == []
    assert all(opens(watch, NOW + second / 10) for second in range(50))
    assert feed.asked == [None, OLDEST]
    assert all(opens(watch, NOW + second) for second in range(5, 16))
    assert feed.asked[2:] == [NOW - 20, NOW + 5 - 20, NOW + 10 - 20]


def test_every_five_minutes_it_looks_two_minutes_further_back_than_the_last_time(feed: Feed, watch: Watch) -> None:
    for second in range(0, 700, 5):
        opens(watch, NOW + second)

    later = feed.asked[2:]
    assert [(place, since) for place, since in enumerate(later) if since != NOW + 5 * place - 20] == [
        (59, NOW + 295 - 420), (119, NOW + 595 - 420)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("jti", "the-jti"),
        ("grant", "alice-id.g"),
        ("client", "web"),
        ("user", "alice-id"),
        pytest.param("key", ES256.kid, id="key"),
    ],
)
def test_s87_what_is_revoked_is_refused_in_time(feed: Feed, watch: Watch, kind: RevocationKind, subject: str) -> None:
    opens(watch, NOW)
    feed.revoke(kind, subject, NOW + 1)

    assert opens(watch, NOW + 4.9)  # the stated bound
    assert not opens(watch, NOW + 5)
    assert not opens(watch, NOW + 6)
    assert not opens(Watch(feed, SETTINGS), NOW + 6)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        *(("jti", "another"), ("jti", "alice-id.g"), ("grant", "alice-id"), ("grant", "")),
        *(("client", "alice-id"), ("user", "web"), ("key", "web")),
    ],
)
def test_what_is_revoked_of_others_is_not(feed: Feed, watch: Watch, kind: RevocationKind, subject: str) -> None:
    feed.revoke(kind, subject, NOW)

    assert opens(watch, NOW)
    assert opens(watch, NOW, signed({name: value for name, value in CLAIMS.items() if name != "grant_id"}))


@pytest.mark.parametrize(("kind", "subject"), [("client", "web"), ("user", "alice-id")])
def test_s21_s73_tokens_until_then_are_revoked(feed: Feed, watch: Watch, kind: RevocationKind, subject: str) -> None:
    feed.revoke(kind, subject, NOW + 10)
    feed.revoke(kind, subject, NOW + 5)  # an older entry changes nothing

    assert not opens(watch, NOW + 11, signed(CLAIMS | {"iat": NOW + 9}))
    assert not opens(watch, NOW + 11, signed(CLAIMS | {"iat": NOW + 10}))
    assert opens(watch, NOW + 11, signed(CLAIMS | {"iat": NOW + 11}))


def test_the_log_learns_whose_token_was_revoked(feed: Feed, watch: Watch) -> None:
    feed.revoke("grant", "alice-id.g", NOW)

    caught = raised(InvalidToken, watch.claims, GENUINE, NOW)
    assert (caught.reason, caught.facts) == ("revoked", {"grant_id": "alice-id.g"})


def test_an_entry_whose_clock_was_behind_is_still_seen(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    feed.revoke("jti", "the-jti", NOW - 19)

    assert not opens(watch, NOW + 5)


def test_an_entry_that_is_two_minutes_late_is_seen_within_five(feed: Feed, watch: Watch) -> None:
    opened = {}
    for second in range(0, 650, 5):
        if second == 295 + 120:
            feed.revoke("jti", "the-jti", NOW + 295)
        opened[second] = opens(watch, NOW + second)

    assert (opened[595], opened[600]) == (True, False)


def test_a_container_that_took_in_a_lot_starts_anew_with_what_is_alive(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    for number in range(8193):
        feed.revoke("jti", f"another-{number}", NOW + 1)
    opens(watch, NOW + 5)
    feed._feed.clear()  # DynamoDB's TTL
    opens(watch, NOW + 295)
    assert (len(watch._revoked), feed.asked.count(None)) == (8193, 1)

    assert opens(watch, NOW + 300)
    assert (len(watch._revoked), feed.asked.count(None)) == (0, 2)


def test_and_goes_on_with_what_it_has_while_it_can_not(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    for number in range(8193):
        feed.revoke("jti", f"another-{number}", NOW + 1)
    feed.revoke("jti", "the-jti", NOW + 1)
    assert not opens(watch, NOW + 5)
    assert not opens(watch, NOW + 299)
    feed.down = True

    assert [opens(watch, NOW + second) for second in (304, 309, 355)] == [False, False, False]
    assert feed.asked.count(None) == 2
    with pytest.raises(TemporarilyUnavailable):
        watch.claims(GENUINE, NOW + 360)


# The feed can't be read


def test_s106_without_the_feed_it_goes_on_for_a_minute_and_then_refuses_everything(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    feed.down = True

    assert all(opens(watch, NOW + second) for second in range(1, 21))
    assert len(feed.asked) == 6  # no more often than before
    assert opens(watch, NOW + 60)
    for second in (60.1, 61, 62, 65, 66, 100):
        with pytest.raises(TemporarilyUnavailable):
            watch.claims(GENUINE, NOW + second)


def test_s106_when_the_feed_is_back_it_goes_on_from_the_last_good_read(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    feed.down = True
    with pytest.raises(TemporarilyUnavailable):
        watch.claims(GENUINE, NOW + 200)
    feed.revoke("jti", "the-jti", NOW + 1)
    feed.down = False

    assert not opens(watch, NOW + 205)
    assert feed.asked[-1] == NOW - 20


def test_s106_a_cold_authorizer_without_the_feed_refuses(feed: Feed, watch: Watch) -> None:
    feed.down = True
    for _ in range(2):
        with pytest.raises(TemporarilyUnavailable):
            watch.claims(GENUINE, NOW)
    feed.down = False

    assert opens(watch, NOW)


# Clocks


def test_s110_a_clock_that_goes_back_makes_it_read_anew(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    feed.revoke("jti", "the-jti", NOW - 1000)

    assert not opens(watch, NOW - 1)
    assert feed.asked == [None, OLDEST, None, OLDEST - 1]
    opens(watch, NOW)
    assert len(feed.asked) == 4


def test_s73_what_was_granted_between_two_ends_is_refused_by_who_knew_of_the_first(world: World) -> None:
    watch = Watch(world.store, world.settings)
    end_grants(world.store, ALICE, now=NOW)
    between = world.send(world.web, grant_type="password", username="alice", password=PASSWORD, now=NOW + 10)
    assert watch.claims(between.access_token, NOW + 11).sub == "alice-id"

    end_grants(world.store, world.stored(UserKey("alice-id")), now=NOW + 20)

    with pytest.raises(InvalidToken):
        watch.claims(between.access_token, NOW + 30)
