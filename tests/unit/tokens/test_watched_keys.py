"""Keys that are published and withdrawn while an authorizer is warm (S88): found at once, without a refetch storm."""

from __future__ import annotations

import json

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.model.feed import PublicKey, Revocation
from gatepost.tokens.revocation_list import Watch
from gatepost.tokens.signing_keys import new_signing_key
from tests.unit.tokens.feed import Feed, opens
from tests.unit.tokens.forge import CLAIMS, ES256, GENUINE, signed
from tests.unit.world import NOW, SETTINGS

LATER = new_signing_key("ES256", active_from=0)
OF_LATER = signed(CLAIMS, LATER.load(), kid=LATER.kid)


def test_s88_a_key_that_is_published_later_is_found_by_its_first_token(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    feed.publish_key(LATER.public())

    assert opens(watch, NOW + 5, OF_LATER)
    assert opens(watch, NOW + 5, GENUINE)
    assert (feed.asked.count(None), feed.looks) == (1, 1)  # the revocations are not all read again for it


def test_s88_tokens_of_unknown_keys_cause_one_look_every_five_seconds(feed: Feed, watch: Watch) -> None:
    for tenth in range(200):
        assert not opens(watch, NOW + tenth / 10, signed(CLAIMS, kid=f"unknown-{tenth}"))

    assert feed.asked.count(None) == 1
    assert feed.looks == 3
    assert len(feed.asked) == 2 + 3


def test_s88_and_no_more_while_the_feed_is_down(feed: Feed, watch: Watch) -> None:
    opens(watch, NOW)
    feed.down = True
    refused = 0
    for tenth in range(50, 100):
        try:
            watch.claims(OF_LATER, NOW + tenth / 10)
        except (InvalidToken, TemporarilyUnavailable):
            refused += 1

    assert refused == 50
    assert feed.looks == 1
    assert len(feed.asked) == 2 + 1


def test_s88_what_is_no_token_causes_no_look_at_all(feed: Feed, watch: Watch) -> None:
    for text in ("", "x", "a.b.c", signed(CLAIMS, typ="JWT")):
        assert not opens(watch, NOW, text)

    assert (feed.asked, feed.looks) == ([], 0)


def test_a_key_that_can_not_be_read_closes_the_door_for_no_other() -> None:
    odd = {"kty": "EC", "alg": "ES384", "crv": "P-384", "x": "AA", "y": "AA"}
    keys = [
        PublicKey(kid="standing", jwk=json.dumps(odd)),
        PublicKey(kid="ended", jwk=json.dumps(odd), ended_at=NOW - 9),
    ]
    watch = Watch(Feed(ES256.public(), *keys), SETTINGS)

    assert opens(watch, NOW)
    assert not opens(watch, NOW, signed(CLAIMS, kid="standing"))
    assert not opens(watch, NOW, signed(CLAIMS, kid="ended"))


def test_a_key_that_was_ended_opens_nothing_after_the_next_poll(feed: Feed, watch: Watch) -> None:
    assert opens(watch, NOW)
    entry = Revocation(kind="key", subject=ES256.kid, revoked_at=NOW + 1, expires_at=NOW + 10**9)
    feed.end_key(ES256.public()._replace(expires_at=NOW + 1, ended_at=NOW + 1), revocation=entry)
    feed.publish_key(LATER.public())

    assert not opens(watch, NOW + 5)
    assert opens(watch, NOW + 5, OF_LATER)
    assert not opens(watch, NOW + 10**6 - 10**6 % 5)
    assert not opens(Watch(feed, SETTINGS), NOW - 20)  # its clock is late
    assert opens(Watch(feed, SETTINGS), NOW, OF_LATER)
