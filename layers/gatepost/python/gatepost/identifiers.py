"""Random identifiers and secrets, and the hash that tables store instead of a secret."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_REGISTERED = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
# What a server on loopback takes as a client_id, too; elsewhere there is no record of one.
_DOCUMENT = re.compile(r"https://|http://(?:localhost|127\.0\.0\.1|\[::1\])[:/]", re.ASCII)
_URL_SAFE = bytes.maketrans(b"+/", b"-_")

NOBODY = "00000000-0000-0000-0000-000000000000"  # an id that no record has, looked up in place of a malformed one


def new_id() -> str:
    """Return a random UUIDv4 (RFC 9562 §5.4); it is not a secret."""
    digits = os.urandom(16).hex()
    return _uuid(digits, "4", "89ab"[int(digits[30], 16) & 3])


def new_registered_id() -> str:
    """Return the random id of an app that registers itself, marked for roles to tell it from others."""
    return _uuid(os.urandom(16).hex(), "8", "a")


def is_registered_id(text: str) -> bool:
    """Whether a text has the form of `new_registered_id`."""
    return _REGISTERED.fullmatch(text) is not None


def came_by_itself(app_key: str) -> bool:
    """Whether the key of an app has the mark of one that registered itself or published a metadata document."""
    return app_key[14:15] == "8" and app_key[19:20] in ("a", "b")


def is_id(text: str) -> bool:
    """Return whether a text has the form of an identifier."""
    return _ID.fullmatch(text) is not None


def id_in(text: str) -> str:
    """Return the identifier in a request, NOBODY if it is malformed."""
    return text if is_id(text) else NOBODY


def app_id(client_id: str) -> str:
    """Return the id by which an app's records are kept: of a metadata document's URL its hash in the form of an id.

    The hash is marked for roles to tell it from other ids. NOBODY for what is neither an id nor such a URL.
    """
    if not names_document(client_id):
        return id_in(client_id)
    found = hashlib.sha256(b"client_id:" + client_id.encode("utf-8", "surrogatepass")).hexdigest()
    return _uuid(found, "8", "b")


def names_document(client_id: str) -> bool:
    """Whether a `client_id` is the URL of a metadata document; ids of this server never begin like one."""
    return _DOCUMENT.match(client_id) is not None


def _uuid(digits: str, version: str, variant: str) -> str:
    """Return a UUID of hexadecimal digits (RFC 9562 §5): of version 4 by `new_id`, of version 8 with a mark."""
    return f"{digits[:8]}-{digits[8:12]}-{version}{digits[12:15]}-{variant}{digits[15:18]}-{digits[18:30]}"


def new_secret() -> str:
    """Return 256 random bits as 43 characters of base64url."""
    return random_text(32)


def random_text(octets: int) -> str:
    """Return that many random octets in base64url, from the kernel: a snapshot restored twice must not repeat them."""
    return base64url(os.urandom(octets))


def base64url(octets: bytes) -> str:
    """Encode octets in base64url without padding (RFC 7515 §2)."""
    return binascii.b2a_base64(octets, newline=False).translate(_URL_SAFE).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Decode what `base64url` encoded. Raises ValueError for any other spelling."""
    octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(octets) != text:
        raise ValueError("not base64url")
    return octets


def new_grant_id(user_id: str) -> str:
    """Return the id of a new grant of `user_id`."""
    return f"{user_id}.{random_text(16)}"


def user_of(grant_id: str) -> str:
    """Return the user id in a grant id."""
    return grant_id.partition(".")[0]


def digest(value: str) -> str:
    """Return the SHA-256 of a random value, 43 characters of base64url; tables store it instead of the value."""
    octets = value.encode("utf-8", "surrogatepass")  # headers may hold lone surrogates
    return base64url(hashlib.sha256(octets).digest())
