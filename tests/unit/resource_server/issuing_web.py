"""An issuer with a list of its revocations, as an API reaches it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gatepost.endpoints.published_list import PublishedList
from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.model.feed import RevocationKind
from gatepost.resource_server.fetch import Answer
from gatepost.resource_server.issuer_keys import IssuerWatch
from gatepost.resource_server.issuer_list import IssuerList
from gatepost.tokens.compaction import compact
from gatepost.tokens.handles import claimed
from tests.unit.tokens.feed import Feed
from tests.unit.tokens.forge import CLAIMS, ES256, signed
from tests.unit.world import ISSUER, NOW, SETTINGS

METADATA, JWKS = f"{ISSUER}/.well-known/oauth-authorization-server", f"{ISSUER}/.well-known/jwks.json"
URL = f"{ISSUER}/.well-known/revocations"
A_KEY = b"k" * 32
OF = {"handles": claimed(A_KEY, client_id="web", sub="alice-id")}
TOKEN = signed(CLAIMS | OF)
ANOTHER = signed(
    CLAIMS
    | {"jti": "x", "grant_id": "bob-id.g", "sub": "bob-id", "client_id": "other"}
    | {"handles": claimed(A_KEY, client_id="other", sub="bob-id")}
)
AS_SET = SETTINGS._replace(revocation_poll=5, revocation_max_stale=60)


class Web:
    """An issuer with a list of its own feed, as an API reaches it. `changes` are laid over a document by its URL."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.feed.publish_handle_key(A_KEY)
        self.listed = PublishedList(self.feed, AS_SET._replace(published_revocations=True))
        self.now = float(NOW)
        self.announced = self.etags = True
        self.asked: list[str] = []
        self.known: list[str] = []
        self.changes: dict[str, dict[str, Any] | None] = {}

    def document(self, url: str) -> Mapping[str, Any]:
        self.asked.append(url)
        if url == METADATA:
            more = {"revocation_list_uri": URL} if self.announced else {}
            return {"issuer": ISSUER, "jwks_uri": JWKS} | more | (self.changes.get(url) or {})
        return {"keys": [json.loads(ES256.public().jwk)]}

    def fetch(self, url: str, etag: str, largest: int) -> Answer | None:
        self.asked.append(url)
        change = self.changes.get(url, {})
        if change is None:
            raise TemporarilyUnavailable("try again")
        found = self.listed.head(self.now) if url == URL else self.listed.segment(url.rpartition("/")[2], self.now)
        if found is None:
            raise TemporarilyUnavailable("try again", reason="fetch: status 404")
        if found.etag == etag and self.etags:
            self.known.append(url)
            return None
        return Answer(json.loads(found.body) | change, found.etag)

    def revoke(self, kind: RevocationKind, subject: str, at: float | None = None) -> None:
        self.feed.revoke(kind, subject, self.now if at is None else at)

    def compact(self, count: int = 300) -> None:
        for number in range(count):
            self.revoke("grant", f"{self.now}-{number}", self.now - 30)
        self.revoke("grant", f"witness-{self.now}")
        assert compact(self.feed.compactor(), lag=0, now=self.now) >= count

    @property
    def segments(self) -> int:
        return len([url for url in self.asked if url.startswith(f"{URL}/")])


def new_watch(web: Web, **changes: Any) -> IssuerWatch:
    settings = AS_SET._replace(**changes)
    return IssuerWatch(web.document, settings, IssuerList(web.fetch, settings))


def opens(watch: IssuerWatch, web: Web, token: str = TOKEN, *, after: float = 0) -> bool | None:
    """Whether the token is accepted so many seconds later; None if that can't be decided."""
    web.now += after
    try:
        watch.claims(token, web.now)
    except InvalidToken:
        return False
    except TemporarilyUnavailable:
        return None
    return True


def polled(watch: IssuerWatch, web: Web, seconds: int) -> Iterator[bool | None]:
    for _ in range(seconds):
        yield opens(watch, web, after=1)
