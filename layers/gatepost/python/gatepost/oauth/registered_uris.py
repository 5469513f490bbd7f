"""The URIs that apps register: the characters that they may hold, and whether a request sent one of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

_LONGEST = 2000
_CLEAN = re.compile(rf"[!#-;=?-\[\]_a-z~]{{1,{_LONGEST}}}")  # visible ASCII without "<>\\^`{{|}}
LOOPBACK = ("127.0.0.1", "::1")


def is_registered(requested: str, registered: Collection[str]) -> bool:
    """Whether a URI is registered: compared as a string, except for the port of a loopback IP address (RFC 8252 §7.3).

    Of `localhost` the port may differ where none is registered.
    """
    return is_clean(requested) and (
        requested in registered or any(_same_but_loopback_port(requested, uri) for uri in registered)
    )


def is_clean(uri: str) -> bool:
    """Whether a URI has only characters that nothing reads in two ways, and not too many."""
    return _CLEAN.fullmatch(uri) is not None


def parts_of(uri: str) -> SplitResult | None:
    """Return the parts of `uri`, None if the standard library finds it malformed (a bad port or IPv6 address)."""
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _same_but_loopback_port(requested: str, registered: str) -> bool:
    theirs, ours = parts_of(requested), parts_of(registered)
    if theirs is None or theirs.port == 0 or ours is None or ours.scheme != "http":
        return False
    name = "localhost" if ours.netloc == "localhost" else ours.hostname if ours.hostname in LOOPBACK else None
    if name is None:
        return False
    host = f"[{name}]" if ":" in name else name
    port = "" if theirs.port is None else f":{theirs.port}"
    before, _, after = registered.partition(ours.netloc)  # compared as written
    return requested == f"{before}{host}{port}{after}"
