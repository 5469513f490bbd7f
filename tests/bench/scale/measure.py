"""`python -m tests.bench.scale --measure`: the cost of revocations and of a password, for given.toml."""

from __future__ import annotations

import json
import time
import tracemalloc
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from random import Random

from gatepost.authentication.passwords import hash_password, password_matches
from gatepost.identifiers import new_secret
from gatepost.model.feed import Compacted, Marked, Partitions, PublicKey, Revocation
from gatepost.settings import Settings
from gatepost.stores.dynamodb.feed import revocation_in
from gatepost.stores.dynamodb.revocations import feed_item
from gatepost.tokens.compaction import compact
from gatepost.tokens.revocation_list import LONG, Watch
from gatepost.tokens.revoked_marks import written_marks
from tests.bench.cpu import cost
from tests.fakes import MemoryStore

_ENTRIES = 20_000
_MARKS, _SEGMENT = 264_000, 12_000
_A_SECOND, _HOURS = 20, 3


class _Feed:
    """A reader that gets segments at first, then entries once, and then nothing."""

    def __init__(self, segments: Sequence[str] = (), page: str = "[]") -> None:
        self._segments, self._page = segments, page

    def standing(self) -> tuple[Sequence[PublicKey], Compacted]:
        return (), Compacted(until=1.0, marks=tuple(map(b64decode, self._segments)))

    def public_keys(self) -> Sequence[PublicKey]:
        return ()

    def parts(self) -> Partitions:
        return Partitions()

    def feed(self, since: float) -> Sequence[Revocation]:
        page, self._page = self._page, "[]"
        return list(map(revocation_in, json.loads(page)))

    def marked(self, since: float, parts: int) -> Sequence[Marked]:
        return ()


def lines() -> Iterator[str]:
    """Return the figures in the format of given.toml."""
    now = time.time()
    entries = [_entry(now) for _ in range(_MARKS)]
    page = json.dumps([feed_item(entry, now) for entry in entries[:_ENTRIES]])
    starts = range(0, _MARKS, _SEGMENT)
    segments = [b64encode(written_marks(entries[start : start + _SEGMENT])).decode() for start in starts]
    del entries
    marks = [_loaded(segments, "[]", now) for _ in range(5)]
    read = [_loaded((), page, now) for _ in range(5)]
    watch, clock = marks[-1][2], iter(range(1, 1_000_000))
    keep = cost(lambda: watch._poll(now + 10.0 * next(clock)), rounds=3)
    password = "correct horse battery"
    known = hash_password(password, cost=12)
    bcrypt = cost(lambda: password_matches(password, known, cost=12), rounds=1)
    yield f"mark_memory = {min(each[0] for each in marks) / _MARKS:.1f}"
    yield f"mark_load = {min(each[1] for each in marks) / _MARKS * 1e6:.2f}"
    yield f"entry_load = {min(each[1] for each in read) / _ENTRIES * 1e6:.1f}"
    yield f"poll_at_rest = {keep.median / 1000:.3f}"
    yield f"segment_waste = {_waste():.2f}"
    yield f"bcrypt_12 = {bcrypt.median / 1000:.0f}"


def _entry(now: float) -> Revocation:
    return Revocation(kind="jti", subject=new_secret(), revoked_at=now, expires_at=int(now) + 10_000_000)


def _loaded(segments: Sequence[str], page: str, now: float) -> tuple[int, float, Watch]:
    """Bytes that stay and seconds of CPU that it takes to read a feed into a container."""
    began = time.process_time()
    _watch(segments, page, now)
    took = time.process_time() - began
    tracemalloc.start()
    watch = _watch(segments, page, now)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held, took, watch


def _watch(segments: Sequence[str], page: str, now: float) -> Watch:
    watch = Watch(_Feed(segments, page), Settings(issuer="https://id.example.test"))
    watch._poll(now)
    return watch


def _waste() -> float:
    """Play hours of the mix with the real compaction: marks in segments for each entry that is alive, at the end."""
    store, random, now = MemoryStore(), Random(1), 1_764_032_400.0
    for number in range(_A_SECOND * 3600 * _HOURS):
        now += 1 / _A_SECOND
        left = 3900 if number % 5 < 3 else random.random() * 3600 + 31
        entry = Revocation(kind="grant", subject=f"g{number}", revoked_at=now, expires_at=int(now + left))
        store._feed.append(entry)
        if number % LONG == 0:
            compact(store.compactor(), lag=0, now=now)
            store._feed[:-2000] = []  # what is older was compacted
    state = store.compactor().state
    alive = 3900 * _A_SECOND * 3 / 5 + 1831 * _A_SECOND * 2 / 5
    return sum(segment.size for segment in state.segments) / alive
