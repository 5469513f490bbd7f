"""client_secret_basic: id and secret in the Authorization header (RFC 6749 §2.3.1, RFC 7617)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping

from gatepost.errors import InvalidClient, InvalidRequest
from gatepost.oauth.parameters import decoded

NAME = "client_secret_basic"
HAS_SECRET = True
_BASIC = re.compile(r"basic +([A-Za-z0-9+/]+={0,2})", re.ASCII | re.IGNORECASE)
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
        raise InvalidRequest("the app must authenticate in the header or in the body, not in both")
    if parameters.get("client_id", client_id) != client_id:
        raise InvalidRequest("client_id differs in the header and in the body")
    return client_id, client_secret


def _decoded(authorization: str) -> tuple[str, str]:
    form = _BASIC.fullmatch(authorization.strip(" \t")) if len(authorization) <= _LONGEST else None
    if form is None:
        raise InvalidClient(_MALFORMED, challenge=True)
    try:
        client_id, colon, client_secret = binascii.a2b_base64(form[1], strict_mode=True).decode("utf-8").partition(":")
        client_id, client_secret = decoded(client_id), decoded(client_secret)
    except (binascii.Error, UnicodeError, InvalidRequest) as error:
        raise InvalidClient(_MALFORMED, challenge=True) from error
    if not colon or not client_id:
        raise InvalidClient(_MALFORMED, challenge=True)
    return client_id, client_secret
