"""A repeated token: its signature is not verified again, but every revocation since counts."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gatepost.errors import InvalidToken
from gatepost.model.feed import Revocation
from gatepost.resource_server.issuer_keys import METADATA_PATH, REFRESH, IssuerWatch
from gatepost.tokens import jws as signatures
from gatepost.tokens.access_token import Verifier
from gatepost.tokens.revocation_list import Watch
from gatepost.tokens.signing_keys import new_signing_key
from gatepost.tokens.verified_cache import MOST, Known, Seen
from tests.unit.tokens.feed import Feed, opens
from tests.unit.tokens.forge import CLAIMS, ES256, GENUINE, HEADER, PAYLOAD, SIGNATURE, signed, verify
from tests.unit.world import ISSUER, NOW, SETTINGS

LATER = new_signing_key("ES256", active_from=0)
OF_LATER = signed(CLAIMS, LATER.load(), kid=LATER.kid)


class Looks:
    """Counts the signatures that are verified."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, key: signatures.PublicHalf, signature: bytes, message: bytes) -> bool:
        self.count += 1
        return signatures.is_genuine(key, signature, message)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    looks = Looks()
    monkeypatch.setattr("gatepost.tokens.access_token.is_genuine", looks)
    return looks


def test_what_is_kept_is_bounded_and_the_oldest_goes_first() -> None:
    seen, claims = Seen(most=3), verify(GENUINE)
    for name in "abcd":
        seen.keep(name.encode(), claims._replace(jti=name))
    seen.keep(b"d", claims)  # again

    assert [getattr(seen.get(name.encode()), "jti", None) for name in "abcd"] == [None, "b", "c", "the-jti"]
    assert len(seen) == 3


def test_a_container_keeps_a_thousand_tokens_and_no_more(watch: Watch) -> None:
    opens(watch, NOW)  # the keys are read
    kept = watch._known.seen
    for number in range(MOST + 5):
        kept.keep(b"token %d" % number, verify(GENUINE))

    assert (MOST, len(kept)) == (1000, 1000)


def test_a_token_is_verified_once(watch: Watch, looks: Looks) -> None:
    assert all(opens(watch, NOW + second) for second in range(60))
    assert looks.count == 1


@pytest.mark.parametrize(
    "other",
    [
        *(f"{HEADER}.{PAYLOAD}.{SIGNATURE[:-4]}AAAA", f"{HEADER}.{PAYLOAD}.", f"{HEADER}.{PAYLOAD}"),
        f"{HEADER}.{signed(CLAIMS | {'scope': 'admin'}).split('.')[1]}.{SIGNATURE}",
        *(GENUINE + "=", GENUINE + " ", GENUINE.swapcase()),
    ],
)
def test_a_text_that_is_like_a_token_that_was_seen_is_not_it(watch: Watch, other: str) -> None:
    assert opens(watch, NOW)
    assert not opens(watch, NOW, other)
    assert len(watch._known.seen) == 1


def test_what_was_refused_is_not_kept(watch: Watch) -> None:
    for token in (signed(CLAIMS, LATER.load()), signed(CLAIMS | {"exp": NOW - 60}), "a.b.c", ""):
        assert not opens(watch, NOW, token)

    assert len(watch._known.seen) == 0


def test_it_ends_at_its_time_and_begins_at_it(watch: Watch) -> None:
    assert opens(watch, NOW)
    assert opens(watch, NOW + 3629.9)
    assert not opens(watch, NOW + 3630)
    assert not opens(watch, NOW - 31)  # a clock that went back
    assert opens(watch, NOW - 30)

    later = signed(CLAIMS | {"nbf": NOW + 100})
    assert opens(watch, NOW + 100, later)
    assert not opens(watch, NOW, later)


def test_s88_its_key_ends_at_its_time(looks: Looks) -> None:
    watch = Watch(Feed(ES256.public()._replace(expires_at=NOW + 10)), SETTINGS)

    assert [opens(watch, NOW + second) for second in (0, 9, 10, 11)] == [True, True, False, False]
    assert looks.count == 1


def test_all_is_forgotten_when_other_keys_are_published(feed: Feed, watch: Watch, looks: Looks) -> None:
    assert opens(watch, NOW)
    feed.publish_key(LATER.public())

    assert opens(watch, NOW + 5, OF_LATER)  # an unknown key: the keys are read again
    assert opens(watch, NOW + 5, GENUINE)
    assert looks.count == 3


def test_nothing_is_forgotten_for_tokens_of_unknown_keys(watch: Watch, looks: Looks) -> None:
    for second in range(0, 60, 6):
        assert opens(watch, NOW + second)
        assert not opens(watch, NOW + second, signed(CLAIMS, kid=f"unknown-{second}"))

    assert looks.count == 1


def test_by_the_issuers_url_alone_it_is_the_same(looks: Looks) -> None:
    jwks = [json.loads(ES256.public().jwk)]
    later = json.loads(LATER.public().jwk)

    def fetch(url: str) -> Mapping[str, Any]:
        return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"} if url.endswith(METADATA_PATH) else {"keys": [*jwks]}

    watch = IssuerWatch(fetch, SETTINGS)
    times = (NOW, NOW + 1, NOW + REFRESH, NOW + 3629)
    for now in times:
        assert watch.claims(GENUINE, now).jti == "the-jti"
    assert looks.count == 1
    with pytest.raises(InvalidToken):
        watch.claims(GENUINE, NOW + 3630)

    for now, key in ((NOW + 3629 + REFRESH, later), (NOW, later), (NOW + REFRESH, later | {"kid": ES256.kid})):
        jwks[:] = [key]
        assert not opens(watch, now)


@pytest.mark.parametrize("reads", ["an unknown key", "a clock that went back"])
def test_another_key_of_the_same_id_makes_a_seen_token_worthless(feed: Feed, watch: Watch, reads: str) -> None:
    assert opens(watch, NOW)
    feed.publish_key(LATER.public()._replace(kid=ES256.kid))

    if reads == "an unknown key":
        assert not opens(watch, NOW + 5, signed(CLAIMS, kid="unknown"))
        assert not opens(watch, NOW + 5)
    else:
        assert not opens(watch, NOW - 1)  # in the call that reads the other key


def test_what_is_verified_by_keys_that_went_meanwhile_is_not_kept_for_those_that_came() -> None:
    known = Known.by([(ES256.kid, Verifier.of(ES256.public()))])
    other = Known.by([(ES256.kid, Verifier.of(LATER.public()._replace(kid=ES256.kid)))])

    assert known.claims(GENUINE, SETTINGS, NOW).jti == "the-jti"
    assert (len(known.seen), len(other.seen)) == (1, 0)
    with pytest.raises(InvalidToken):
        other.claims(GENUINE, SETTINGS, NOW)


def test_threads_of_a_cold_container_read_the_feed_once_and_none_is_let_through_before_it_was_read(feed: Feed) -> None:
    class Slow(Feed):
        def feed(self, since: float) -> Sequence[Revocation]:
            found = super().feed(since)
            time.sleep(0.05)  # the others come meanwhile
            return found

    slow = Slow()
    slow.revoke("jti", "the-jti", NOW - 1)
    watch = Watch(slow, SETTINGS)

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: opens(watch, NOW), range(16)))
    assert slow.asked.count(None) == 1
    assert len(slow.asked) == 2
