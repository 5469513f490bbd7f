"""Handles: stand for an app and a user in the published list of revocations.

Anybody could hash a client_id or a user's id. So the list names them by the HMAC of their mark, and only tokens say
which handles are theirs. The key is beside the signing keys, and beside the public keys for the function that
publishes.
"""

from __future__ import annotations

import hmac
import sys
from collections.abc import Sequence

from gatepost.errors import InvalidToken
from gatepost.identifiers import base64url, from_base64url
from gatepost.model.feed import MARK, mark

KEY = 32  # bytes


def handle(key: bytes, subject: int) -> bytes:
    """Return the handle of a mark: as long as a mark, and in its place."""
    return hmac.digest(key, subject.to_bytes(MARK, sys.byteorder), "sha256")[:MARK]


def claimed(key: bytes, *, client_id: str, sub: str) -> Sequence[str]:
    """Return the value of the claim `handles`: those of the app and of the user, or of the app as its own user."""
    return [base64url(handle(key, subject)) for subject in (mark("client", client_id), mark("user", sub))]


def read_handles(value: object) -> tuple[int, ...]:
    """Return the handles in a claim as numbers, as marks are; none if there is no claim. Raises InvalidToken."""
    if value is None:
        return ()
    try:
        found = tuple(from_base64url(each) for each in value) if isinstance(value, list) else ()
    except (TypeError, ValueError):
        found = ()
    if not found or any(len(each) != MARK for each in found):
        raise InvalidToken("the token is not valid", reason="handles of another form")
    return tuple(int.from_bytes(each, sys.byteorder) for each in found)
