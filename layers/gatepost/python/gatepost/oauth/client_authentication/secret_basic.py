"""client_secret_basic: id and secret in the Authorization header (RFC 6749 §2.3.1, RFC 7617)."""

from __future__ import annotations

import binascii
from collections.abc import Mapping

from gatepost.errors import InvalidClient, InvalidRequest
from gatepost.oauth.parameters import decoded

NAME = "client_secret_basic"
HAS_SECRET = True
_LONGEST = 2000
_MALFORMED = "the Authorization header is not valid Basic authentication"


def is_used(authorization: str | None, parameters: Mapping[str, str]) -> bool:
    """Whether the request authenticates in this way: it has the header."""
    return authorization is not None


def presented(authorization: str, parameters: Mapping[str, str]) -> tuple[str, str]:
    """Return client id and secret, each form-decoded.

    Raises InvalidClient if the header is malformed (two headers arrive joined by a comma, and so are), InvalidRequest
    if the body has a secret as well, or names another app.
    """
    client_id, client_secret = _decoded(authorization)
    if "client_secret" in parameters:
        raise InvalidRequest("the secret is sent twice: authenticate in the header or in the body, not in both")
    if parameters.get("client_id", client_id) != client_id:
        raise InvalidRequest("client_id differs in the header and in the body")
    return client_id, client_secret


def _decoded(authorization: str) -> tuple[str, str]:
    scheme, _, octets = authorization.strip(" \t").partition(" ")
    if len(authorization) > _LONGEST or scheme.lower() != "basic":
        raise InvalidClient(_MALFORMED, challenge=True)
    try:
        pair = binascii.a2b_base64(octets.lstrip(" "), strict_mode=True).decode("utf-8")
        client_id, colon, client_secret = pair.partition(":")
        client_id, client_secret = decoded(client_id), decoded(client_secret)
    except (ValueError, InvalidRequest) as error:  # what is not base64, not ASCII, not UTF-8
        raise InvalidClient(_MALFORMED, challenge=True) from error
    if not colon or not client_id:
        raise InvalidClient(_MALFORMED, challenge=True)
    return client_id, client_secret
