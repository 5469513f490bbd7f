"""Passwords: bcrypt over SHA-256, so that bytes beyond bcrypt's 72 count too.

bcrypt is imported inside the functions: many functions import this module, only those that hash have it in their
layers.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from functools import cache

_SALT = b"$2b$%02d$Qk3Zl1fHc0q2sVQn5b8u0e"  # of no account: only its cost matters


def hash_password(password: str, *, cost: int) -> str:
    """Return the hash to store; `cost` is the base-2 logarithm of bcrypt's rounds."""
    import bcrypt

    return bcrypt.hashpw(_condensed(password), bcrypt.gensalt(cost)).decode()


def password_matches(password: str, password_hash: str | None, *, cost: int) -> bool:
    """Whether the password matches the hash. Without a hash it is False after the same time."""
    import bcrypt

    if password_hash is None:
        bcrypt.hashpw(_condensed(password), _SALT % cost)
        return False
    return bcrypt.checkpw(_condensed(password), password_hash.encode())


def needs_rehash(password_hash: str, *, cost: int) -> bool:
    """Whether the hash was made with another cost."""
    return password_hash.split("$")[2] != f"{cost:02d}"


def password_fault(password: str, *, min_length: int, user_name: str) -> str | None:
    """Return why the password can't be used, as text for people; None if it can (NIST SP 800-63B §5.1.1.2)."""
    if len(password) < min_length:
        return f"Use at least {min_length} characters."
    if user_name and user_name.casefold() in password.casefold():
        return "Do not use your user name in the password."
    if password.strip().casefold() in _common_passwords():
        return "This is one of the most common passwords and would be easy to guess."
    if len(set(password)) < 4:
        return "Use more than three different characters."
    return None


@cache
def _common_passwords() -> frozenset[str]:
    """Return the 30,000 most common passwords; loaded on first use, because the list is long."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _condensed(password: str) -> bytes:
    # NFC, so that the same letters typed on two keyboards are the same password (RFC 8265 §4.2)
    return base64.b64encode(hashlib.sha256(unicodedata.normalize("NFC", password).encode()).digest())
