"""The errors of the protocol, one class per wire code.

An error has two texts: `description` is public and the same for all causes that an attacker must not tell apart;
`reason` goes to the log, and for some reasons to the owner of the app (`clients.refused_requests`). `http.entry_point`
is the one place that renders errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar


class OAuthError(Exception):
    """Base of all errors that a client may see. `code` is the `error` value on the wire."""

    code: ClassVar[str]
    status: ClassVar[int] = 400

    def __init__(
        self, description: str, *, reason: str = "", detail: str = "", repeated: str = "", **facts: object
    ) -> None:
        """Take a public `description`; `reason`, `detail` and `facts` (ids, never secrets) are logged.

        `reason` is one of a fixed number of texts; what was sent stands in `detail`, by `quoted`. `repeated` is what a
        response repeats if it tells the reason.
        `retry_after` is the number of seconds after which a retry may succeed (RFC 9110 §10.2.3), 0 if unknown.
        `guessed` marks a secret that may have been guessed, so that further guesses are throttled.
        `client_id` is the registered app that the request is about, "" if there is none; `proven` is set if the app,
        a holder of its code or its owner sent it, and not just anybody who knows its client_id; `authenticated` if it
        came with the app's secret.
        """
        super().__init__(description)
        self.retry_after = 0
        self.guessed = False
        self.description = description
        self.reason = reason or description
        self.detail = detail
        self.repeated = repeated
        self.facts = facts
        self.client_id = ""
        self.proven = False
        self.authenticated = False


E = TypeVar("E", bound=OAuthError)


def guess(error: E) -> E:
    """Mark an error as caused by a possible guess: a wrong secret or an unknown code."""
    error.guessed = True
    return error


def about(error: E, client_id: str, *, proven: bool, authenticated: bool = False) -> E:
    """Mark an error as one of a registered app, unless it is marked already."""
    if not error.client_id:
        error.client_id, error.proven, error.authenticated = client_id, proven, authenticated
    return error


class InvalidRequest(OAuthError):
    """A parameter is missing, malformed or sent twice (RFC 6749 §4.1.2.1, §5.2)."""

    code = "invalid_request"


class InvalidClient(OAuthError):
    """The app is unknown or failed to authenticate (RFC 6749 §5.2)."""

    code = "invalid_client"
    status = 401

    def __init__(self, description: str, *, challenge: bool = False, reason: str = "", **facts: Any) -> None:
        """Send `WWW-Authenticate: Basic` if `challenge`: the app used the Authorization header."""
        super().__init__(description, reason=reason, **facts)
        self.challenge = challenge


class InvalidGrant(OAuthError):
    """The code, refresh token or password is not valid (RFC 6749 §5.2)."""

    code = "invalid_grant"


class UnauthorizedClient(OAuthError):
    """The app may not use this grant or response type (RFC 6749 §4.1.2.1, §5.2)."""

    code = "unauthorized_client"


class UnsupportedGrantType(OAuthError):
    """The server does not offer the grant type (RFC 6749 §5.2)."""

    code = "unsupported_grant_type"


class UnsupportedResponseType(OAuthError):
    """The server does not offer the response type (RFC 6749 §4.1.2.1)."""

    code = "unsupported_response_type"


class InvalidScope(OAuthError):
    """No part of the requested scope can be granted (RFC 6749 §3.3)."""

    code = "invalid_scope"


class InvalidTarget(OAuthError):
    """The resource is unknown or malformed, or is not what was granted (RFC 8707 §2)."""

    code = "invalid_target"


class AccessDenied(OAuthError):
    """The user denied the request (RFC 6749 §4.1.2.1)."""

    code = "access_denied"
    status = 403


class Forbidden(OAuthError):
    """The user may not see this page; shown to people only."""

    code = "access_denied"
    status = 403


class NotFound(OAuthError):
    """The resource does not exist or belongs to another user; shown to people only."""

    code = "invalid_request"
    status = 404


class LoginRequired(OAuthError):
    """The user has to sign in and nobody may be asked, or another user did (OpenID Connect Core §3.1.2.6)."""

    code = "login_required"


class ConsentRequired(OAuthError):
    """`prompt=none`, and the user has not approved this app before (OpenID Connect Core §3.1.2.6)."""

    code = "consent_required"


class InteractionRequired(OAuthError):
    """`prompt=none`, and the user has to see a page first (OpenID Connect Core §3.1.2.6)."""

    code = "interaction_required"


class InvalidToken(OAuthError):
    """A bearer token is malformed, expired, revoked or not ours (RFC 6750 §3.1)."""

    code = "invalid_token"
    status = 401


class NoToken(OAuthError):
    """A protected resource was requested without a token; RFC 6750 §3.1 defines no code for that."""

    code = ""
    status = 401


class InsufficientScope(OAuthError):
    """The token is valid but lacks the scope that the route requires (RFC 6750 §3.1)."""

    code = "insufficient_scope"
    status = 403


class TooManyAttempts(OAuthError):
    """Too many failed attempts for this name or network; retry after `retry_after` seconds (RFC 6585 §4)."""

    code = "invalid_grant"
    status = 429

    def __init__(self, retry_after: int, **facts: Any) -> None:
        """Take `retry_after` in seconds."""
        super().__init__("too many attempts, try again later", reason="throttled", **facts)
        self.retry_after = retry_after


class ServerError(OAuthError):
    """An unexpected error; the log holds the cause (RFC 6749 §4.1.2.1)."""

    code = "server_error"
    status = 500


class TemporarilyUnavailable(OAuthError):
    """A store or the keys can't be reached; a retry may succeed (RFC 6749 §4.1.2.1)."""

    code = "temporarily_unavailable"
    status = 503

    def __init__(self, description: str, *, reason: str = "", **facts: Any) -> None:
        """As OAuthError."""
        super().__init__(description, reason=reason, **facts)
        self.retry_after = 2


class Unheeded(OAuthError):
    """A part of a request that was ignored, while the request was not refused; for the app's owner alone."""

    code = ""
    status = 200


class AnswerError(Exception):
    """An error to send to the app at its proven callback (RFC 6749 §4.1.2.1)."""

    def __init__(
        self, location: str, error: OAuthError, fields: Mapping[str, str] | None = None, *, by_press: bool = False
    ) -> None:
        """Take the URL to redirect to, with the error in it; or with `fields`, the URL to which they are posted.

        `by_press`: the visitor decides on a page whether to go there.
        """
        super().__init__(error.code)
        self.location, self.error, self.fields, self.by_press = location, error, fields, by_press


class Conflict(Exception):
    """A record could not be written because of a conflicting one; `field` names the conflict."""

    def __init__(self, field: str) -> None:
        """Take the name of the record's field, as in `model`."""
        super().__init__(field)
        self.field = field


class StepRefused(RuntimeError):
    """A step that must not run in the current state; the text is for operators and holds no secret."""
