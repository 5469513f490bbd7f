"""Port for browser sessions and pending authorization requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.sessions import PendingRequest, Session, SignedInto


class SessionStore(Protocol):
    """Browser sessions with the apps that they signed in to, and pending authorization requests."""

    def start_session(self, session: Session) -> None:
        """Write the session."""

    def touch_session(self, session: Session, *, now: int) -> None:
        """Record the time of its last use. Does nothing if the session was ended."""

    def end_session(self, user_id: str, session_hash: str) -> Session | None:
        """Remove the session, so that its cookie is no longer valid, and return it; None if there was none."""

    def remove_sessions(self, user_id: str) -> None:
        """Remove every session of a user."""

    def sessions_of(self, user_id: str) -> Sequence[Session]:
        """Return all sessions of a user, including expired ones."""

    def sign_ins_of(self, user_id: str) -> tuple[Sequence[Session], Sequence[SignedInto]]:
        """Return all sessions of a user, and their sign-ins to apps, including expired ones.

        A sign-in whose session is not among them is of a session that has ended.
        """

    def forget_sign_ins(self, user_id: str) -> None:
        """Remove the sign-ins of a deleted user, unless the apps are still to be told of the end."""

    def forget_sign_in(self, signed_into: SignedInto) -> None:
        """Remove a sign-in."""

    def keep_sign_ins(self, user_id: str, session_id: str, *, ends_at: int) -> None:
        """Keep the sign-ins of a session until the end of the one that took its place."""

    def save_request(self, request: PendingRequest) -> None:
        """Save a request until the user submits the consent form."""

    def take_request(self, request: PendingRequest) -> None:
        """Remove a request that its user denies. Of concurrent callers, including those of `approve`, one succeeds.

        Raises Conflict("request") if it was submitted meanwhile, or was not shown to the session that it names.
        """
