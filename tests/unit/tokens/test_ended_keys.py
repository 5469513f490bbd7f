"""Leaked keys: the successors of a secret, and the withdrawn keys (S88)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.tokens.key_rotation import end_keys, follows, next_signing_secret, public_keys
from gatepost.tokens.signing_keys import key_ids
from tests.fakes import MemoryStore
from tests.unit.world import NOW, SETTINGS

ES = replace(SETTINGS, signing_algorithm="ES256")
FIRST = next_signing_secret("", ES, NOW)
SECOND = next_signing_secret(FIRST, ES, NOW + 1000)
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
        (SECOND, FIRST, True),
        (THIRD, SECOND, True),
        (FIRST, "", True),
        (FIRST, "what-CloudFormation-generated", True),
        (SECOND, SECOND, True),
        (FRESH, SECOND, False),
        (FIRST, SECOND, False),
        ("", FIRST, False),
    ],
)
def test_a_secret_follows_another_if_it_holds_its_newest_key(text: str, current: str, fits: bool) -> None:
    assert follows(text, current) is fits


def test_the_keys_of_the_secret_that_stays_are_not_ended(store: MemoryStore) -> None:
    assert end_keys(store, store.public_keys(), keep=SECOND, now=NOW + 9) == []
    assert store.feed(0) == []


def test_every_other_key_is_ended_and_its_tokens_are_refused_for_ten_years(store: MemoryStore) -> None:
    leaked = sorted(key_ids(SECOND))

    assert end_keys(store, store.public_keys(), keep=FRESH, now=NOW + 9.5) == leaked

    assert {(key.expires_at, key.ended_at) for key in store.public_keys()} == {(NOW + 9, NOW + 9)}
    entries = sorted((entry.subject, entry.kind, entry.expires_at) for entry in store.feed(0))
    assert entries == [(kid, "key", NOW + 9 + 315_360_000) for kid in leaked]
    assert {entry.revoked_at for entry in store.feed(0)} == {NOW + 9.5}


def test_a_key_that_was_ended_is_not_ended_again(store: MemoryStore) -> None:
    keys = [replace(key, ended_at=NOW + 1) for key in store.public_keys()]

    assert end_keys(store, keys, keep=FRESH, now=NOW + 9) == []
    assert store.feed(0) == []
