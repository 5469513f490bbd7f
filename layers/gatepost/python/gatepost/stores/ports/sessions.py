"""Where browser sessions and pending requests are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.records import (
    PendingRequest,
    Session,
)


class SessionStore(Protocol):
    """Browser sessions and the authorization requests that wait for an answer."""

    def start_session(self, session: Session) -> None:
        """Write the session."""

    def end_session(self, user_id: str, session_hash: str) -> None:
        """Remove the session; the cookie is nobody from then on."""

    def sessions_of(self, user_id: str) -> Sequence[Session]:
        """All sessions of a user, also those that are over."""

    def save_request(self, request: PendingRequest) -> None:
        """Keep a request until the user answers it."""

    def take_request(self, request: PendingRequest) -> None:
        """Remove a request that its user refuses. Of concurrent callers, and of those of `approve`, one does.

        Raises Conflict("request") if it was answered meanwhile, or was not shown to the session that it names.
        """
