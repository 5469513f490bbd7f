"""The errors of the protocol, one class per wire code.

An error carries two texts: `description` is public and says the same for every cause that an attacker could
tell apart; `reason` goes to the log only. `http.entry_point` is the one place that renders them.
"""

from __future__ import annotations

from typing import ClassVar, TypeVar


class OAuthError(Exception):
    """Base of all errors that a client may see. `code` is the `error` value on the wire."""

    code: ClassVar[str]
    status: ClassVar[int] = 400

    def __init__(self, description: str, *, reason: str = "", **facts: object) -> None:
        """`description` is shown; `reason` and `facts` (ids, never secrets) are logged.

        `retry_after`, in seconds, tells the client when trying again may help (RFC 9110 §10.2.3); 0 tells nothing.
        `guessed` marks a secret that may have been guessed, so that further guesses are slowed.
        """
        super().__init__(description)
        self.retry_after = 0
        self.guessed = False
        self.description = description
        self.reason = reason or description
        self.facts = facts


E = TypeVar("E", bound=OAuthError)


def guess(error: E) -> E:
    """Mark an error as the answer to what may be a guess: a wrong secret, an invented code."""
    error.guessed = True
    return error


class InvalidRequest(OAuthError):
    """A parameter is missing, malformed or sent twice (RFC 6749 §4.1.2.1, §5.2)."""

    code = "invalid_request"


class InvalidClient(OAuthError):
    """The app is unknown or did not prove who it is (RFC 6749 §5.2)."""

    code = "invalid_client"
    status = 401

    def __init__(self, description: str, *, challenge: bool = False, reason: str = "", **facts: object) -> None:
        """`challenge` asks for `WWW-Authenticate: Basic`: the app tried the Authorization header."""
        super().__init__(description, reason=reason, **facts)
        self.challenge = challenge


class InvalidGrant(OAuthError):
    """The code, refresh token or password does not open anything (RFC 6749 §5.2)."""

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
    """Nothing of the requested scope can be granted (RFC 6749 §3.3)."""

    code = "invalid_scope"


class InvalidTarget(OAuthError):
    """The resource is unknown or malformed, or is not what was granted (RFC 8707 §2)."""

    code = "invalid_target"


class AccessDenied(OAuthError):
    """The user said no (RFC 6749 §4.1.2.1)."""

    code = "access_denied"
    status = 403


class Forbidden(OAuthError):
    """A page that is not for this user; only people see it."""

    code = "access_denied"
    status = 403


class NotFound(OAuthError):
    """A page of something that does not exist, or is another's; only people see it."""

    code = "invalid_request"
    status = 404


class LoginRequired(OAuthError):
    """`prompt=none`, and nobody is signed in (OpenID Connect Core §3.1.2.6)."""

    code = "login_required"


class ConsentRequired(OAuthError):
    """`prompt=none`, and the user has not approved this before (OpenID Connect Core §3.1.2.6)."""

    code = "consent_required"


class InvalidToken(OAuthError):
    """A bearer token is malformed, expired, revoked or not ours (RFC 6750 §3.1)."""

    code = "invalid_token"
    status = 401


class NoToken(OAuthError):
    """A protected resource was asked without a token; RFC 6750 §3.1 has no code for that."""

    code = ""
    status = 401


class InsufficientScope(OAuthError):
    """The token is good, and does not reach what the route asks for (RFC 6750 §3.1)."""

    code = "insufficient_scope"
    status = 403


class TooManyAttempts(OAuthError):
    """Too many failed attempts for this name or network; `retry_after` seconds to wait (RFC 6585 §4)."""

    code = "invalid_grant"
    status = 429

    def __init__(self, retry_after: int, **facts: object) -> None:
        """`retry_after` is in seconds."""
        super().__init__("too many attempts, try again later", reason="throttled", **facts)
        self.retry_after = retry_after


class ServerError(OAuthError):
    """Something unexpected; the log says what (RFC 6749 §4.1.2.1)."""

    code = "server_error"
    status = 500


class TemporarilyUnavailable(OAuthError):
    """A store or the keys can't be reached; trying again helps (RFC 6749 §4.1.2.1)."""

    code = "temporarily_unavailable"
    status = 503

    def __init__(self, description: str, *, reason: str = "", **facts: object) -> None:
        """As OAuthError."""
        super().__init__(description, reason=reason, **facts)
        self.retry_after = 2


class AnswerError(Exception):
    """An error that belongs to the app and travels to its proven callback (RFC 6749 §4.1.2.1)."""

    def __init__(self, location: str, error: OAuthError) -> None:
        """`location` is the callback with the error in it."""
        super().__init__(error.code)
        self.location = location
        self.error = error


class Conflict(Exception):
    """A record could not be written because another one stands in its way; `field` names what collided."""

    def __init__(self, field: str) -> None:
        """`field` is the name of the record's field, as in `model`."""
        super().__init__(field)
        self.field = field


class StepRefused(RuntimeError):
    """A step that must not be carried out as things stand; its text is for operators and holds no secret."""
