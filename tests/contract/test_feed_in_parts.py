"""The partitions of the feed beside the first one, and entries that are written while it is compacted (S87)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial
from threading import Barrier, Lock

import pytest

from gatepost.model.feed import Compaction, Marked, Partitions, Parts, Revocation, mark
from gatepost.settings import Settings
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import GrantKey, RevokedTokenKey
from gatepost.tokens.access_token import Claims
from gatepost.tokens.compaction import compact, keep_short
from gatepost.tokens.revocation_list import LONG, Watch
from tests.contract.cloud import LISTING, race
from tests.contract.records import GRANT, NOBODYS
from tests.unit.world import NOW

SETTINGS = Settings(issuer="https://id.example.test")
IN_USE = Parts(4, NOW - 1)


def at(store: Store, written_at: float) -> None:
    if isinstance(store, DynamoDBStore):
        store._tables.clock = partial(float, written_at)


def test_entries_of_other_partitions_are_marks_and_are_read_with_those_of_the_first(store: Store) -> None:
    single = Revocation(kind="jti", subject="j1", revoked_at=NOW, expires_at=NOW + 60)
    other = Revocation(kind="grant", subject="alice-id.g1", revoked_at=NOW + 1, expires_at=NOW + 90)
    for each, part in ((single, 2), (other, 0)):
        at(store, each.revoked_at)
        store.publish(each, part=part)
    marked = Marked(mark("jti", "j1"), NOW + 60)

    assert store.feed(0) == [other]
    assert store.marked(NOW, 2) == [marked]
    assert store.marked(NOW, 1) == store.marked(NOW + 0.5, 2) == []
    assert store.read(RevokedTokenKey("j1")) == (single,)
    assert list(store.compactor().written_since(NOW, 9, 2)) == [(NOW, marked), (NOW + 1, other)]
    store.publish(single, part=1)
    assert store.marked(NOW, 2) == [marked]


def test_a_grant_is_revoked_with_a_mark_in_another_partition(store: Store) -> None:
    store.add_grant(GRANT)
    at(store, NOW)
    for part in (3, 1):
        store.revoke_grant(GRANT.grant_id, now=NOW, feed_until=NOW + 900, part=part)

    assert store.feed(0) == []
    assert store.marked(NOW, 3) == [Marked(mark("grant", GRANT.grant_id), NOW + 900)]
    assert store.read(GrantKey(GRANT.grant_id)) == (GRANT._replace(revoked_at=NOW),)


def test_of_two_that_announce_partitions_at_once_one_wins(store: Store) -> None:
    first, second = Parts(4, NOW + 9), Parts(7, NOW + 9, NOW + 99)
    assert store.parts() == Partitions()
    for _ in range(2):
        store.compactor().announce(Parts(), first)
        store.compactor().announce(Parts(), second)
    assert store.parts() == store.standing()[1].parts == Partitions(first)

    before = store.compactor().compaction()
    assert store.compactor().compact(before, before._replace(sequence=1, until=NOW + 0.5), {})
    store.compactor().announce(first, second)
    assert store.parts() == store.standing()[1].parts == Partitions(second)
    assert store.compactor().compaction()[:2] == (1, NOW + 0.5)


def test_s364_partitions_that_were_announced_meanwhile_are_not_skipped(store: Store) -> None:
    compactor = store.compactor()
    for announced in (IN_USE, IN_USE._replace(until=NOW + 9.0)):
        before = compactor.compaction()
        compactor.announce(before.parts.own, announced)

        assert not compactor.compact(before, before._replace(sequence=1, until=float(NOW)), {})
        assert compactor.compaction() == Compaction(parts=Partitions(announced))


def revoke(store: Store, subject: str, written_at: float, *, part: int = 0) -> None:
    at(store, written_at)
    entry = Revocation(kind="jti", subject=subject, revoked_at=written_at, expires_at=NOW + 3000)
    store.publish(entry, part=part)


@pytest.mark.parametrize("store", LISTING, indirect=True)
def test_s364_a_container_that_never_looked_for_partitions_compacts_them_as_well(store: Store) -> None:
    store.compactor().announce(Parts(), IN_USE)
    revoke(store, "the-jti", NOW, part=2)
    for number in range(LONG // 2):
        revoke(store, f"another-{number}", NOW)
    revoke(store, "the newest", NOW + 30)

    keep_short(store.compactor(), Watch(store, SETTINGS), SETTINGS, now=NOW + 30)

    assert store.compactor().compaction().until == NOW + 10
    cold = Watch(store, SETTINGS)
    cold.follow(NOW + 30)
    assert cold._revoked.revokes(NOBODYS._replace(jti="the-jti"))
    assert not cold._revoked.revokes(NOBODYS)


def test_s365_each_region_announces_its_own_partitions_and_reads_the_most_of_all(dynamodb_store: DynamoDBStore) -> None:
    client, names = dynamodb_store._tables.client, dynamodb_store._tables.names
    here, there = (DynamoDBStore(client, names, region) for region in ("eu-central-1", "us-east-1"))
    here.compactor().announce(Parts(), IN_USE)
    there.compactor().announce(Parts(), IN_USE._replace(number=2, until=NOW + 9.0))

    read = there.parts()
    assert read == there.listed().compaction.parts == there.compactor().compaction().parts
    assert read == Partitions(Parts(2, NOW - 1, NOW + 9.0), (IN_USE,))
    assert (read.read_at(NOW), here.parts().read_at(NOW + 9)) == (4, 4)
    here.compactor().announce(IN_USE, Parts(1, NOW - 1, NOW + 5.0))
    assert [there.parts().read_at(NOW + second) for second in (4, 5, 9)] == [2, 2, 0]


# Races


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
    store, clock, together = racing_store, Clock(), Barrier(WRITERS)  # no write takes longer than one can
    if isinstance(store, DynamoDBStore):
        store._tables.clock = clock

    def work(number: int) -> int:
        if number >= WRITERS:
            return sum(compact(store.compactor(), lag=0, now=clock.now, least=1) for _ in range(6))
        for each in range(EACH):
            together.wait()
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
