"""The records. Times are epoch seconds; hashes are base64url SHA-256 without padding (`identifiers.digest`)."""

from __future__ import annotations

from typing import NamedTuple

from gatepost.identifiers import came_by_itself, digest, user_of
from gatepost.scope import Scope

ACTIVE, PENDING, DEACTIVATED = "active", "pending", "deactivated"
LEAVING = "leaving"  # an account whose deletion is decided and not finished
USER, ADMINISTRATOR = "user", "administrator"
# In place of an owner: of an app that published a metadata document, and of one that registered itself.
DOCUMENTS, REGISTERED = "documents", "registered"
GRANT_TYPES = ("authorization_code", "implicit", "password", "refresh_token", "client_credentials")


class AppSecret(NamedTuple):
    """One of up to two live secrets of an app; the secret itself was shown once and is not stored."""

    secret_id: str
    secret_hash: str
    created_at: int
    last_used_at: int = 0  # up to a day before the last use; 0: never
    label: str = ""  # the owner's own words for it


class App(NamedTuple):
    """A client (RFC 6749 §2). Its key is `client_id`."""

    client_id: str
    owner: str  # user_id, DOCUMENTS or REGISTERED
    name: str
    url: str  # "": none, of an app that nobody is sent back to
    grant_types: tuple[str, ...]
    confidential: bool
    scope: Scope  # the most that the owner requests
    status: str
    created_at: int
    redirect_uris: tuple[str, ...] = ()  # none: the seed's rule, same origin as `url`
    # granted by an administrator for the app itself; None: nothing, of a stranger, or an app older than this field
    own_scope: Scope | None = None
    own_scope_by_update: bool = False  # not granted by anyone: the app had it when the field was introduced
    marked_scope: Scope = Scope()  # the restricted scopes that users may grant it
    granted_look: str = ""  # `look` when an administrator granted these; "": by an older release, or none granted
    looks: int = 0  # counts the changes of what people recognize it by
    owner_scope: Scope | None = None  # the owner's limit, as `User.scope`; unknown if the app is not complete
    owner_stopped: bool = False  # the owner's account is not active
    status_reason: str = ""  # an administrator's sentence for the owner
    secrets: tuple[AppSecret, ...] = ()
    last_used_at: int = 0  # up to a day before the last use; 0: never
    version: int = 1  # counts the changes
    administered_at: int = 0  # when an administrator changed its settings; 0: its owner did so since
    grants_valid_from: int = 0  # grants up to then are void, since the app was deactivated
    approvals_valid_from: int = 0  # approvals up to then must be repeated, since the app's details changed
    # of OpenID Connect, under the names of RFC 7591
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""  # "": it is told of no logout
    id_token_signed_response_alg: str = ""  # "": RS256
    userinfo_signed_response_alg: str = ""  # "": userinfo is JSON that is not signed
    document_url: str = ""  # of its metadata document; "": it has none
    fresh_until: int = 0  # the document is fetched again at the first authorization request afterwards
    # of an app that registered itself (RFC 7591)
    default_scope: Scope = Scope()  # of a request without scope; no limit of what it may request
    registration_token_hash: str = ""  # of the token that manages its registration (RFC 7592)
    registered: str = ""  # JSON: metadata that the server keeps and does not use
    kept_unused: int = 0  # seconds after its last use until it counts as deleted; 0: it stays
    logo: str = ""  # the digest of its logo, a record of its own; "": it has none
    logo_uri: str = ""  # of a document: where its logo was taken from, or could not be; "": nowhere yet

    @property
    def is_stranger(self) -> bool:
        """Whether nobody here vouches for the app: it came by itself.

        Its key says so, whatever owner its item names: roles that register strangers can write that attribute.
        """
        return self.owner in (DOCUMENTS, REGISTERED) or came_by_itself(self.client_id)

    @property
    def is_complete(self) -> bool:
        """Whether the app has what older releases did not store: its own scope and its owner's status."""
        return self.own_scope is not None or self.is_stranger

    @property
    def identifier(self) -> str:
        """Return the `client_id` that the app itself uses."""
        return self.document_url or self.client_id

    @property
    def expires_at(self) -> int:
        """The time from which on the app counts as deleted, unless it is used before; 0 if it stays."""
        return max(self.created_at, self.last_used_at) + self.kept_unused if self.kept_unused else 0

    @property
    def look(self) -> str:
        """A digest of what people recognize the app by; an earlier one never comes back."""
        return digest("\0".join((str(self.looks), *self.recognized_by)))

    @property
    def recognized_by(self) -> tuple[str, ...]:
        """Return the name, the website and the redirect URIs, whose order says nothing."""
        return self.name, self.url, *sorted(self.redirect_uris)

    def is_expired(self, now: float) -> bool:
        """Whether the app counts as deleted, since nobody used it."""
        return 0 < self.expires_at <= now

    @property
    def works(self) -> bool:
        """Whether the app can get tokens."""
        return self.status == ACTIVE and not self.owner_stopped


