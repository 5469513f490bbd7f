"""The keys and revocations that a warm container has cached, and their maximum age.

The feed is read in one query at most every `revocation_poll` seconds, from the end of the last read. If it can't be
read, the container uses its cache for `revocation_max_stale` seconds, then rejects every token.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, get_args

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.model.feed import PublicKey, Revocation, RevocationKind
from gatepost.settings import Settings
from gatepost.tokens.access_token import Claims, Verifier, key_id
from gatepost.tokens.verified_cache import Known, OfOneAPI

if TYPE_CHECKING:
    from gatepost.stores.ports.feed import FeedReader

_OVERLAP = 120  # seconds read again, for writers whose clocks or transactions lag behind


class Watch(OfOneAPI):
    """The keys and revocations of a container; thread-safe.

    Its memory is bounded by the feed, whose entries expire, and by `verified_cache.MOST`.
    """

    def __init__(self, store: FeedReader, settings: Settings) -> None:
        """Start empty; nothing is read before the first token."""
        self._store = store
        self._settings = settings
        self._lock = threading.Lock()  # one thread reads the feed; the others wait for the result
        self._known = Known.by(())
        self._published: frozenset[PublicKey] = frozenset()  # the keys that `_known` was made from
        self._revoked: dict[RevocationKind, dict[str, Revocation]] = {kind: {} for kind in get_args(RevocationKind)}
        self._read_at: float | None = None
        self._tried_at = float("-inf")
        self._keys_read_at = float("-inf")

    def genuine(self, token: str, now: float) -> Claims:
        """See OfOneAPI."""
        kid = key_id(token)
        with self._lock:
            self._poll(now)
            if kid not in self._known.keys and now - self._keys_read_at >= self._settings.revocation_poll:
                # a key published since; at most one read per poll, however many such tokens arrive
                self._keys_read_at = now
                self._keep(self._store.public_keys())
            known = self._known
        claims = known.claims(token, self._settings, now)
        if self.is_revoked(claims):
            raise InvalidToken("the token is not valid", reason="revoked", grant_id=claims.grant_id)
        return claims

    def is_revoked(self, claims: Claims) -> bool:
        """Whether the feed revokes the token, its grant or its key, or its app or user since it was issued."""
        revoked = self._revoked
        if claims.jti in revoked["jti"] or claims.kid in revoked["key"]:
            return True
        if claims.grant_id and claims.grant_id in revoked["grant"]:
            return True
        for entry in (revoked["client"].get(claims.client_id), revoked["user"].get(claims.sub)):
            if entry is not None and claims.iat <= entry.revoked_at:
                return True
        return False

    def _poll(self, now: float) -> None:
        if self._read_at is None or now < self._read_at:  # first use, or the clock went back
            self._load(now)
            return
        if now - self._tried_at >= self._settings.revocation_poll:
            self._tried_at = now
            try:
                _, revocations = self._store.feed(self._read_at - _OVERLAP)
            except TemporarilyUnavailable:
                revocations = ()
            else:
                self._read_at = now
            self._note(revocations, now)
        if now - self._read_at > self._settings.revocation_max_stale:  # checked for every token, not only at polls
            raise TemporarilyUnavailable("try again", reason="the revocations can't be read")

    def _load(self, now: float) -> None:
        self._keys_read_at = self._tried_at = now
        keys, revocations = self._store.feed(None)
        self._keep(keys)
        self._note(revocations, now)
        self._read_at = now

    def _keep(self, keys: Iterable[PublicKey]) -> None:
        published = frozenset(keys)
        if published != self._published:
            self._known = Known.by(filter(None, map(_verifier, published)))
            self._published = published

    def _note(self, revocations: Iterable[Revocation], now: float) -> None:
        for entries in self._revoked.values():
            for subject in [subject for subject, entry in entries.items() if entry.expires_at <= now]:
                del entries[subject]
        for revocation in revocations:
            entries = self._revoked.setdefault(revocation.kind, {})
            known = entries.get(revocation.subject)
            if known is None or known.revoked_at < revocation.revoked_at:
                entries[revocation.subject] = revocation


def _verifier(key: PublicKey) -> tuple[str, Verifier] | None:
    """Return None for a key that can't be read, so that it does not disable the others."""
    try:
        return key.kid, Verifier.of(key)
    except ValueError:
        return None
