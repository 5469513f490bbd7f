"""Errors of the API as problem details (RFC 9457): one class per status, and their only renderer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from gatepost.errors import InvalidToken, OAuthError
from gatepost.http.request import Request
from gatepost.http.response import Response, problem_response
from gatepost.resource_server.bearer import Challenger

_CHALLENGER = Challenger(realm="gatepost")
_IF_MATCH = ("header", "if-match")
_SENTENCES = {"missing": "This field is required.", "extra_forbidden": "This field can't be set here."}
# faults that concern the state instead of a field of the request
_STATE = {"owner", "secrets"}


class Problem(OAuthError):
    """Base of all problems. `errors` maps the path of a field ("redirect_uris.0") to a sentence."""

    def __init__(self, description: str, *, errors: Sequence[tuple[str, str]] = (), reason: str = "") -> None:
        """Take a public `description` and a `reason` for the log."""
        super().__init__(description, reason=reason)
        self.errors = errors


class InvalidFields(Problem):
    """Fields of the body or the query are invalid."""

    code: ClassVar[str] = "invalid_fields"


class MalformedBody(Problem):
    """The body is not a JSON object."""

    code: ClassVar[str] = "malformed_body"


class NoUser(Problem):
    """The token is an app's own: it has no user."""

    code: ClassVar[str] = "no_user"
    status: ClassVar[int] = 403


class NotFound(Problem):
    """The resource does not exist or belongs to another user, indistinguishably."""

    code: ClassVar[str] = "not_found"
    status: ClassVar[int] = 404

    def __init__(self) -> None:
        """Use the same description for all."""
        super().__init__("you have no such resource")


class NotPossible(Problem):
    """The request is well formed, but the current state does not allow it."""

    code: ClassVar[str] = "conflict"
    status: ClassVar[int] = 409


class Stale(Problem):
    """The resource was changed meanwhile (RFC 9110 §13.1.1)."""

    code: ClassVar[str] = "stale"
    status: ClassVar[int] = 412

    def __init__(self) -> None:
        """Use the same description for all."""
        super().__init__("this was changed since you read it; read it again")


class TooLarge(Problem):
    """The body is larger than any valid request."""

    code: ClassVar[str] = "too_large"
    status: ClassVar[int] = 413


class NotJson(Problem):
    """The body has another media type."""

    code: ClassVar[str] = "unsupported_media_type"
    status: ClassVar[int] = 415


class Unconditional(Problem):
    """The change lacks a precondition (RFC 6585 §3)."""

    code: ClassVar[str] = "precondition_required"
    status: ClassVar[int] = 428

    def __init__(self) -> None:
        """Use the same description for all."""
        super().__init__("send the ETag of what you read as If-Match")


def invalid_request(error: RequestValidationError) -> Problem:
    """Return pydantic's errors, field by field; a missing If-Match takes precedence."""
    faults: Sequence[Mapping[str, Any]] = error.errors()
    if any(tuple(fault["loc"]) == _IF_MATCH for fault in faults):
        return Unconditional()
    return _invalid([(_path(fault["loc"]), _SENTENCES.get(fault["type"], f"{fault['msg']}.")) for fault in faults])


def refused(faults: Mapping[str, str]) -> Problem:
    """Return the faults of InvalidApp as a problem."""
    if set(faults) <= _STATE:
        return NotPossible(" ".join(faults.values()))
    return _invalid(list(faults.items()))


def render_problem(error: OAuthError, request: Request) -> Response:
    """Render an error as problem details (RFC 9457)."""
    members: dict[str, object] = {}
    if isinstance(error, Problem) and error.errors:
        members["errors"] = [{"field": field, "detail": detail} for field, detail in error.errors]
    headers = {"WWW-Authenticate": _CHALLENGER.challenge(error)} if isinstance(error, InvalidToken) else {}
    return problem_response(error.status, error.description, headers=headers, **members)


def _invalid(errors: Sequence[tuple[str, str]]) -> Problem:
    return InvalidFields("some fields are not valid", errors=errors)


def _path(location: Sequence[str | int]) -> str:
    """Return the path of a field within its part of the request."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])
