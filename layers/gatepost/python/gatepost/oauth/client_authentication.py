"""How an app says who it is: client_secret_basic, client_secret_post, or nothing but its key (RFC 6749 §2.3)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

from gatepost.errors import InvalidClient, InvalidRequest
from gatepost.oauth.client_authentication import Credentials
from gatepost.oauth.parameters import decoded

METHODS = ("client_secret_basic", "client_secret_post", "none")
_BASIC = re.compile(r"basic +([A-Za-z0-9+/]+={0,2})", re.ASCII | re.IGNORECASE)
_LONGEST = 2000


def presented_credentials(authorization: str | None, parameters: Mapping[str, str]) -> Credentials:
    """The credentials of a request, from its Authorization header and its body; its query never counts.

    Raises InvalidRequest if it uses two methods at once or names two apps, InvalidClient if it names none or the
    header can't be read (two headers arrive joined by a comma, and so can't).
    """
    if authorization is None:
        client_id = parameters.get("client_id")
        if client_id is None:
            raise InvalidClient("the request does not say which app sends it")
        return Credentials(client_id=client_id, client_secret=parameters.get("client_secret"), basic=False)
    client_id, client_secret = _basic(authorization)
    if "client_secret" in parameters:
        raise InvalidRequest("the app authenticates in the header and in the body")
    if parameters.get("client_id", client_id) != client_id:
        raise InvalidRequest("the header and the body name different apps")
    return Credentials(client_id=client_id, client_secret=client_secret, basic=True)


def _basic(authorization: str) -> tuple[str, str]:
    """Key and secret, each form-decoded (RFC 6749 §2.3.1, RFC 7617)."""
    form = _BASIC.fullmatch(authorization.strip(" \t")) if len(authorization) <= _LONGEST else None
    if form is None:
        raise InvalidClient("the Authorization header is not valid Basic authentication", challenge=True)
    try:
        client_id, colon, client_secret = base64.b64decode(form[1], validate=True).decode("utf-8").partition(":")
        client_id, client_secret = decoded(client_id), decoded(client_secret)
    except (binascii.Error, UnicodeError, InvalidRequest) as error:
        raise InvalidClient("the Authorization header is not valid Basic authentication", challenge=True) from error
    if not colon or not client_id:
        raise InvalidClient("the Authorization header is not valid Basic authentication", challenge=True)
    return client_id, client_secret
