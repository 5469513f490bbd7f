"""Rotation: a valid token is never rejected (S88, S114), unless its key has leaked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatepost.errors import InvalidGrant, TemporarilyUnavailable
from gatepost.tokens.key_rotation import end_keys, follows, next_refresh_secret, next_signing_secret, public_keys
from gatepost.tokens.refresh_token import issue_refresh_token, open_refresh_token
from gatepost.tokens.signing_keys import active, active_signing_key, key_ids, refresh_keys, signing_keys
from tests.fakes import MemoryStore
from tests.unit.world import NOW, SETTINGS

ES = SETTINGS._replace(signing_algorithm="ES256")
DELAY, LIFETIME, YEAR = 900, 86_400 + 300 + 60, 366 * 86_400
FIRST = next_signing_secret("", ES, NOW)
SECOND = next_signing_secret(FIRST, ES, NOW + 1000)
FIRST_REFRESH = next_refresh_secret("", ES, NOW)
SECOND_REFRESH = next_refresh_secret(FIRST_REFRESH, ES, NOW + 1000)


def kids(text: str) -> list[str]:
    return [entry["kid"] for entry in json.loads(text)["keys"]]


@pytest.mark.parametrize("text", ["", "what-CloudFormation-generated", "{}"])
def test_s114_a_secret_that_holds_no_keys_yet_gets_its_first_that_may_sign_at_once(text: str) -> None:
    (key,) = signing_keys(next_signing_secret(text, ES, NOW + 0.9))

    assert (key.alg, key.active_from) == ("ES256", NOW)
    assert active([key], NOW) == key
    assert [key.active_from for key in refresh_keys(next_refresh_secret(text, ES, NOW + 0.9))] == [NOW]
    assert signing_keys(next_signing_secret("", SETTINGS, NOW))[0].alg == "RS256"


@pytest.mark.parametrize(
    ("keys", "first"), [(signing_keys(SECOND), FIRST), (refresh_keys(SECOND_REFRESH), FIRST_REFRESH)]
)
def test_s88_the_old_key_is_used_until_everybody_knows_the_new_one(keys: Any, first: str) -> None:
    old, new = keys
    assert [old.kid] == kids(first)
    assert active(keys, NOW + 1000 + DELAY - 1) == old
    assert active(keys, NOW + 1000 + DELAY) == new


def test_s88_both_keys_are_published_and_the_old_one_ends_after_its_last_token() -> None:
    first = public_keys(FIRST, ES)
    old, new = public_keys(SECOND, ES)

    assert [(key.kid, key.expires_at) for key in first] == [(kids(FIRST)[0], 0)]
    assert (old.kid, old.expires_at) == (kids(FIRST)[0], NOW + 1000 + DELAY + LIFETIME)
    assert (new.kid, new.expires_at) == (kids(SECOND)[1], 0)


def test_a_rotation_after_the_next_key_is_in_use_drops_the_old_one() -> None:
    third = next_signing_secret(SECOND, ES, NOW + 1000 + DELAY)

    assert kids(third)[0] == kids(SECOND)[1]
    assert len(kids(third)) == 2
    assert [key.expires_at for key in public_keys(third, ES)] == [NOW + 1000 + 2 * DELAY + LIFETIME, 0]


def test_two_rotations_in_a_row_keep_the_key_in_use_and_the_one_to_come() -> None:
    third = next_signing_secret(SECOND, ES, NOW + 1010)

    assert kids(third)[:2] == kids(SECOND)
    assert [key.active_from for key in signing_keys(third)] == [NOW, NOW + 1000 + DELAY, NOW + 1010 + DELAY]
    ends = [NOW + begun + DELAY + LIFETIME for begun in (1000, 1010)]
    assert [key.expires_at for key in public_keys(third, ES)] == [*ends, 0]


@pytest.mark.parametrize(("days", "kept_for"), [(1, YEAR), (30, YEAR), (1000, 1000 * 86_400)])
def test_s367_a_refresh_key_is_kept_as_long_as_any_token_of_it_can_live(days: int, kept_for: int) -> None:
    """Also those that were issued before the lifetime became shorter."""
    now_set = ES._replace(refresh_token_lifetime=days * 86_400)
    last = NOW + 1000 + DELAY - 1
    token = issue_refresh_token(refresh_keys(SECOND_REFRESH), "alice-id.g", 1, last)

    kept = next_refresh_secret(SECOND_REFRESH, now_set, last + kept_for + 60)
    dropped = next_refresh_secret(SECOND_REFRESH, now_set, last + kept_for + 61)

    assert open_refresh_token(refresh_keys(kept), token) == ("alice-id.g", 1)
    assert (len(kids(kept)), len(kids(dropped))) == (3, 2)
    with pytest.raises(InvalidGrant):
        open_refresh_token(refresh_keys(dropped), token)


def test_the_newest_refresh_key_is_kept_however_long_ago_it_was_made() -> None:
    assert kids(next_refresh_secret(FIRST_REFRESH, ES, NOW + 2 * YEAR))[0] == kids(FIRST_REFRESH)[0]


BOTH = ES._replace(openid=True)


def algorithms(text: str) -> list[str]:
    return [key.alg for key in signing_keys(text)]


def test_s216_openid_connect_has_a_key_of_rs256_beside_that_of_access_tokens() -> None:
    text = next_signing_secret("", BOTH, NOW)

    assert algorithms(text) == ["RS256", "ES256"]
    assert active_signing_key(signing_keys(text), NOW, "ES256").alg == "ES256"
    assert active_signing_key(signing_keys(text), NOW, "RS256", only=True).alg == "RS256"
    assert [key.expires_at for key in public_keys(text, BOTH)] == [0, 0]


def test_s216_a_secret_of_an_older_release_gets_the_second_key_at_the_next_rotation() -> None:
    only = signing_keys(FIRST)
    with pytest.raises(TemporarilyUnavailable):
        active_signing_key(only, NOW, "RS256", only=True)

    text = next_signing_secret(FIRST, BOTH, NOW + 1000)
    begins = NOW + 1000 + DELAY

    assert algorithms(text) == ["ES256", "RS256", "ES256"]
    assert active_signing_key(signing_keys(text), begins - 1, "ES256").kid == kids(FIRST)[0]
    with pytest.raises(TemporarilyUnavailable):
        active_signing_key(signing_keys(text), begins - 2, "RS256", only=True)
    assert active_signing_key(signing_keys(text), begins, "RS256", only=True).kid == kids(text)[1]
    assert [key.expires_at for key in public_keys(text, BOTH)] == [begins + LIFETIME, 0, 0]


def test_s88_each_key_of_two_is_followed_by_one_of_its_algorithm() -> None:
    first = next_signing_secret("", BOTH, NOW)
    second = next_signing_secret(first, BOTH, NOW + 1000)
    begins = NOW + 1000 + DELAY
    third = next_signing_secret(second, BOTH, begins)

    assert algorithms(second) == ["RS256", "ES256"] * 2
    ends = [begins - 1 + LIFETIME, begins + LIFETIME, 0, 0]
    assert [key.expires_at for key in public_keys(second, BOTH)] == ends
    assert kids(third)[:2] == kids(second)[2:]
    assert algorithms(third) == ["RS256", "ES256"] * 2


def test_without_openid_connect_the_second_key_is_used_up() -> None:
    first = next_signing_secret("", BOTH, NOW)
    second = next_signing_secret(first, ES, NOW + 1000)

    assert algorithms(second) == ["ES256", "ES256"]
    assert algorithms(next_signing_secret(second, ES, NOW + 1000 + DELAY)) == ["ES256", "ES256"]


def test_a_changed_algorithm_signs_access_tokens_at_once_if_its_key_is_there() -> None:
    keys = signing_keys(next_signing_secret("", BOTH, NOW))

    assert active_signing_key(keys, NOW, "RS256").alg == "RS256"
    assert active_signing_key(signing_keys(FIRST), NOW, "RS256").alg == "ES256"  # until the next rotation


def test_a_release_that_knows_one_key_at_a_time_signs_and_publishes_after_a_rollback_as_before() -> None:
    """It signs with the key of the latest beginning, and ends each key when the one behind it begins."""
    text = next_signing_secret(next_signing_secret("", BOTH, NOW), BOTH, NOW + 1000)
    keys, begins = signing_keys(text), NOW + 1000 + DELAY

    assert [active(keys, now).alg for now in (NOW + 1000, begins)] == ["ES256", "ES256"]
    assert [(key.alg, key.active_from) for key in keys[1:]] == [
        ("ES256", NOW),  # ends when the next one begins, and a token's lifetime and a minute after that
        ("RS256", begins - 1),
        ("ES256", begins),
    ]


# Leaked keys

THIRD = next_signing_secret(SECOND, ES, NOW + 5000)  # without the first key
FRESH = next_signing_secret("", ES, NOW + 2000)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    for key in public_keys(SECOND, ES):
        store.publish_key(key)
    return store


@pytest.mark.parametrize(
    ("text", "current", "fits"),
    [
        *((SECOND, FIRST, True), (THIRD, SECOND, True), (SECOND, SECOND, True)),
        *((FIRST, "", True), (FIRST, "what-CloudFormation-generated", True)),
        *((FRESH, SECOND, False), (FIRST, SECOND, False), ("", FIRST, False)),
    ],
)
def test_a_secret_follows_another_if_it_holds_its_newest_key(text: str, current: str, fits: bool) -> None:
    assert follows(text, current) is fits


def test_s88_every_other_key_is_ended_and_its_tokens_are_refused_for_ten_years(store: MemoryStore) -> None:
    leaked = sorted(key_ids(SECOND))

    assert end_keys(store, store.public_keys(), keep=FRESH, now=NOW + 9.5) == leaked

    assert {(key.expires_at, key.ended_at) for key in store.public_keys()} == {(NOW + 9, NOW + 9)}
    entries = sorted((entry.subject, entry.kind, entry.expires_at) for entry in store.feed(0))
    assert entries == [(kid, "key", NOW + 9 + 315_360_000) for kid in leaked]
    assert {entry.revoked_at for entry in store.feed(0)} == {NOW + 9.5}


def test_neither_a_key_that_stays_nor_one_that_was_ended_is_ended(store: MemoryStore) -> None:
    keys = store.public_keys()

    assert end_keys(store, keys, keep=SECOND, now=NOW + 9) == []
    assert end_keys(store, [key._replace(ended_at=NOW + 1) for key in keys], keep=FRESH, now=NOW + 9) == []
    assert store.feed(0) == []
