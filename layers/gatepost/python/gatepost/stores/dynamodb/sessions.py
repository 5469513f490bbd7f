"""Browser sessions and pending authorization requests, each under its user and the hash of a random value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatepost.errors import Conflict
from gatepost.stores import schema as t
from gatepost.stores.dynamodb.codec import from_item, to_item
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.dynamodb.retrying import ConditionFailed
from gatepost.stores.record_keys import RequestKey, SessionKey

if TYPE_CHECKING:
    from gatepost.model.sessions import PendingRequest, Session

SHOWN_TO = "session_hash = :session"
PRESENT = "attribute_exists(sk)"


class DynamoDBSessions:
    """Implements ports.SessionStore."""

    _tables: Tables

    def start_session(self, session: Session) -> None:
        """One put."""
        key = place(SessionKey(session.user_id, session.session_hash))[1]
        self._tables.put(t.SESSIONS, to_item(session, key, ttl=session.expires_at))

    def touch_session(self, session: Session, *, now: int) -> None:
        """One conditional update."""
        place_of_session = place(SessionKey(session.user_id, session.session_hash))
        try:
            self._tables.update(*place_of_session, "SET last_used_at = :now", PRESENT, {":now": {"N": str(now)}})
        except ConditionFailed:
            return

    def end_session(self, user_id: str, session_hash: str) -> None:
        """One delete."""
        self._tables.delete(*place(SessionKey(user_id, session_hash)))

    def sessions_of(self, user_id: str) -> Sequence[Session]:
        """One query of the user's partition."""
        from gatepost.model.sessions import Session

        values = {":user": {"S": user_id}, ":prefix": {"S": "session#"}}
        items = self._tables.query(t.SESSIONS, "user_id = :user AND begins_with(sk, :prefix)", values)
        return [from_item(Session, item) for item in items]

    def save_request(self, request: PendingRequest) -> None:
        """One put."""
        key = place(RequestKey(request.user_id, request.request_hash))[1]
        self._tables.put(t.SESSIONS, to_item(request, key, ttl=request.expires_at))

    def take_request(self, request: PendingRequest) -> None:
        """One transaction of a single delete, so that a retry after a lost response is no second submission."""
        delete = {
            **self._tables.at(RequestKey(request.user_id, request.request_hash)),
            "ConditionExpression": SHOWN_TO,
            "ExpressionAttributeValues": {":session": {"S": request.session_hash}},
        }
        try:
            self._tables.transact({"Delete": delete})
        except ConditionFailed:
            raise Conflict("request") from None
