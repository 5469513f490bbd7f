"""A feed that records its reads and can be down, and the verdict of an authorizer on a token."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.errors import InvalidToken, TemporarilyUnavailable
from gatepost.model.feed import Compacted, PublicKey, Revocation, RevocationKind
from gatepost.resource_server.issuer_keys import IssuerWatch
from gatepost.tokens.revocation_list import Watch
from tests.fakes import MemoryStore
from tests.unit.tokens.forge import ES256, GENUINE
from tests.unit.world import NOW, accepted

END = NOW + 3630


class Feed(MemoryStore):
    """A feed that records its reads, and can be down."""

    def __init__(self, *keys: PublicKey) -> None:
        super().__init__()
        self.down = False
        self.asked: list[float | None] = []  # None: a cold read, with what lies in it
        self.looks = 0  # at the keys alone
        for key in keys or (ES256.public(),):
            self.publish_key(key)

    def standing(self) -> tuple[Sequence[PublicKey], Compacted]:
        self.asked.append(None)
        if self.down:
            raise TemporarilyUnavailable("try again")
        return super().public_keys(), self.compactor().compacted()

    def feed(self, since: float) -> Sequence[Revocation]:
        self.asked.append(since)
        if self.down:
            raise TemporarilyUnavailable("try again")
        return super().feed(since)

    def public_keys(self) -> Sequence[PublicKey]:
        self.looks += 1
        if self.down:
            raise TemporarilyUnavailable("try again")
        return super().public_keys()

    def revoke(self, kind: RevocationKind, subject: str, at: float, end: int = END) -> None:
        self.publish(Revocation(kind=kind, subject=subject, revoked_at=at, expires_at=end))


def opens(watch: Watch | IssuerWatch, now: float, token: str = GENUINE) -> bool:
    return accepted(lambda: watch.claims(token, now), InvalidToken)
