"""Keys of records: one class per kind of record, which also determines the record's class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, TypeVar

from gatepost.identifiers import app_id
from gatepost.model.feed import Revocation
from gatepost.model.records import (
    App,
    Approval,
    Attempts,
    Code,
    Grant,
    Login,
    User,
)

if TYPE_CHECKING:
    from gatepost.model.links import EmailOwner, Link  # noqa: F401 — quoted below
    from gatepost.model.logo import Logo  # noqa: F401 — quoted below
    from gatepost.model.permits import Permit  # noqa: F401 — quoted below
    from gatepost.model.sessions import PendingRequest, Session, SignedInto  # noqa: F401 — quoted below

R_co = TypeVar("R_co", covariant=True)
Unchanged = Literal["as it stands"]
UNCHANGED: Unchanged = "as it stands"  # a field that an update leaves unchanged


class Key(Generic[R_co]):
    """The key of a record; the type parameter is the record's class.

    Not a dataclass: making the thirteen of them took a twentieth of a cold start.
    """

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Whether both are keys of the same record."""
        return type(self) is type(other) and isinstance(other, Key) and self._parts() == other._parts()

    def __hash__(self) -> int:
        """Return the same hash for equal keys."""
        return hash((type(self), self._parts()))

    def __repr__(self) -> str:
        """Return `AppKey('…')`."""
        return f"{type(self).__name__}({', '.join(map(repr, self._parts()))})"

    def _parts(self) -> tuple[str, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)


class AppKey(Key[App]):
    """The key of an app."""

    __slots__ = ("client_id",)

    def __init__(self, client_id: str) -> None:
        """Take the parts of the key."""
        self.client_id = client_id


class CodeKey(Key[Code]):
    """The key of a code, by its hash."""

    __slots__ = ("code_hash",)

    def __init__(self, code_hash: str) -> None:
        """Take the parts of the key."""
        self.code_hash = code_hash


class GrantKey(Key[Grant]):
    """The key of a grant."""

    __slots__ = ("grant_id",)

    def __init__(self, grant_id: str) -> None:
        """Take the parts of the key."""
        self.grant_id = grant_id


class RevokedTokenKey(Key[Revocation]):
    """The key of the revocation of a single access token, by its `jti`."""

    __slots__ = ("jti",)

    def __init__(self, jti: str) -> None:
        """Take the parts of the key."""
        self.jti = jti


class UserKey(Key[User]):
    """The key of an account."""

    __slots__ = ("user_id",)

    def __init__(self, user_id: str) -> None:
        """Take the parts of the key."""
        self.user_id = user_id


class LoginKey(Key[Login]):
    """The key of a login, by its normalized user name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        """Take the parts of the key."""
        self.name = name


class AttemptsKey(Key[Attempts]):
    """The key of a counter of failed attempts, by the hash of its name, since users may type anything."""

    __slots__ = ("name_hash",)

    def __init__(self, name_hash: str) -> None:
        """Take the parts of the key."""
        self.name_hash = name_hash


class ApprovalKey(Key[Approval]):
    """The key of a remembered approval."""

    __slots__ = ("client_id", "user_id")

    def __init__(self, user_id: str, client_id: str) -> None:
        """Take the parts of the key."""
        self.user_id = user_id
        self.client_id = client_id


class SessionKey(Key["Session"]):
    """The key of a session: its user, who is named in the cookie, and the hash of the cookie."""

    __slots__ = ("session_hash", "user_id")

    def __init__(self, user_id: str, session_hash: str) -> None:
        """Take the parts of the key."""
        self.user_id = user_id
        self.session_hash = session_hash


class RequestKey(Key["PendingRequest"]):
    """The key of a pending authorization request, by its user and the hash of its id."""

    __slots__ = ("request_hash", "user_id")

    def __init__(self, user_id: str, request_hash: str) -> None:
        """Take the parts of the key."""
        self.user_id = user_id
        self.request_hash = request_hash


class SignedIntoKey(Key["SignedInto"]):
    """The key of a session's sign-in to an app, by the session's user and `sid`."""

    __slots__ = ("client_id", "session_id", "user_id")

    def __init__(self, user_id: str, session_id: str, client_id: str) -> None:
        """Take the parts of the key."""
        self.user_id = user_id
        self.session_id = session_id
        self.client_id = client_id


class EmailKey(Key["EmailOwner"]):
    """The key of a confirmed e-mail address, in lower case."""

    __slots__ = ("email",)

    def __init__(self, email: str) -> None:
        """Take the parts of the key."""
        self.email = email


class LinkKey(Key["Link"]):
    """The key of a one-time link, by the hash of its token."""

    __slots__ = ("link_hash",)

    def __init__(self, link_hash: str) -> None:
        """Take the parts of the key."""
        self.link_hash = link_hash


class LogoKey(Key["Logo"]):
    """The key of an app's logo."""

    __slots__ = ("client_id",)

    def __init__(self, client_id: str) -> None:
        """Take the parts of the key."""
        self.client_id = client_id


class PermitKey(Key["Permit"]):
    """The key of an initial access token, by its hash."""

    __slots__ = ("permit_hash",)

    def __init__(self, permit_hash: str) -> None:
        """Take the parts of the key."""
        self.permit_hash = permit_hash


def app_key(client_id: str) -> AppKey:
    """Return the key of the app of a `client_id`; one that matches nothing if it is malformed."""
    return AppKey(app_id(client_id))


def app_position(app: App) -> str:
    """Return the cursor that a list of apps continues with after `app`: its creation, then its key."""
    return f"{app.created_at:012d}#{app.client_id}"


def user_position(user: User) -> str:
    """Return the cursor that a list of accounts by creation continues with after `user`: its creation, then its id."""
    return f"{user.created_at:012d}#{user.user_id}"


class Page(NamedTuple, Generic[R_co]):
    """A page of a long list. `cursor` is the start of the next page, None at the end."""

    items: Sequence[R_co]
    cursor: str | None
