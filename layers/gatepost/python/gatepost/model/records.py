"""The records. Times are epoch seconds; hashes are base64url SHA-256 without padding (`identifiers.digest`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gatepost.identifiers import user_of
from gatepost.scope import Scope

ACTIVE, PENDING, DEACTIVATED = "active", "pending", "deactivated"
USER, ADMINISTRATOR = "user", "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSecret:
    """One of the up to two live secrets of an app; the secret itself was shown once and is not kept."""

    secret_id: str
    secret_hash: str
    created_at: int
    last_used_at: int = 0  # to the day; 0: never


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A registered client (RFC 6749 §2). Its key is `client_id`."""

    client_id: str
    owner: str  # user_id
    name: str
    url: str
    redirect_uris: tuple[str, ...] = ()  # none: the seed's rule, same origin as `url`
    grant_types: tuple[str, ...]
    confidential: bool
    scope: Scope  # the most that the owner asks for
    own_scope: Scope | None = None  # what an administrator granted to the app itself; None: from before there was that
    own_scope_by_update: bool = False  # nobody granted it: the app had it when there began to be that
    marked_scope: Scope = Scope()  # the restricted scopes that users may grant it
    owner_scope: Scope | None = None  # the owner's limit, as `User.scope`; not known without `own_scope`
    owner_stopped: bool = False  # the owner's account is not active
    status: str
    status_reason: str = ""  # an administrator's sentence for the owner
    secrets: tuple[AppSecret, ...] = ()
    created_at: int
    last_used_at: int = 0  # to the day; 0: never
    version: int = 1  # counts the changes
    grants_valid_from: int = 0  # what was granted until then is void, since the app was deactivated
    approvals_valid_from: int = 0  # what was approved until then is asked again, since people were shown other facts

    @property
    def works(self) -> bool:
        """Whether it gets tokens at all."""
        return self.status == ACTIVE and not self.owner_stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account. `scope` is None where the user may grant whatever the server offers."""

    user_id: str
    user_name: str
    email: str = ""
    email_confirmed: bool = False  # then it signs in, and is nobody else's
    scope: Scope | None = None
    role: str = USER
    status: str
    created_at: int
    grants_valid_from: int = 0  # what was granted until then is void
    sessions_valid_from: int = 0  # what was signed in before is void


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a user name opens. Kept by name, so that the password check needs one read."""

    user_id: str
    password_hash: str
    devices_valid_from: int = 0  # browsers that were known until then are not any more


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailOwner:
    """Whose a confirmed e-mail address is."""

    user_id: str
    user_name: str


LinkKind = Literal["register", "email", "reset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a one-time link in a mail stands for. A registration is not an account until its link is used."""

    link_hash: str
    kind: LinkKind
    user_id: str = ""  # "" for a registration
    user_name: str
    email: str = ""
    email_before: str = ""  # the account's address when another one was asked for
    password_hash: str = ""
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """Attempts in a row that did not succeed: of a name, whether an account has it or not, a browser, a network."""

    failures: int
    last_failure_at: int
    expires_at: int
    trusted_at: int = 0  # of a browser: when it last signed in


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What a user once approved for an app (RFC 6749 §10.2)."""

    user_id: str
    client_id: str
    scope: Scope
    approved_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What an authorization code stands for; it never changes. The grant tells whether it was redeemed."""

    code_hash: str
    client_id: str
    grant_id: str
    redirect_uri: str
    redirect_uri_sent: bool  # then the token request must repeat it (RFC 6749 §4.1.3)
    code_challenge: str  # "" without PKCE
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a user approved for an app, one record however often it is refreshed.

    `grant_id` is `user_id "." random`: the first part is the partition, so that the account can be read together
    with the grant, and so that all grants of a user are one consistent query.
    """

    grant_id: str
    client_id: str
    scope: Scope
    grant_type: str
    created_at: int
    redeemed_by: str = ""  # the attempt that redeemed the code; "" while nobody did
    redeemed_at: int = 0  # 0: nobody did, or long ago
    redeem_before: int = 0  # 0: nothing to redeem
    generation: int  # of the refresh token, from 1
    rotated_at: int = 0
    rotated_by: str = ""  # the attempt that turned it last
    last_used_at: int = 0
    idle_expires_at: int
    expires_at: int  # absolute
    revoked_at: int = 0

    @property
    def user_id(self) -> str:
        """Who granted."""
        return user_of(self.grant_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser. The cookie holds a random value, the record its hash."""

    session_hash: str
    user_id: str
    created_at: int
    expires_at: int
    device: str = ""
    signed_in_at: float = 0  # as `created_at`, to the millisecond


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRequest:
    """The authorization request that a consent page shows; kept here, not in the form (ASVS 10.7.1)."""

    request_hash: str
    session_hash: str
    user_id: str
    client_id: str
    response_type: str
    redirect_uri: str
    redirect_uri_sent: bool
    scope: Scope
    state: str | None = None
    code_challenge: str
    response_mode: str = ""  # "": the default of the response type
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what when; for administrators. Ids and names, never a secret."""

    entry_id: str
    at: float
    event: str  # a name of gatepost.audit_log.events
    actor: str = ""  # user_id, "" where nobody is signed in
    actor_name: str = ""
    client_id: str = ""
    subject: str = ""  # what it was done to: a name
    source_ip: str = ""
    request_id: str = ""  # of the Invoke by which an operator had it done
