"""An issuer's published list over a feed that records how often it is asked, and texts that are no tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gatepost.endpoints.published_list import PublishedList
from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import from_base64url
from gatepost.model.feed import Listed, mark
from gatepost.tokens.compaction import compact
from tests.unit.tokens.feed import Feed
from tests.unit.world import ISSUER, NOW, SETTINGS

ON = SETTINGS._replace(published_revocations=True)
A_KEY = b"k" * 32
URL = f"{ISSUER}/.well-known/revocations"
NO_TOKENS = ["x", "\x00", "a" * 100_000, "eyJhbGciOiJub25lIn0.e30.", "alice-id.g.1." + "A" * 43]


class Source(Feed):
    """A feed with a key of handles that records how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.listings = 0
        self.contents: list[str] = []
        self.publish_handle_key(A_KEY)

    def listed(self) -> Listed:
        self.listings += 1
        if self.down:
            raise TemporarilyUnavailable("try again")
        return super().listed()

    def segments(self, names: Sequence[str]) -> Sequence[bytes]:
        self.contents += names
        return super().segments(names)

    def compacted(self, now: float, count: int = 300) -> None:
        """Compact entries that were written a minute before."""
        for number in range(count):
            self.revoke("jti", f"{now}-{number}", now - 60)
        self.revoke("jti", f"witness-{now}", now)
        assert compact(self.compactor(), lag=0, now=now) >= count


def head(listed: PublishedList, now: float = NOW) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(listed.head(now).body)
    return found


def parts(text: str, size: int) -> set[bytes]:
    octets = from_base64url(text)
    return {octets[start : start + size] for start in range(0, len(octets), size)}


def marked(kind: Any, subject: str) -> bytes:
    return mark(kind, subject).to_bytes(8, "little")
