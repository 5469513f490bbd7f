"""Verify access tokens by the JWK Set and the list of revocations: pip install "PyJWT[crypto]" requests."""

import contextlib
import hashlib
import time

import jwt
import requests
from jwt.utils import base64url_decode, base64url_encode

ISSUER, AUDIENCE = "https://auth.example.com", "https://reports.example.com"
POLL, MAX_STALE, LEEWAY = 5, 60, 30
METADATA = requests.get(f"{ISSUER}/.well-known/oauth-authorization-server", timeout=3).json()
LIST, KEYS = METADATA.get("revocation_list_uri"), jwt.PyJWKClient(METADATA["jwks_uri"])
head, tried, newer = {"time": 0, "published": True}, 0, 0  # newer: when the head came, by this clock
SIZES = {"marks": 8, "cutoffs": 12}
known = {8: set(), 12: {}}  # marks, and times by handle


def octets_of(text):
    """Decode base64url in its one right spelling."""
    octets = base64url_decode(text)  # which skips what is none
    if base64url_encode(octets).decode() != text:
        raise ValueError("not base64url")
    return octets


def take(octets, size):
    """Add marks (8 octets each) or cutoffs (12) to what is known."""
    if len(octets) % size:
        raise ValueError("truncated")
    for entry in (octets[at : at + size] for at in range(0, len(octets), size)):
        if size == 8:
            known[8].add(entry)
        else:
            known[12][entry[:8]] = max(known[12].get(entry[:8], 0), int.from_bytes(entry[8:], "little"))


def poll(now):
    """Fetch the head, and the segments that it needs."""
    global head, newer
    found = requests.get(LIST, timeout=3).json()
    if found["issuer"] != ISSUER or not max(head["time"], now - MAX_STALE - LEEWAY) <= found["time"] <= now + LEEWAY:
        raise ValueError("the head of another issuer or time")
    if not isinstance(found["published"], bool):
        raise TypeError("of another form")
    if found["published"]:
        segments = list(found["segments"])
        for segment in segments if not found["since"] <= head["time"] else ():
            octets = octets_of(requests.get(f"{LIST}/{segment['name']}", timeout=3).json()["contents"])
            if base64url_encode(hashlib.sha256(octets).digest()[:16]).decode() != segment["name"]:
                raise ValueError("a segment of other contents")
            take(octets, SIZES[segment["kind"]])
        for name, size in SIZES.items():
            take(octets_of(found[name]), size)
    newer, head = (now if found["time"] > head["time"] else newer), found


def verified(token):
    """Return the claims of a token that is valid now. Raises an exception for any other."""
    global tried  # noqa: PLW0603
    now = time.time()
    if LIST and head["published"] and now - tried >= POLL:
        tried = now
        with contextlib.suppress(requests.RequestException, ValueError, KeyError, TypeError):
            poll(now)  # if it fails, what is known goes on for MAX_STALE
    if LIST and head["published"] and now - newer > MAX_STALE:
        raise RuntimeError("the list of revocations can't be read")
    key = KEYS.get_signing_key_from_jwt(token).key
    claims = jwt.decode(token, key, ["RS256", "ES256"], issuer=ISSUER, audience=AUDIENCE, leeway=LEEWAY)
    header = jwt.get_unverified_header(token)
    subjects = {"jti": claims["jti"], "grant": claims.get("grant_id"), "key": header["kid"]}
    marks = {hashlib.sha256(f"{kind}#{subject}".encode()).digest()[:8] for kind, subject in subjects.items()}
    ends = [known[12].get(octets_of(handle), -1) for handle in claims.get("handles", [])]
    if header["typ"] != "at+jwt" or marks & known[8] or claims["iat"] <= max(ends, default=-1):
        raise jwt.InvalidTokenError("not an access token, or revoked")
    return claims
