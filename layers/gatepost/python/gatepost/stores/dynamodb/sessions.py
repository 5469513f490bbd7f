"""Browser sessions and pending authorization requests, both under the hash of a random value."""

from __future__ import annotations

from gatepost.model import PendingRequest, Session
from gatepost.stores import tables as t
from gatepost.stores.dynamodb.codec import Item, from_item, to_item
from gatepost.stores.dynamodb.records import place
from gatepost.stores.dynamodb.tables import ConditionFailed, Tables
from gatepost.stores.ports import SessionKey

SHOWN_TO = "browser = :browser"


class DynamoDBSessions:
    """See ports.SessionStore."""

    _tables: Tables

    def start_session(self, session: Session) -> None:
        """One put."""
        self._tables.put(t.SESSIONS, to_item(session, ttl=session.expires_at))

    def end_session(self, session_hash: str) -> None:
        """One delete."""
        self._tables.delete(*place(SessionKey(session_hash)))

    def save_request(self, request: PendingRequest) -> None:
        """One put. The session that it belongs to is kept under another name: `session_hash` is the table's key."""
        item = to_item(request, ttl=request.expires_at)
        item["browser"] = item["session_hash"]
        self._tables.put(t.SESSIONS, {**item, **_request_key(request.request_hash)})

    def take_request(self, request_hash: str, session_hash: str) -> PendingRequest | None:
        """One conditional delete that returns what it removed."""
        key = _request_key(request_hash)
        try:
            item = self._tables.delete(t.SESSIONS, key, SHOWN_TO, {":browser": {"S": session_hash}})
        except ConditionFailed:
            return None
        return from_item(PendingRequest, {**item, "session_hash": item["browser"]})


def _request_key(request_hash: str) -> Item:
    return {"session_hash": {"S": f"request#{request_hash}"}}
