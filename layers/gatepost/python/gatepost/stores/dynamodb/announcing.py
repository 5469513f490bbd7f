"""The store of a function that ends sessions, if apps are told of it (`backchannel_logout`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatepost.aws.services import Caller
from gatepost.errors import OAuthError
from gatepost.model.feed import Revocation
from gatepost.model.links import Link
from gatepost.model.logout import SessionEnd
from gatepost.model.records import User
from gatepost.model.sessions import Session
from gatepost.observability.log import note
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.ports.logouts import LogoutQueue

_DELAY = 1  # seconds: the end has then happened, as a rule


class AnnouncingStore(DynamoDBStore):
    """Announces each end of sessions before it happens: whoever breaks off in between has lost nothing.

    If it can't be announced the session ends nevertheless. Its sign-ins to apps stay, so that the next announcement
    about the user, or an operator, makes up for it.
    """

    def __init__(
        self,
        client: Caller,
        tables: Mapping[str, str],
        region: str = "",
        clock: Callable[[], float] | None = None,
        *,
        queue: LogoutQueue,
    ) -> None:
        """Take what DynamoDBStore takes, and the queue."""
        super().__init__(client, tables, region, clock)
        self._queue = queue

    def end_session(self, user_id: str, session_hash: str) -> Session | None:
        """See SessionStore."""
        self._announce(user_id, session_hash=session_hash)
        return super().end_session(user_id, session_hash)

    def forget_sign_ins(self, user_id: str) -> None:
        """Leave them: `begin_deletion` has announced the end of every session, and who tells the apps removes them."""

    def void_sessions(self, user_id: str, *, sessions_valid_from: int) -> None:
        """See AccountStore."""
        self._announce(user_id, valid_from=sessions_valid_from)
        super().void_sessions(user_id, sessions_valid_from=sessions_valid_from)

    def change_password(
        self, user: User, password_hash: str, *, sessions_valid_from: int, link: Link | None = None
    ) -> None:
        """See AccountStore."""
        self._announce(user.user_id, valid_from=sessions_valid_from)
        super().change_password(user, password_hash, sessions_valid_from=sessions_valid_from, link=link)

    def deactivate_user(
        self, user: User, *, valid_from: int, revocation: Revocation | None, besides: User | None
    ) -> None:
        """See AccountStore."""
        self._announce(user.user_id, valid_from=valid_from)
        super().deactivate_user(user, valid_from=valid_from, revocation=revocation, besides=besides)

    def begin_deletion(
        self, user: User, *, valid_from: int, revocation: Revocation | None, besides: User | None
    ) -> None:
        """See AccountStore."""
        self._announce(user.user_id)
        super().begin_deletion(user, valid_from=valid_from, revocation=revocation, besides=besides)

    def _announce(self, user_id: str, *, session_hash: str = "", valid_from: int = 0) -> None:
        at = round(self._tables.clock(), 3)
        end = SessionEnd(user_id=user_id, at=at, session_hash=session_hash, valid_from=valid_from)
        try:
            self._queue.send(end, delay=_DELAY)
        except OAuthError as error:
            note("logout.not_announced", {"user_id": user_id, "reason": error.reason}, failed=True)
