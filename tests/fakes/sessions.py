"""The fakes of ports.SessionStore and ports.AuditStore."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.errors import Conflict, ServerError
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.sessions import PendingRequest, Session, SignedInto
from gatepost.stores.audit_lists import lists_of, position_of
from gatepost.stores.record_keys import Page, RequestKey, SessionKey, SignedIntoKey
from tests.fakes.records import MemoryRecords, page_of


class MemorySessions(MemoryRecords):
    """See ports.SessionStore and ports.AuditStore."""

    def start_session(self, session: Session) -> None:
        with self._lock:
            self._records[SessionKey(session.user_id, session.session_hash)] = session

    def touch_session(self, session: Session, *, now: int) -> None:
        self._change(SessionKey(session.user_id, session.session_hash), last_used_at=now)

    def end_session(self, user_id: str, session_hash: str) -> Session | None:
        with self._lock:
            ended: Session | None = self._records.pop(SessionKey(user_id, session_hash), None)
        return ended

    def remove_sessions(self, user_id: str) -> None:
        for each in self.sessions_of(user_id):
            self.end_session(user_id, each.session_hash)

    def sessions_of(self, user_id: str) -> Sequence[Session]:
        with self._lock:
            return [session for session in self._all(Session) if session.user_id == user_id]

    def sign_ins_of(self, user_id: str) -> tuple[Sequence[Session], Sequence[SignedInto]]:
        sessions = self.sessions_of(user_id)
        with self._lock:
            return sessions, [each for each in self._all(SignedInto) if each.user_id == user_id]

    def forget_sign_ins(self, user_id: str) -> None:
        for each in self.sign_ins_of(user_id)[1]:
            self.forget_sign_in(each)

    def forget_sign_in(self, signed_into: SignedInto) -> None:
        with self._lock:
            key = SignedIntoKey(signed_into.user_id, signed_into.session_id, signed_into.client_id)
            self._records.pop(key, None)

    def keep_sign_ins(self, user_id: str, session_id: str, *, ends_at: int) -> None:
        for each in self.sign_ins_of(user_id)[1]:
            if each.session_id == session_id:
                self._change(SignedIntoKey(user_id, session_id, each.client_id), ends_at=ends_at)

    def save_request(self, request: PendingRequest) -> None:
        with self._lock:
            self._records[RequestKey(request.user_id, request.request_hash)] = request

    def take_request(self, request: PendingRequest) -> None:
        with self._lock:
            key = RequestKey(request.user_id, request.request_hash)
            standing: PendingRequest | None = self._records.get(key)
            if standing is None or standing.session_hash != request.session_hash:
                raise Conflict("request")
            del self._records[key]

    def record(self, entry: AuditEntry, *, keep_until: int) -> None:
        with self._lock:
            standing = next((each for each in self._audit if position_of(each) == position_of(entry)), None)
            if standing not in (None, entry):
                raise ServerError("the server could not answer", reason="another entry is in its place")
            if standing is None:
                self._audit.append(entry)

    def entries(self, of: str, *, cursor: str | None, limit: int, newest_first: bool = True) -> Page[AuditEntry]:
        with self._lock:
            found = [each for each in self._audit if of in lists_of(each)]
        return page_of(found, position_of, cursor=cursor, limit=limit, newest_first=newest_first)
