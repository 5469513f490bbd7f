"""The records of browsers: sessions, and requests that await their users' consent."""

from __future__ import annotations

from typing import NamedTuple

from gatepost.scope import Scope


class Session(NamedTuple):
    """A signed-in browser. The cookie holds a random value, the record its hash."""

    session_hash: str
    user_id: str
    created_at: int
    expires_at: int
    device: str = ""  # the browser's name; of the version before, its User-Agent header
    signed_in_at: float = 0  # as `created_at`, to the millisecond
    source_ip: str = ""  # of the sign-in; "": older than this field
    last_used_at: int = 0  # for pages of the console, to the hour; 0: in its first hour at most
    sid: str = ""  # of the session that its user began it in place of, in the same browser; "": its own
    replaced: str = ""  # the hash of the cookie that the browser then sent


class SignedInto(NamedTuple):
    """An app that a session signed in to (OpenID Connect): it has an ID token with the session's `sid`."""

    user_id: str
    session_id: str  # `sid`
    client_id: str
    first_at: int
    last_at: int
    ends_at: int  # with the session


class PendingRequest(NamedTuple):
    """The authorization request shown on a consent page; stored here, not in the form (ASVS 10.7.1)."""

    request_hash: str
    session_hash: str
    user_id: str
    client_id: str
    response_type: str
    redirect_uri: str
    redirect_uri_sent: bool
    scope: Scope
    code_challenge: str
    expires_at: int
    state: str | None = None
    response_mode: str = ""  # "": the default of the response type
    resources: tuple[str, ...] = ()  # as of the grant
    nonce: str = ""  # of OpenID Connect
    claims: tuple[str, ...] = ()  # about the user, for the ID token
