"""Invariants of single items: their attributes, their expiry, and that they hold no secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gatepost.audit_log.event_texts import EVENTS
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.feed import PublicKey
from gatepost.stores.audit_lists import lists_of, position_of
from gatepost.tokens.jws import RSA_BITS
from infra.tools.integrity.kinds import HASH, ID, Entry, Finding, Item

# patterns of values that grant access
_SECRET_FORMS = {
    "an access token": re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"),
    "a refresh token": re.compile(rf"{ID}\.[A-Za-z0-9_-]+\.[0-9]+\.{HASH}"),
    "a session cookie": re.compile(rf"{ID}\.{HASH}(?![A-Za-z0-9_-])"),
    "a private key": re.compile(r"PRIVATE KEY|\"pem\""),
    "a password hash": re.compile(r"\$2[abxy]\$"),
}
_PASSWORD_HASH = re.compile(r"\$2b\$\d\d\$[./A-Za-z0-9]{53}")
_HASHES = (
    "code_hash",
    "session_hash",
    "request_hash",
    "link_hash",
    "permit_hash",
    "registration_token_hash",
    "secret_hash",
)
_PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}  # RFC 7518 §6
_CURVES = {"ES256": "P-256"}


def check_form(entry: Entry) -> Iterator[Finding]:
    """Check that an item is a complete record of ours without extra attributes."""
    if entry.kind is None:
        yield entry.finding("unknown record", "its key is of no kind that this server writes")
        return
    for name in sorted(set(entry.item) - entry.kind.attributes):
        yield entry.finding("unexpected attribute", f"{entry.kind.name}: the attribute {name} is none of its own")
    if entry.kind.record is not None and entry.record is None:
        yield entry.finding("unreadable record", f"{entry.kind.name}: an attribute is missing or of another type")


def check_end(entry: Entry) -> Iterator[Finding]:
    """Check that expiring items have a TTL, not before their expiry (it is garbage collection), others none."""
    if entry.kind is None or (entry.kind.record is not None and entry.record is None):
        return
    stays = getattr(entry.record, "ended_at", 0)  # a withdrawn key is kept for good
    written = int(entry.item["expires_at"]["N"]) if "expires_at" in entry.item else 0
    end = 0 if stays else getattr(entry.record, "expires_at", written)
    if entry.ttl is None and (entry.kind.ends or end):
        yield entry.finding("no ttl", f"{entry.kind.name}: it ends, but DynamoDB is not told so")
    elif entry.ttl is not None and not (entry.kind.ends or entry.kind.may_end or end):
        yield entry.finding("ttl of what stays", f"{entry.kind.name}: DynamoDB would remove it, but it has no end")
    elif entry.ttl is not None and entry.ttl < end:
        yield entry.finding("ttl before the end", f"{entry.kind.name}: DynamoDB may remove it before its end")


class Secrets:
    """Values that must not occur; found in one pass over a text, however many there are."""

    _HEAD = 16

    def __init__(self, secrets: Sequence[str]) -> None:
        """Take non-empty `secrets`."""
        self._width = min((len(secret) for secret in secrets), default=0)
        self._width = min(self._width, self._HEAD)
        self._by_head: dict[str, list[str]] = {}
        for secret in secrets:
            self._by_head.setdefault(secret[: self._width], []).append(secret)

    def stand_in(self, text: str) -> bool:
        """Whether one of them occurs in `text`."""
        if not self._by_head:
            return False
        places = range(len(text) - self._width + 1)
        heads = ((at, self._by_head.get(text[at : at + self._width], ())) for at in places)
        return any(text.startswith(secret, at) for at, found in heads for secret in found)


def check_nothing_readable(entry: Entry, secrets: Secrets) -> Iterator[Finding]:
    """Check that no value of the item, nor its key, grants access or is one of `secrets`."""
    for name, value in _texts(entry.item):
        is_hash = name == "password_hash" and _PASSWORD_HASH.fullmatch(value)  # of any letters, "eyJ" and dots, too
        for what, form in () if is_hash else _SECRET_FORMS.items():
            if form.search(value):
                yield entry.finding("readable secret", f"the attribute {name} holds what looks like {what}")
        if secrets.stand_in(value):
            yield entry.finding("readable secret", f"the attribute {name} holds a secret that was used")
        if name in _HASHES and not re.fullmatch(HASH, value):
            yield entry.finding("not a hash", f"the attribute {name} is no SHA-256")
        if name == "password_hash" and value and not is_hash:
            yield entry.finding("not a hash", "the attribute password_hash is no bcrypt hash")


def check_public_key(entry: Entry) -> Iterator[Finding]:
    """Check for a complete RSA or P-256 public key without private members (RFC 7517 §9.3)."""
    key = entry.record
    if not isinstance(key, PublicKey):
        return
    try:
        jwk = json.loads(key.jwk)
    except ValueError:
        jwk = None
    if not isinstance(jwk, dict):
        yield entry.finding("malformed public key", "its jwk is no JSON object")
        return
    if _PRIVATE_MEMBERS & set(jwk):
        yield entry.finding("private key published", "its jwk has a member of the private key")
    if jwk.get("kid") != key.kid or entry.address not in (f"keys key#{key.kid}", f"feed key#{key.kid}"):
        yield entry.finding("malformed public key", "its key, its kid and the kid of its jwk differ")
    if jwk.get("use") != "sig" or not _is_verifier(jwk):
        yield entry.finding("malformed public key", "its jwk is no RSA key of 2,048 bits or P-256 key for signatures")


def check_audit_entry(entry: Entry) -> Iterator[Finding]:
    """Check for a known event under the key of its time."""
    record = entry.record
    if not isinstance(record, AuditEntry):
        return
    if record.event not in EVENTS:
        yield entry.finding("malformed audit entry", "its event is none of this server")
    if entry.address not in [f"{name} {position_of(record)}" for name in lists_of(record)]:
        yield entry.finding("malformed audit entry", "its key is not one of its lists, its time and its id")


def shape_findings(found: Iterable[Entry], secrets: Sequence[str] = ()) -> Iterator[Finding]:
    """Yield the findings in single items."""
    sought = Secrets(secrets)
    for entry in found:
        yield from check_form(entry)
        yield from check_end(entry)
        yield from check_nothing_readable(entry, sought)
        yield from check_public_key(entry)
        yield from check_audit_entry(entry)


def _is_verifier(jwk: Mapping[str, Any]) -> bool:
    if jwk.get("kty") == "RSA" and jwk.get("alg") == "RS256":
        modulus = jwk.get("n")
        return isinstance(modulus, str) and len(modulus) * 6 >= RSA_BITS and isinstance(jwk.get("e"), str)
    curve = _CURVES.get(str(jwk.get("alg")))
    return jwk.get("kty") == "EC" and curve is not None and jwk.get("crv") == curve and {"x", "y"} <= set(jwk)


def _texts(item: Item | Mapping[str, Any], name: str = "") -> Iterator[tuple[str, str]]:
    """Yield every string of an item with the name of its attribute, including those in lists and maps."""
    for key, value in item.items():
        match value:
            case {"S": str(text)}:
                yield key or name, text
            case {"L": list(parts)}:
                for part in parts:
                    yield from _texts({key: part})
            case {"M": dict(members)}:
                yield from _texts(members)
            case {"B": _} | {"SS": _} | {"BS": _}:
                yield key, str(value)