class User(NamedTuple):
    """An account. `scope` is None if the user may grant any scope of the server."""

    user_id: str
    user_name: str
    status: str
    created_at: int
    email: str = ""
    email_confirmed: bool = False  # then it is unique and can be used to sign in
    scope: Scope | None = None
    role: str = USER
    grants_valid_from: int = 0  # grants up to then are void
    sessions_valid_from: int = 0  # sessions from before are void
    groups: tuple[str, ...] = ()  # that an administrator put the user into
    last_sign_in_at: int = 0  # on these pages, up to a day before the last; 0: never, or not since this field exists


class Login(NamedTuple):
    """The credentials of a user name. Keyed by name, so that the password check needs one read."""

    user_id: str
    password_hash: str
    devices_valid_from: int = 0  # devices trusted up to then are not any more


class Attempts(NamedTuple):
    """Consecutive failed attempts of a name (existing or not), a browser or a network."""

    failures: int
    last_failure_at: int
    expires_at: int
    trusted_at: int = 0  # of a browser: when it last signed in


class Approval(NamedTuple):
    """A remembered approval of an app (RFC 6749 §10.2); `scope` is that of the server's own audience."""

    user_id: str
    client_id: str
    scope: Scope
    approved_at: int
    resources: tuple[str, ...] = ()  # what was approved of each resource: its URL and the scopes, with spaces between


class Code(NamedTuple):
    """An authorization code; it never changes. Its grant records the redemption."""

    code_hash: str
    client_id: str
    grant_id: str
    redirect_uri: str
    redirect_uri_sent: bool  # if so, the token request must repeat it (RFC 6749 §4.1.3)
    code_challenge: str  # "" without PKCE
    expires_at: int
    resources: tuple[str, ...] = ()  # as of its grant
    nonce: str = ""  # of the request, for the ID token
    auth_time: int = 0  # as of its grant
    claims: tuple[str, ...] = ()  # as of its grant
    # of the user, where the tokens say something about them: the exchange does not read the account
    scope: Scope = Scope()  # as of its grant
    user_name: str = ""  # "": the tokens say nothing
    email: str = ""
    email_confirmed: bool = False
    groups: tuple[str, ...] = ()


class Grant(NamedTuple):
    """A user's grant to an app, one record however often it is refreshed.

    `grant_id` is `user_id "." random`. The user id is the partition key, so that the account can be read together with
    the grant, and all grants of a user are one consistent query.
    """

    grant_id: str
    client_id: str
    scope: Scope
    grant_type: str
    created_at: int
    generation: int  # of the refresh token, from 1
    idle_expires_at: int
    expires_at: int  # absolute
    redeemed_by: str = ""  # the attempt that redeemed the code; "" if none did
    redeemed_at: int = 0  # 0: not redeemed, or long ago
    redeem_before: int = 0  # 0: nothing to redeem
    rotated_at: int = 0
    rotated_by: str = ""  # the attempt that rotated it last
    last_used_at: int = 0
    revoked_at: int = 0
    resources: tuple[str, ...] = ()  # that its tokens may be for (RFC 8707); none: the server's own audience
    token_lifetime: int = 0  # seconds that none of its access tokens exceeds; 0: granted by an older release
    auth_time: int = 0  # when the user had signed in, if it comes with ID tokens; 0: it does not
    session_id: str = ""  # `sid` of its ID tokens
    claims: tuple[str, ...] = ()  # about the user, that were asked for in its ID tokens

    @property
    def user_id(self) -> str:
        """The user who granted it."""
        return user_of(self.grant_id)
