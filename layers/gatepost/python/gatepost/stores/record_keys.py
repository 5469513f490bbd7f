"""Where records lie: a key for each kind of record, which also says what the record is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

from gatepost.model.feed import Revocation
from gatepost.model.records import (
    App,
    Approval,
    Attempts,
    Code,
    EmailOwner,
    Grant,
    Link,
    Login,
    PendingRequest,
    Session,
    User,
)

R_co = TypeVar("R_co", covariant=True)
Unchanged = Literal["as it stands"]
UNCHANGED: Unchanged = "as it stands"  # of a field that a change leaves alone


class Key(Generic[R_co]):
    """Where a record lies; the parameter is the record's class.

    No dataclass: there are twelve, and making them took a twentieth of a cold start.
    """

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Whether both are the place of the same record."""
        return type(self) is type(other) and isinstance(other, Key) and self._parts() == other._parts()

    def __hash__(self) -> int:
        """Of equal keys the same."""
        return hash((type(self), self._parts()))

    def __repr__(self) -> str:
        """`AppKey('…')`."""
        return f"{type(self).__name__}({', '.join(map(repr, self._parts()))})"

    def _parts(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)


class AppKey(Key[App]):
    """An app by its key."""

    __slots__ = ("client_id",)

    def __init__(self, client_id: str) -> None:
        """Just its parts."""
        self.client_id = client_id


class CodeKey(Key[Code]):
    """A code by its hash."""

    __slots__ = ("code_hash",)

    def __init__(self, code_hash: str) -> None:
        """Just its parts."""
        self.code_hash = code_hash


class GrantKey(Key[Grant]):
    """A grant by its id."""

    __slots__ = ("grant_id",)

    def __init__(self, grant_id: str) -> None:
        """Just its parts."""
        self.grant_id = grant_id


class RevokedTokenKey(Key[Revocation]):
    """The revocation of a single access token by its `jti`."""

    __slots__ = ("jti",)

    def __init__(self, jti: str) -> None:
        """Just its parts."""
        self.jti = jti


class UserKey(Key[User]):
    """An account by its id."""

    __slots__ = ("user_id",)

    def __init__(self, user_id: str) -> None:
        """Just its parts."""
        self.user_id = user_id


class LoginKey(Key[Login]):
    """What a normalized user name opens."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        """Just its parts."""
        self.name = name


class AttemptsKey(Key[Attempts]):
    """The failed sign-ins for a name, by the name's hash: it may hold anything that people type."""

    __slots__ = ("name_hash",)

    def __init__(self, name_hash: str) -> None:
        """Just its parts."""
        self.name_hash = name_hash


class ApprovalKey(Key[Approval]):
    """What a user approved for an app."""

    __slots__ = ("client_id", "user_id")

    def __init__(self, user_id: str, client_id: str) -> None:
        """Just its parts."""
        self.user_id = user_id
        self.client_id = client_id


class SessionKey(Key[Session]):
    """A session by its user, whom the cookie names, and the hash of the cookie."""

    __slots__ = ("session_hash", "user_id")

    def __init__(self, user_id: str, session_hash: str) -> None:
        """Just its parts."""
        self.user_id = user_id
        self.session_hash = session_hash


class RequestKey(Key[PendingRequest]):
    """An authorization request that waits for its user's answer, by the hash of its id."""

    __slots__ = ("request_hash", "user_id")

    def __init__(self, user_id: str, request_hash: str) -> None:
        """Just its parts."""
        self.user_id = user_id
        self.request_hash = request_hash


class EmailKey(Key[EmailOwner]):
    """Whose an e-mail address is, by the address in lower case."""

    __slots__ = ("email",)

    def __init__(self, email: str) -> None:
        """Just its parts."""
        self.email = email


class LinkKey(Key[Link]):
    """A one-time link by the hash of its token."""

    __slots__ = ("link_hash",)

    def __init__(self, link_hash: str) -> None:
        """Just its parts."""
        self.link_hash = link_hash


class Page(NamedTuple, Generic[R_co]):
    """Part of a long list. `cursor` is where the next part begins, None at the end."""

    items: Sequence[R_co]
    cursor: str | None
