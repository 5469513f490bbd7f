"""What a warm container knows about keys and revocations, and how old that may be.

The feed is read in one query at most every `revocation_poll` seconds, from where the last one stopped. If it can't be
read, the container goes on with what it has for `revocation_max_stale` seconds, then it refuses everything.
"""

from __future__ import annotations

from collections.abc import Iterable

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.model import PublicKey, Revocation, RevocationKind
from gatepost.settings import Settings
from gatepost.stores.ports import FeedStore
from gatepost.tokens.access import Claims, Verifier, key_id, verify_access_token

_OVERLAP = 120  # seconds read again, for writers whose clocks or transactions lag behind


class Watch:
    """The keys and revocations of one container. Its memory is bounded by the feed, which forgets by itself."""

    def __init__(self, store: FeedStore, settings: Settings) -> None:
        """Nothing is read before the first token."""
        self._store = store
        self._settings = settings
        self._keys: dict[str, tuple[PublicKey, Verifier]] = {}
        self._revoked: dict[tuple[RevocationKind, str], Revocation] = {}
        self._read_at: float | None = None
        self._tried_at = float("-inf")
        self._keys_read_at = float("-inf")

    def claims(self, token: str, now: float) -> Claims:
        """The claims of a genuine, living, unrevoked token.

        Raises InvalidToken otherwise, TemporarilyUnavailable if what is known is too old to say.
        """
        kid = key_id(token)
        self._poll(now)
        if kid not in self._keys and now - self._keys_read_at >= self._settings.revocation_poll:
            # a key published since; at most one look every poll, however many such tokens come
            self._keys_read_at = now
            self._keep(self._store.public_keys())
        verifiers = {key: verifier for key, (public, verifier) in self._keys.items() if public.stands(now)}
        claims = verify_access_token(token, verifiers, self._settings, now)
        if self.is_revoked(claims):
            raise InvalidToken("the token is not valid", reason="revoked", grant_id=claims.grant_id)
        return claims

    def is_revoked(self, claims: Claims) -> bool:
        """Whether the feed names the token, its grant or its key, or its app or user since it was issued."""
        if ("jti", claims.jti) in self._revoked or ("key", claims.kid) in self._revoked:
            return True
        if claims.grant_id and ("grant", claims.grant_id) in self._revoked:
            return True
        since = (self._revoked.get(("client", claims.client_id)), self._revoked.get(("user", claims.sub)))
        return any(entry is not None and claims.iat <= entry.revoked_at for entry in since)

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
        if now - self._read_at > self._settings.revocation_max_stale:  # asked at every token, not at every try only
            raise TemporarilyUnavailable("try again", reason="the revocations can't be read")

    def _load(self, now: float) -> None:
        self._keys_read_at = self._tried_at = now
        keys, revocations = self._store.feed(None)
        self._keep(keys)
        self._read_at = now
        self._note(revocations, now)

    def _keep(self, keys: Iterable[PublicKey]) -> None:
        self._keys = {key.kid: (key, Verifier.of(key)) for key in keys if not key.ended_at}

    def _note(self, revocations: Iterable[Revocation], now: float) -> None:
        for entry in list(self._revoked):
            if self._revoked[entry].expires_at <= now:
                del self._revoked[entry]
        for revocation in revocations:
            place = (revocation.kind, revocation.subject)
            known = self._revoked.get(place)
            if known is None or known.revoked_at < revocation.revoked_at:
                self._revoked[place] = revocation
