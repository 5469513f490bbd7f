"""The keys and revocations that a warm container has cached, and their maximum age.

The feed is read in one query at most every `revocation_poll` seconds, from the end of the last read, and every five
minutes from further back. If it can't be read, the container uses its cache for `revocation_max_stale` seconds, then
rejects every token.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.model.feed import SETTLED, Marked, Partitions, PublicKey, Revocation
from gatepost.observability.log import note
from gatepost.settings import LONGEST_LIFETIME, Settings
from gatepost.tokens.access_token import Claims, Verifier, key_id
from gatepost.tokens.revoked_marks import RevokedMarks
from gatepost.tokens.verified_cache import Known, OfOneAPI

if TYPE_CHECKING:
    from gatepost.stores.ports.feed import FeedReader

LONG = 256  # entries
_SELDOM = 300  # seconds between reads from further back, and between two cold reads
_LATE = _SELDOM + 120  # seconds that they go back, for entries from another region or of a wrong clock


class Watch(OfOneAPI):
    """The keys and revocations of a container; thread-safe.

    Its memory is bounded by the feed, which it reads anew when it has grown, and by `verified_cache.MOST`.
    """

    def __init__(self, store: FeedReader, settings: Settings) -> None:
        """Start empty; nothing is read before the first token."""
        self._store = store
        self._settings = settings
        self._lock = threading.Lock()  # one thread reads the feed; the others wait for the result
        self._known = Known.by(())
        self._published: frozenset[PublicKey] = frozenset()  # the keys that `_known` was made from
        self._revoked = RevokedMarks()
        self._read_at: float | None = None
        self._tried_at = float("-inf")
        self._keys_read_at = float("-inf")
        self._looked_back_at = float("-inf")
        self.parts = Partitions()
        self.noted = 0  # entries that other readers would read one by one, as far as this container knows

    @property
    def is_long(self) -> bool:
        """Whether the feed should be compacted."""
        return self.noted >= LONG

    def follow(self, now: float) -> None:
        """Read the feed if it is time, without a token."""
        with self._lock:
            self._poll(now)

    def genuine(self, token: str, now: float, *, leeway: int | None = None) -> Claims:
        """See OfOneAPI. With `leeway` instead of the settings' own."""
        settings = self._settings if leeway is None else self._settings._replace(clock_leeway=leeway)
        kid = key_id(token)
        with self._lock:
            self._poll(now)
            if kid not in self._known.keys and now - self._keys_read_at >= self._settings.revocation_poll:
                # a key published since; at most one read per poll, however many such tokens arrive
                self._keys_read_at = now
                self._keep(self._store.public_keys())
            known = self._known
        claims = known.claims(token, settings, now)
        if self._revoked.revokes(claims):
            raise InvalidToken("the token is not valid", reason="revoked", grant_id=claims.grant_id)
        return claims

    def _poll(self, now: float) -> None:
        if self._read_at is None or now < self._read_at:  # first use, or the clock went back
            self._load(now)
            return
        if now - self._tried_at >= self._settings.revocation_poll:
            self._tried_at = now
            with suppress(TemporarilyUnavailable):
                self._read_on(self._read_at, now)
                self._read_at = now
        if now - self._read_at > self._settings.revocation_max_stale:  # checked for every token, not only at polls
            raise TemporarilyUnavailable("try again", reason="the revocations can't be read")

    def _read_on(self, read_at: float, now: float) -> None:
        seldom = now - self._looked_back_at >= _SELDOM
        if seldom and self._revoked.outgrown:
            self._load(now)
            return
        if seldom:
            self.parts = self._store.parts()
        self.noted += self._revoked.add(self._entries(read_at - (_LATE if seldom else SETTLED), now))
        if seldom:
            self._looked_back_at = now

    def _load(self, now: float) -> None:
        self._keys_read_at = self._tried_at = self._looked_back_at = now
        keys, compacted = self._store.standing()
        oldest = now - LONGEST_LIFETIME - SETTLED  # what was written before names no token that lives
        self.parts = compacted.parts
        entries = self._entries(max(oldest, min(compacted.until, now - SETTLED)), now)
        self._keep(keys)
        self._revoked, self.noted = RevokedMarks(compacted, entries), len(entries)
        self._read_at = now
        note("feed.read", {"entries": len(entries), "marks": len(self._revoked)})

    def _entries(self, since: float, now: float) -> Sequence[Revocation | Marked]:
        return [*self._store.feed(since), *self._store.marked(since, self.parts.read_at(now))]

    def _keep(self, keys: Iterable[PublicKey]) -> None:
        published = frozenset(keys)
        if published != self._published:
            self._known = Known.by(filter(None, map(_verifier, published)))
            self._published = published


def _verifier(key: PublicKey) -> tuple[str, Verifier] | None:
    """Return None for a key that can't be read, so that it does not disable the others."""
    try:
        return key.kid, Verifier.of(key)
    except ValueError:
        return None
