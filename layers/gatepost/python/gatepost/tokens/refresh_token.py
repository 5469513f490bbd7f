"""Refresh tokens: `grant id . generation . HMAC(server key, both)`.

The table holds only the generation, so it contains no secret, and a retried refresh can return the same successor
again.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence

from gatepost.errors import InvalidGrant
from gatepost.identifiers import base64url
from gatepost.tokens.signing_keys import RefreshKey, active

NOT_VALID = "refresh_token is not valid"
_FORM = re.compile(r"([A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,64})\.([1-9][0-9]{0,9})\.([A-Za-z0-9_-]{43})", re.ASCII)


def issue_refresh_token(keys: Sequence[RefreshKey], grant_id: str, generation: int, now: float) -> str:
    """Return the refresh token of one generation of a grant."""
    return f"{grant_id}.{generation}.{_mac(active(keys, now), grant_id, generation)}"


def open_refresh_token(keys: Sequence[RefreshKey], token: str) -> tuple[str, int]:
    """Return the grant id and generation of an authentic token; replaced keys are still tried.

    Raises InvalidGrant for any other text.
    """
    form = _FORM.fullmatch(token)
    if form is None:
        raise InvalidGrant(NOT_VALID, reason="malformed")
    grant_id, generation, mac = form[1], int(form[2]), form[3]
    if not any(hmac.compare_digest(_mac(key, grant_id, generation), mac) for key in keys):
        raise InvalidGrant(NOT_VALID, reason="not authentic")
    return grant_id, generation


def _mac(key: RefreshKey, grant_id: str, generation: int) -> str:
    return base64url(hmac.digest(key.raw(), f"{grant_id}.{generation}".encode(), "sha256"))
