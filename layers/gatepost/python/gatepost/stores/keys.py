"""Where records lie: a key for each kind of record, which also says what the record is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from gatepost.feed import Revocation
from gatepost.model import App, Approval, Attempts, Code, EmailOwner, Grant, Link, Login, PendingRequest, Session, User

R_co = TypeVar("R_co", covariant=True)
Unchanged = Literal["as it stands"]
UNCHANGED: Unchanged = "as it stands"  # of a field that a change leaves alone


class Key(Generic[R_co]):
    """Where a record lies; the parameter is the record's class."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AppKey(Key[App]):
    """An app by its key."""

    client_id: str


@dataclass(frozen=True, slots=True)
class CodeKey(Key[Code]):
    """A code by its hash."""

    code_hash: str


@dataclass(frozen=True, slots=True)
class GrantKey(Key[Grant]):
    """A grant by its id."""

    grant_id: str


@dataclass(frozen=True, slots=True)
class RevokedTokenKey(Key[Revocation]):
    """The revocation of a single access token by its `jti`."""

    jti: str


@dataclass(frozen=True, slots=True)
class UserKey(Key[User]):
    """An account by its id."""

    user_id: str


@dataclass(frozen=True, slots=True)
class LoginKey(Key[Login]):
    """What a normalized user name opens."""

    name: str


@dataclass(frozen=True, slots=True)
class AttemptsKey(Key[Attempts]):
    """The failed sign-ins for a name, by the name's hash: it may hold anything that people type."""

    name_hash: str


@dataclass(frozen=True, slots=True)
class ApprovalKey(Key[Approval]):
    """What a user approved for an app."""

    user_id: str
    client_id: str


@dataclass(frozen=True, slots=True)
class SessionKey(Key[Session]):
    """A session by its user, whom the cookie names, and the hash of the cookie."""

    user_id: str
    session_hash: str


@dataclass(frozen=True, slots=True)
class RequestKey(Key[PendingRequest]):
    """An authorization request that waits for its user's answer, by the hash of its id."""

    user_id: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class EmailKey(Key[EmailOwner]):
    """Whose an e-mail address is, by the address in lower case."""

    email: str


@dataclass(frozen=True, slots=True)
class LinkKey(Key[Link]):
    """A one-time link by the hash of its token."""

    link_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[R_co]):
    """Part of a long list. `cursor` is where the next part begins, None at the end."""

    items: Sequence[R_co]
    cursor: str | None
