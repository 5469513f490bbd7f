"""Random identifiers and secrets, and the hash that tables keep in place of a secret."""

from __future__ import annotations

import base64
import hashlib
import os
import re

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)

NOBODY = "00000000-0000-0000-0000-000000000000"  # an identifier that nothing has: where to look for what can't be one


def new_id() -> str:
    """A random identifier that is no secret, UUIDv4."""
    import uuid  # the functions that only read do without

    return str(uuid.uuid4())


def is_id(text: str) -> bool:
    """Return whether a text has the form of an identifier."""
    return _ID.fullmatch(text) is not None


def id_in(text: str) -> str:
    """The identifier that a request names, NOBODY for what can't be one."""
    return text if is_id(text) else NOBODY


def new_secret() -> str:
    """256 random bits, 43 characters of base64url."""
    return random_text(32)


def random_text(octets: int) -> str:
    """So many random octets in base64url, from the kernel: a snapshot that is restored twice draws others."""
    return base64url(os.urandom(octets))


def base64url(octets: bytes) -> str:
    """The octets in base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The octets of a text that is spelled as `base64url` spells it. Raises ValueError for any other."""
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(octets) != text:
        raise ValueError("not base64url")
    return octets


def new_grant_id(user_id: str) -> str:
    """The id of a new grant of `user_id`."""
    return f"{user_id}.{random_text(16)}"


def user_of(grant_id: str) -> str:
    """The user whose grant it is."""
    return grant_id.partition(".")[0]


def digest(value: str) -> str:
    """The SHA-256 of a random value: what tables keep in its place, 43 characters of base64url."""
    octets = value.encode("utf-8", "surrogatepass")  # headers may hold half a character
    return base64url(hashlib.sha256(octets).digest())
