"""Counts of the tokens that apps get, for the overview: counted in memory, written now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatepost.stores.ports.counts import CountStore

WRITTEN_EVERY = 300  # seconds


class _Count:
    """The tokens of one app in this container."""

    __slots__ = ("pending", "since", "written", "written_at")

    def __init__(self) -> None:
        self.written = 0
        self.written_at = 0.0
        self.pending = 0
        self.since = 0.0  # the first of the pending ones: all count for its day


class TokenCounts:
    """The counts of one container.

    The first token of an app is written at once, then the pending ones when they are more than were written, or after
    five minutes. So a container makes few writes however many tokens it issues, and of what it counted at least half
    is written when it ends.
    """

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._counts: dict[str, _Count] = {}

    def add(self, store: CountStore, client_id: str, *, now: float) -> None:
        """Count a token. Raises OAuthError if a write fails; its tokens are not counted then.

        They are not written again, because the write may have been made before its response was lost.
        """
        count = self._counts.setdefault(client_id, _Count())
        count.since = count.since if count.pending else now
        count.pending += 1
        if count.pending <= count.written and now - count.written_at < WRITTEN_EVERY:
            return
        tokens, count.pending = count.pending, 0
        count.written += tokens
        count.written_at = now
        store.add_tokens(client_id, tokens, now=count.since)
