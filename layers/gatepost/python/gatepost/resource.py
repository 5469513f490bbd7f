"""Resources (RFC 8707): APIs that tokens may be for, as `cdk.json` describes them; URLs of APIs and issuers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

LONGEST = 200
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")  # hosts that need no https
BELOW = "/*"  # ends the pattern of a URL and of everything below it
# No query, no userinfo and no percent-encoding: no two readings of what is below a prefix.
# Not compiled here: few requests name a resource.
_URL = r"(?i:(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\]))(?::([1-9]\d{0,4}))?((?:/[A-Za-z0-9._~$&+,;=:@-]+)*)/?"
_PORTS = {"https": "443", "http": "80"}


class Resource(NamedTuple):
    """The configuration of a URL or prefix; plain texts only, so that JSON holds it."""

    name: str  # people read it on the consent page
    scopes: Mapping[str, str]  # those that its tokens may hold: its own sentence for each, "" for the server's
    client_credentials: Mapping[str, str]  # scope: its own policy, where it has one


def canonical(url: object) -> str | None:
    """The one spelling of a resource's URL: scheme and host in lower case, no default port, no slash at the end.

    None for what can't be one: relative, not http(s), with a fragment, query, user or dot segment, or http beyond
    loopback.
    """
    found = re.fullmatch(_URL, url) if isinstance(url, str) and len(url) <= LONGEST else None
    if found is None:
        return None
    scheme, host, port, path = found[1].lower(), found[2].lower(), found[3], found[4]
    if not {".", ".."}.isdisjoint(path.split("/")) or (port and int(port) > 65535):
        return None
    if scheme == "http" and host not in LOOPBACK:
        return None
    return f"{scheme}://{host}{f':{port}' if port and port != _PORTS[scheme] else ''}{path}"


def is_loopback(url: str) -> bool:
    """Whether a canonical URL, or an origin, names this computer."""
    found = re.fullmatch(_URL, url)
    return found is not None and found[2] in LOOPBACK


def is_issuer(value: object) -> bool:
    """Return whether `value` is an origin as browsers write it: https (http only on loopback), no default port or path.

    RFC 8414 §2 would allow a path, but clients look for the well-known documents at the root, and form posts can be
    compared with an origin.
    """
    form = (
        re.fullmatch(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(?::([1-9]\d{0,4}))?", value)
        if isinstance(value, str)
        else None
    )
    if form is None:
        return False
    scheme, host, port = form.groups()
    if port is not None and (int(port) > 65535 or int(port) == {"https": 443, "http": 80}[scheme]):
        return False
    return scheme == "https" or host in LOOPBACK


def found_in(resources: Mapping[str, Resource], url: str, issuer: str) -> Resource | None:
    """The resource that a canonical URL belongs to: its own, else the longest prefix that it is below.

    A key that begins with a slash is a path of the issuer.
    """
    known = {f"{issuer}{key}" if key.startswith("/") else key: each for key, each in resources.items()}
    if url in known:
        return known[url]
    fitting = [key for key in known if key.endswith(BELOW) and f"{url}/".startswith(key.removesuffix("*"))]
    return known[max(fitting, key=len)] if fitting else None
