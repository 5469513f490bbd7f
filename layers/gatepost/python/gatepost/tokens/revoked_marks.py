"""The revocations that a container knows, in compact form: eight bytes for each that a cold read brought.

Nothing says when a mark may be forgotten: a token outlives no entry that names it, so an old mark denies only what has
expired. When the marks of later reads outgrow the others, the container starts anew with those that are alive.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeGuard

from gatepost.model.feed import CUTOFFS, Compacted, Marked, Revocation, mark
from gatepost.tokens.access_token import Claims
from gatepost.tokens.verified_cache import MOST

_CUTOFF = struct.Struct("=QI")  # a mark, and the time in seconds; written in the order of this machine's integers
_MOST_RECENT = 8192


class RevokedMarks:
    """The marks of revoked tokens, grants and keys, and the cutoffs of apps and users."""

    def __init__(self, compacted: Compacted | None = None, entries: Iterable[Revocation | Marked] = ()) -> None:
        """Take the result of a cold read: segments, and the entries after them."""
        self._kept = array("Q")
        self._recent: set[int] = set()
        self._cutoffs: dict[int, int] = {}
        found = array("Q", self._taken(entries))
        for part in compacted.marks if compacted else ():
            found.frombytes(part)
        for part in compacted.cutoffs if compacted else ():
            self._cut_all(part)
        self._kept = array("Q", sorted(found))

    def __bool__(self) -> bool:
        """Whether anything is revoked."""
        return bool(self._kept or self._recent or self._cutoffs)

    def __len__(self) -> int:
        """Return the number of marks."""
        return len(self._kept) + len(self._recent) + len(self._cutoffs)

    @property
    def outgrown(self) -> bool:
        """Whether so many came later that another cold read pays."""
        return len(self._recent) > max(_MOST_RECENT, len(self._kept) // 4)

    def add(self, entries: Iterable[Revocation | Marked]) -> int:
        """Take the entries of a later read, known or not, and return how many were new."""
        before = len(self)
        self._recent.update(subject for subject in self._taken(entries) if not self._is_kept(subject))
        return len(self) - before

    def cover(self, entry: Revocation | Marked) -> bool:
        """Whether they revoke whatever an entry does."""
        if is_cutoff(entry):
            return self._cutoffs.get(mark_of(entry), -1) >= int(entry.revoked_at)
        return self._holds(mark_of(entry))

    def take(self, compacted: Compacted) -> None:
        """Take parts of a later read, known or not."""
        for part in compacted.marks:
            self._recent.update(subject for subject in array("Q", part) if not self._is_kept(subject))
        for part in compacted.cutoffs:
            self._cut_all(part)

    def revokes(self, claims: Claims) -> bool:
        """Whether the token, its grant or its key is revoked, or its app or user since it was issued."""
        if not self:
            return False
        marks = _marks(claims.jti, claims.kid, claims.client_id, claims.sub, claims.grant_id)
        if self._holds(marks.token) or self._holds(marks.key) or (claims.grant_id and self._holds(marks.grant)):
            return True
        return claims.iat <= self._cut_off(claims, marks)

    def _cut_off(self, claims: Claims, marks: Marks) -> int:
        """Return the time up to which tokens of the same app or user are revoked, -1 if none are."""
        return max(self._cutoffs.get(marks.client, -1), self._cutoffs.get(marks.user, -1))

    def _holds(self, subject: int) -> bool:
        return subject in self._recent or self._is_kept(subject)

    def _is_kept(self, subject: int) -> bool:
        place = bisect_left(self._kept, subject)
        return place < len(self._kept) and self._kept[place] == subject

    def _taken(self, entries: Iterable[Revocation | Marked]) -> Iterator[int]:
        """Note the cutoffs, and yield the marks of the others."""
        for each in entries:
            if is_cutoff(each):
                self._cut(mark_of(each), int(each.revoked_at))
            else:
                yield mark_of(each)

    def _cut_all(self, part: bytes) -> None:
        for subject, until in _CUTOFF.iter_unpack(part):
            self._cut(subject, until)

    def _cut(self, subject: int, until: int) -> None:
        self._cutoffs[subject] = max(until, self._cutoffs.get(subject, 0))


class Marks(NamedTuple):
    """The marks of everything that may revoke one token."""

    token: int
    key: int
    client: int
    user: int
    grant: int


@lru_cache(maxsize=MOST)
def _marks(jti: str, kid: str, client_id: str, user_id: str, grant_id: str) -> Marks:
    return Marks(
        token=mark("jti", jti),
        key=mark("key", kid),
        client=mark("client", client_id),
        user=mark("user", user_id),
        grant=mark("grant", grant_id),
    )


def is_cutoff(entry: Revocation | Marked) -> TypeGuard[Revocation]:
    """Whether an entry revokes what was issued up to a time."""
    return isinstance(entry, Revocation) and entry.kind in CUTOFFS


def mark_of(entry: Revocation | Marked) -> int:
    """Return the mark of an entry's subject."""
    return entry.mark if isinstance(entry, Marked) else mark(entry.kind, entry.subject)


def written_marks(entries: Iterable[Revocation | Marked]) -> bytes:
    """Return a segment's contents for entries that are no cutoffs."""
    return array("Q", sorted(set(map(mark_of, entries)))).tobytes()


def written_cutoffs(revocations: Iterable[Revocation]) -> bytes:
    """Return a segment's contents for cutoffs."""
    return b"".join(_CUTOFF.pack(mark(each.kind, each.subject), int(each.revoked_at)) for each in revocations)


def cutoffs_in(written: bytes) -> Iterator[tuple[int, int]]:
    """Yield the marks and times of cutoffs in a segment's contents."""
    return _CUTOFF.iter_unpack(written)
