"""Port for browser sessions and pending authorization requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.sessions import PendingRequest, Session


class SessionStore(Protocol):
    """Browser sessions and pending authorization requests."""

    def start_session(self, session: Session) -> None:
        """Write the session."""

    def touch_session(self, session: Session, *, now: int) -> None:
        """Record the time of its last use. Does nothing if the session was ended."""

    def end_session(self, user_id: str, session_hash: str) -> None:
        """Remove the session; its cookie is no longer valid."""

    def sessions_of(self, user_id: str) -> Sequence[Session]:
        """Return all sessions of a user, including expired ones."""

    def save_request(self, request: PendingRequest) -> None:
        """Save a request until the user submits the consent form."""

    def take_request(self, request: PendingRequest) -> None:
        """Remove a request that its user denies. Of concurrent callers, including those of `approve`, one succeeds.

        Raises Conflict("request") if it was submitted meanwhile, or was not shown to the session that it names.
        """
