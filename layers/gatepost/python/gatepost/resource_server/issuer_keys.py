"""The keys of an issuer, fetched by its URL alone, with its list of revocations if it publishes one (`issuer_list`).

The keys are fetched again every REFRESH seconds, so that a withdrawn key is rejected within that time, and for a token
with an unknown `kid` at most every UNKNOWN_KEY seconds. If the issuer can't be reached, the container uses its cache
for MAX_STALE seconds, then rejects every token. Without a list a revoked token is accepted until it expires.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gatepost.errors import TemporarilyUnavailable
from gatepost.model.feed import PublicKey
from gatepost.resource_server.fetch import fetch_changed
from gatepost.resource_server.issuer_list import IssuerList
from gatepost.settings import Settings
from gatepost.tokens.access_token import Claims, Verifier, key_id
from gatepost.tokens.verified_cache import Known, OfOneAPI

METADATA_PATH = "/.well-known/oauth-authorization-server"  # RFC 8414 §3; the issuer is an origin
REFRESH = 300.0
UNKNOWN_KEY = 30.0
RETRY = 10.0  # after a failure
MAX_STALE = 3600.0

Fetch = Callable[[str], Mapping[str, Any]]  # see fetch.fetch_json


class IssuerWatch(OfOneAPI):
    """The cached keys of one issuer, and its list; thread-safe."""

    def __init__(self, fetch: Fetch, settings: Settings, revocations: IssuerList | None = None) -> None:
        """Start empty; nothing is fetched before the first token."""
        self._fetch = fetch
        self._list = revocations or IssuerList(fetch_changed, settings)
        self._settings = settings
        self._lock = threading.Lock()  # one thread fetches; the others wait for the result
        self._known = Known.by(())
        self._published: Sequence[object] = ()  # the JWKs that `_known` was made from
        self._read_at: float | None = None
        self._tried_at = float("-inf")

    def genuine(self, token: str, now: float) -> Claims:
        """See OfOneAPI."""
        kid = key_id(token)
        with self._lock:
            self._refresh(kid, now)
            self._list.poll(now)
            known, read_at = self._known, self._read_at
        if read_at is None or abs(now - read_at) > MAX_STALE:  # abs: a clock that was set back makes nothing fresher
            raise TemporarilyUnavailable("try again", reason="the keys can't be read")
        claims = known.claims(token, self._settings, now)
        self._list.check(claims)
        return claims

    def _refresh(self, kid: str, now: float) -> None:
        if self._read_at is not None and 0 <= now - self._read_at < (
            REFRESH if kid in self._known.keys else UNKNOWN_KEY
        ):
            return
        if 0 <= now - self._tried_at < RETRY:
            return
        self._tried_at = now
        try:
            published = self._fetched()
        except TemporarilyUnavailable:
            if self._read_at is None:
                raise
        else:
            self._read_at = now
            if published != self._published:
                self._known = Known.by(filter(None, map(_verifier, published)))
                self._published = published

    def _fetched(self) -> Sequence[object]:
        issuer = self._settings.issuer
        metadata = self._fetch(issuer + METADATA_PATH)
        jwks_uri = metadata.get("jwks_uri")
        if metadata.get("issuer") != issuer:  # RFC 8414 §3.3
            raise TemporarilyUnavailable("try again", reason="the metadata is of another issuer")
        if not isinstance(jwks_uri, str) or not jwks_uri.startswith(f"{issuer}/"):
            raise TemporarilyUnavailable("try again", reason="the keys lie elsewhere")
        self._list.announced(metadata.get("revocation_list_uri"))
        entries = self._fetch(jwks_uri).get("keys")
        if not isinstance(entries, list):
            raise TemporarilyUnavailable("try again", reason="no JWK Set")
        return entries


def _verifier(jwk: object) -> tuple[str, Verifier] | None:
    """Return a key that may verify our tokens; None for another use, or if it can't be read."""
    if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
        return None
    kid = jwk.get("kid")
    if not isinstance(kid, str):
        return None
    try:
        return kid, Verifier.of(PublicKey(kid=kid, jwk=json.dumps(jwk)))
    except ValueError:
        return None
