"""none: a public app names itself in the body, and has no secret (RFC 6749 §3.2.1)."""

from __future__ import annotations

from collections.abc import Mapping

NAME = "none"
HAS_SECRET = False


def is_used(authorization: str | None, parameters: Mapping[str, str]) -> bool:
    """Whether the request has neither a header nor a secret."""
    return authorization is None and "client_secret" not in parameters


def presented(authorization: str, parameters: Mapping[str, str]) -> tuple[str | None, None]:
    """Return the client id of the body, if there is one."""
    return parameters.get("client_id"), None
