"""Proof Key for Code Exchange (RFC 7636), S256 only (RFC 9700 §2.1.1)."""

from __future__ import annotations

import hmac
import re

from gatepost.errors import InvalidGrant, InvalidRequest
from gatepost.identifiers import digest

METHODS = ("S256",)
CODE_NOT_VALID = "code is not valid"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def check_challenge(challenge: str | None, method: str | None, *, required: bool) -> str:
    """Return the challenge to store with the code, "" without PKCE (RFC 7636 §4.3).

    Raises InvalidRequest if it is required and missing, malformed, or not S256. `plain` is the RFC's default method, so
    a challenge without a method is rejected too. The method comes first: a challenge by `plain` looks malformed.
    """
    if challenge is None and method is None:
        if required:
            raise InvalidRequest("code_challenge is missing")
        return ""
    if method is None:
        raise InvalidRequest("code_challenge_method is missing, which means plain: send S256")
    if method not in METHODS:
        raise InvalidRequest("code_challenge_method must be S256: plain is not supported")
    if challenge is None or not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequest("code_challenge must be 43 characters of base64url")
    return challenge


def check_verifier(verifier: str | None, challenge: str) -> None:
    """Raise InvalidGrant unless `verifier` matches `challenge` (RFC 7636 §4.6).

    A verifier for a code without a challenge is rejected as well: it indicates a downgrade (RFC 9700 §4.8.2).
    """
    if not challenge and verifier is None:
        return
    if not challenge:
        raise InvalidGrant(CODE_NOT_VALID, reason="code_verifier without code_challenge")
    if verifier is None:
        raise InvalidGrant(CODE_NOT_VALID, reason="code_verifier missing")
    if not _VERIFIER.fullmatch(verifier):
        raise InvalidGrant(CODE_NOT_VALID, reason="code_verifier malformed")
    if not hmac.compare_digest(digest(verifier), challenge):
        raise InvalidGrant(CODE_NOT_VALID, reason="code_verifier does not match")
