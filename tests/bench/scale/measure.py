"""`python -m tests.bench.scale --measure`: the cost of a revocation and of a password, for given.toml."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Iterator, Sequence

from gatepost.authentication.passwords import hash_password, password_matches
from gatepost.identifiers import new_secret
from gatepost.model.feed import PublicKey, Revocation
from gatepost.settings import Settings
from gatepost.stores.dynamodb.codec import from_item
from gatepost.stores.dynamodb.revocations import feed_item
from gatepost.tokens.revocation_list import Watch
from tests.bench.cpu import cost

_ENTRIES = 20_000


class _Feed:
    """A FeedStore that returns `answers` for one read each, and then nothing."""

    def __init__(self, *answers: Sequence[Revocation]) -> None:
        self._answers = list(answers)

    def feed(self, since: float | None) -> tuple[Sequence[PublicKey], Sequence[Revocation]]:
        return (), self._answers.pop(0) if self._answers else ()


def lines() -> Iterator[str]:
    """Return the figures in the format of given.toml."""
    now = time.time()
    page = json.dumps([feed_item(_entry(now)) for _ in range(_ENTRIES)])
    loads = [_loaded(page, now) for _ in range(5)]
    memory, load = min(each[0] for each in loads), min(each[1] for each in loads)
    watch = loads[-1][2]
    clock = iter(range(1, 1_000_000))
    keep = cost(lambda: watch._poll(now + 10.0 * next(clock)), rounds=3)
    password = "correct horse battery"
    known = hash_password(password, cost=12)
    bcrypt = cost(lambda: password_matches(password, known, cost=12), rounds=1)
    yield f"entry_memory = {memory / _ENTRIES:.0f}"
    yield f"entry_load = {load / _ENTRIES * 1e6:.1f}"
    yield f"entry_keep = {keep.median / _ENTRIES:.3f}"
    yield f"bcrypt_12 = {bcrypt.median / 1000:.0f}"


def _entry(now: float) -> Revocation:
    return Revocation(kind="jti", subject=new_secret(), revoked_at=now, expires_at=int(now) + 10_000_000)


def _loaded(page: str, now: float) -> tuple[int, float, Watch]:
    """Bytes that stay and seconds of CPU that it takes to read a page's JSON into a container."""
    began = time.process_time()
    _watch(page, now)
    took = time.process_time() - began
    tracemalloc.start()
    watch = _watch(page, now)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held, took, watch


def _watch(page: str, now: float) -> Watch:
    found = [from_item(Revocation, item) for item in json.loads(page)]
    watch = Watch(_Feed(found), Settings(issuer="https://id.example.test"))  # type: ignore[arg-type]
    watch._poll(now)
    return watch
