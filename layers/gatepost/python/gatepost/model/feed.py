"""The records of the revocation feed, the authorizer's only data: keys and revocations. Times as in `model`."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from typing import Literal, NamedTuple

from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import base64url
from gatepost.settings import LONGEST_LIFETIME

RevocationKind = Literal["jti", "grant", "client", "user", "key"]
MARK = 8  # bytes
# Seconds after which every entry written at a time can be read: a call with its retries gives up after 10, DynamoDB may
# finish it after that, and the clocks of two containers differ.
SETTLED = 20
CUTOFFS: tuple[RevocationKind, ...] = ("client", "user")  # these end the tokens issued up to a time, the others all


class SegmentMissing(TemporarilyUnavailable):
    """A segment of the revocation feed is listed, and is not there."""


def mark(kind: RevocationKind, subject: str) -> int:
    """Return the number that stands for a subject in compact lists: the first bytes of the SHA-256 of `kind#subject`.

    Two subjects share one with a probability of 2⁻⁶⁴. Nobody chooses a subject: each is made of random bits here. The
    bytes are in the order of the digest, so a list is an array of this machine's integers as it stands.
    """
    return int.from_bytes(hashlib.sha256(f"{kind}#{subject}".encode()).digest()[:MARK], sys.byteorder)


def name_of(written: bytes) -> str:
    """Return the name of a segment: the beginning of the SHA-256 of its contents, in base64url."""
    return base64url(hashlib.sha256(written).digest()[:16])


class Revocation(NamedTuple):
    """An entry of the feed: tokens that name `subject` are rejected; of a client or user, those issued up to then."""

    kind: RevocationKind
    subject: str
    revoked_at: float
    expires_at: int  # when every such token has expired


def everything_of(kind: RevocationKind, subject: str, at: float) -> Revocation:
    """Return the entry that revokes every token of a client, user or grant issued up to `at`."""
    return Revocation(kind=kind, subject=subject, revoked_at=at, expires_at=int(at) + LONGEST_LIFETIME)


class Marked(NamedTuple):
    """An entry of the feed in a partition of its own kind: the mark of a token or grant, and nothing else."""

    mark: int
    expires_at: int


class Parts(NamedTuple):
    """The partitions beside the first one that the writers of a region announced; times in epoch seconds."""

    number: int = 0
    since: float = 0.0  # entries are written there from then on, when every reader knows it
    until: float = 0.0  # and read until then; 0 as long as entries are written there

    def read_at(self, now: float) -> int:
        """Return how many to read."""
        return self.number if not self.until or now < self.until else 0


class Partitions(NamedTuple):
    """What all regions announced. A reader reads the most of them, and a writer follows its own region's."""

    own: Parts = Parts()
    others: tuple[Parts, ...] = ()

    def read_at(self, now: float) -> int:
        """Return how many to read."""
        return max(parts.read_at(now) for parts in (self.own, *self.others))


class Segment(NamedTuple):
    """A part of the compacted feed, which never changes: the marks of entries, or marks with the times of cutoffs."""

    segment_id: str
    has_cutoffs: bool
    life: int  # the class of its entries by the time that was left to them: they expire at about the same time
    size: int  # entries
    expires_at: int  # when the last of its entries has


class Compaction(NamedTuple):
    """The state of the compacted feed: the segments hold every living entry that was written before `until`.

    The partitions were announced when it was read: without them nobody knows where entries lie.
    """

    sequence: int = 0
    until: float = 0.0
    segments: tuple[Segment, ...] = ()
    parts: Partitions = Partitions()

    def without_segments(self) -> Compaction:
        """Return the state where segments were lost: what they held is still among the entries."""
        return self._replace(until=0.0, segments=())


class Compacted(NamedTuple):
    """The contents of the segments: marks, and 12 bytes each for cutoffs (a mark, then the time in seconds)."""

    until: float = 0.0
    marks: tuple[bytes, ...] = ()
    cutoffs: tuple[bytes, ...] = ()
    parts: Partitions = Partitions()


class PublicKey(NamedTuple):
    """A verification key in the JWK Set (RFC 7517); `expires_at` is 0 while it may still sign.

    `ended_at` is the time of an early withdrawal: the private key leaked, and none of its signatures count.
    """

    kid: str
    jwk: str  # JSON
    expires_at: int = 0
    ended_at: int = 0

    @property
    def until(self) -> float:
        """The time from which its signatures are rejected: 0 for a withdrawn key, infinity if it may still sign."""
        return 0 if self.ended_at else self.expires_at or float("inf")

    def stands(self, now: float) -> bool:
        """Whether its signatures may still be accepted."""
        return self.until > now


class Listed(NamedTuple):
    """The sources of the published list besides the entries, with the key of the handles if there is one."""

    keys: Sequence[PublicKey]
    compaction: Compaction
    handle_key: bytes = b""
