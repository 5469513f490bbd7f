"""Revocations that are written while containers compact the feed: whoever starts afterwards sees every one (S87)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from threading import Lock

from gatepost.model.feed import Revocation
from gatepost.settings import Settings
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.tokens.access_token import Claims
from gatepost.tokens.compaction import compact
from gatepost.tokens.revocation_list import Watch
from tests.contract.cloud import race
from tests.contract.records import GRANT
from tests.unit.world import NOW

WRITERS, EACH = 6, 20
STEP = 0.5  # seconds of their clock between two writes: the last forty have not settled


class Clock:
    """Goes on by a step each time somebody looks."""

    def __init__(self) -> None:
        self._steps: Iterator[int] = itertools.count()
        self._lock = Lock()
        self.now = float(NOW)

    def __call__(self) -> float:
        with self._lock:
            self.now = NOW + next(self._steps) * STEP
            return self.now


def test_s87_no_revocation_is_lost_between_segments_and_entries(racing_store: Store) -> None:
    store, clock = racing_store, Clock()
    if isinstance(store, DynamoDBStore):
        store._tables.clock = clock

    def work(number: int) -> int:
        if number >= WRITERS:
            return sum(compact(store.compactor(), lag=0, now=clock.now, least=1) for _ in range(6))
        for each in range(EACH):
            at = clock() if not isinstance(store, DynamoDBStore) else clock.now
            subject = f"{number}-{each}"
            store.publish(Revocation(kind="jti", subject=subject, revoked_at=at, expires_at=NOW + 86_400))
        return 0

    compacted = sum(race(WRITERS + 3, work))
    compacted += compact(store.compactor(), lag=0, now=clock.now, least=1)

    watch = Watch(store, Settings(issuer="https://id.example.test"))
    watch.follow(clock.now)
    one = Claims(sub="u", client_id="c", scope=GRANT.scope, jti="", iat=NOW, exp=NOW + 9, grant_id="", kid="k")
    subjects = [f"{number}-{each}" for number in range(WRITERS) for each in range(EACH)]
    assert [each for each in subjects if not watch._revoked.revokes(one._replace(jti=each))] == []
    assert compacted == WRITERS * EACH - 20 / STEP - 1
    assert len(watch._revoked) == WRITERS * EACH
