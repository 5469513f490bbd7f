"""A secret in every encoding in which it could appear."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus


def spellings(secret: str) -> set[str]:
    """The secret as it is, percent-encoded, in JSON, as hexadecimal digits, and within any base64 text."""
    octets = secret.encode()
    return {
        secret,
        secret[::-1],
        quote(secret, safe=""),
        quote(secret, safe="").lower(),
        quote_plus(secret),
        "".join(f"%{octet:02x}" for octet in octets),
        json.dumps(secret)[1:-1],
        octets.hex(),
        *_in_base64(octets),
    }


def _in_base64(octets: bytes) -> Iterator[str]:
    """Return the parts of base64 that don't depend on surrounding octets: three alignments, two alphabets."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + octets).decode().rstrip("=")
        within = text[(0, 2, 3)[before] : len(text) - 1]
        yield from {within, within.replace("+", "-").replace("/", "_")}


def found(secrets: dict[str, str], text: str) -> list[str]:
    """Return the names of the secrets that appear in the text, in any encoding."""
    return [name for name, secret in secrets.items() if any(each in text for each in spellings(secret))]
