"""Bearer tokens of requests, and the challenges of error responses (RFC 6750)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gatepost.errors import InsufficientScope, InvalidRequest, InvalidToken, NoToken, OAuthError
from gatepost.scope import Scope

_BEARER = re.compile(r"(?i:bearer) +([A-Za-z0-9._~+/-]+=*)", re.ASCII)  # b64token of RFC 6750 §2.1
_SCHEME = re.compile(r"bearer(?![A-Za-z0-9!#$%&'*+.^_`|~-])", re.ASCII | re.IGNORECASE)
_TEXT = re.compile(r"[\x20-\x7e]*")  # safe in a quoted-string (RFC 9110 §5.6.4)
_TOLD = (InvalidRequest, InvalidToken, InsufficientScope)  # the codes of RFC 6750 §3.1


def authorization_headers(event: Mapping[str, Any]) -> Sequence[str]:
    """Return the Authorization headers of a payload 1.0 or 2.0 event, in any case."""
    several = event.get("multiValueHeaders") or {}
    single = event.get("headers") or {}
    found = [each for name, values in several.items() if name.lower() == "authorization" for each in values or ()]
    found = found or [value for name, value in single.items() if name.lower() == "authorization"]
    return [value for value in found if value is not None]


def bearer_token(authorization: Sequence[str]) -> str:
    """Return the bearer token in a request's Authorization headers, the only place it is read from (RFC 6750 §2).

    Raises NoToken if no header has the scheme Bearer, InvalidRequest for two tokens or a malformed one.
    """
    found = [value for value in (each.strip(" \t") for each in authorization) if value]
    if not any(_SCHEME.match(value) for value in found):
        raise NoToken("a bearer token is missing", reason="not the Bearer scheme" if found else "no token")
    match = _BEARER.fullmatch(found[0]) if len(found) == 1 else None
    if match is None:
        raise InvalidRequest("the Authorization header must hold one bearer token")
    return match[1]


class Challenger:
    """Writes the `WWW-Authenticate` header of one API."""

    __slots__ = ("realm", "resource_metadata")

    def __init__(self, *, realm: str, resource_metadata: str = "") -> None:
        """Take the realm and the URL of the API's own metadata (RFC 9728 §5.1).

        Raises ValueError for values that a header can't hold.
        """
        if not _TEXT.fullmatch(realm) or not _TEXT.fullmatch(resource_metadata):
            raise ValueError("realm and resource_metadata take printable ASCII characters only")
        self.realm = realm
        self.resource_metadata = resource_metadata

    def challenge(self, error: OAuthError | None = None, scope: Scope = Scope()) -> str:
        """Return the header value of an error (RFC 6750 §3): no error code without a token; `scope` is the route's."""
        parameters = {"realm": self.realm}
        if isinstance(error, _TOLD):
            parameters |= {"error": error.code, "error_description": error.description}
        if scope:
            parameters["scope"] = str(scope)
        if self.resource_metadata:
            parameters["resource_metadata"] = self.resource_metadata
        return "Bearer " + ", ".join(f"{name}={_quoted(value)}" for name, value in parameters.items())


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
