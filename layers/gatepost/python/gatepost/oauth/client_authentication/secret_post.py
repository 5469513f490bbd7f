"""client_secret_post: id and secret in the body (RFC 6749 §2.3.1)."""

from __future__ import annotations

from collections.abc import Mapping

NAME = "client_secret_post"
HAS_SECRET = True


def is_used(authorization: str | None, parameters: Mapping[str, str]) -> bool:
    """Whether the request authenticates in this way: its body has a secret, and there is no header."""
    return authorization is None and "client_secret" in parameters


def presented(authorization: str, parameters: Mapping[str, str]) -> tuple[str | None, str]:
    """Return client id and secret of the body, without the id if there is none."""
    return parameters.get("client_id"), parameters["client_secret"]
