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
from gatepost.stores.record_keys import RequestKey, SessionKey, SignedIntoKey

if TYPE_CHECKING:
    from gatepost.model.sessions import PendingRequest, Session, SignedInto

SHOWN_TO = "session_hash = :session"
PRESENT = "attribute_exists(sk)"
_APP, _SESSION = "app#", "session#"  # how sort keys begin


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

    def end_session(self, user_id: str, session_hash: str) -> Session | None:
        """One delete, which returns the item."""
        from gatepost.model.sessions import Session

        item = self._tables.delete(*place(SessionKey(user_id, session_hash)), whole=True)
        return from_item(Session, item) if item else None

    def remove_sessions(self, user_id: str) -> None:
        """One query of the user's partition and a delete per session."""
        for session in self.sessions_of(user_id):
            self._tables.delete(*place(SessionKey(user_id, session.session_hash)))

    def sessions_of(self, user_id: str) -> Sequence[Session]:
        """One query of the user's partition."""
        from gatepost.model.sessions import Session

        values = {":user": {"S": user_id}, ":prefix": {"S": "session#"}}
        items = self._tables.query(t.SESSIONS, "user_id = :user AND begins_with(sk, :prefix)", values)
        return [from_item(Session, item) for item in items]

    def sign_ins_of(self, user_id: str) -> tuple[Sequence[Session], Sequence[SignedInto]]:
        """One query of the user's partition, whose items are read in the order of their keys: apps before sessions.

        On a partition of several pages a session is therefore read later than its sign-ins.
        """
        from gatepost.model.sessions import Session, SignedInto

        values = {":user": {"S": user_id}, ":first": {"S": _APP}, ":last": {"S": f"{_SESSION}~"}}
        items = list(self._tables.query(t.SESSIONS, "user_id = :user AND sk BETWEEN :first AND :last", values))
        sessions = [from_item(Session, item) for item in items if item["sk"]["S"].startswith(_SESSION)]
        return sessions, [from_item(SignedInto, item) for item in items if item["sk"]["S"].startswith(_APP)]

    def forget_sign_ins(self, user_id: str) -> None:
        """One query of the user's partition and a delete per sign-in."""
        for each in self.sign_ins_of(user_id)[1]:
            self.forget_sign_in(each)

    def forget_sign_in(self, signed_into: SignedInto) -> None:
        """One delete."""
        self._tables.delete(*place(SignedIntoKey(signed_into.user_id, signed_into.session_id, signed_into.client_id)))

    def keep_sign_ins(self, user_id: str, session_id: str, *, ends_at: int) -> None:
        """One query, and a conditional update per app."""
        values = {":user": {"S": user_id}, ":prefix": {"S": f"{_APP}{session_id}#"}}
        for item in self._tables.query(t.SESSIONS, "user_id = :user AND begins_with(sk, :prefix)", values):
            key = {name: item[name] for name in ("user_id", "sk")}
            end = {":end": {"N": str(ends_at)}}
            try:
                expression = "SET ends_at = :end, #t = :end"
                self._tables.update(t.SESSIONS, key, expression, PRESENT, end, {"#t": t.TTL_ATTRIBUTE})
            except ConditionFailed:
                continue  # the session ended meanwhile

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
