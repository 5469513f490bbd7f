"""The URLs that may be fetched: https, the default port, a name of the public DNS or an address."""

from __future__ import annotations

import re
from typing import NamedTuple

from gatepost.http.special_addresses import parsed
from gatepost.model.fetching import FetchRefused
from gatepost.resource import LOOPBACK

LONGEST = 2_000
# RFC 3986 without userinfo and fragment. A host in any other spelling (escapes, other scripts, zones) is none.
_URL = re.compile(
    r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?"
    r"((?:/[a-z0-9._~!$&'()*+,;=:@%/-]*)?)((?:\?[a-z0-9._~!$&'()*+,;=:@%/?-]*)?)",
    re.IGNORECASE | re.ASCII,  # else `s` and `k` match letters beyond ASCII, too
)
_NAME = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_PORTS = {"https": 443, "http": 80}


class Target(NamedTuple):
    """A URL in its parts."""

    secure: bool
    host: str  # in lower case, an IPv6 address without its brackets
    port: int
    authority: str  # for the header field Host
    path: str  # with the query


def host_of(url: object) -> str:
    """Return the host of a URL for the log, "" for anything else."""
    found = _URL.fullmatch(url) if isinstance(url, str) and len(url) <= LONGEST else None
    return found[2].lower() if found else ""


def target_of(url: str, *, local: bool) -> Target:
    """Return the parts of a URL that may be fetched; `local` allows any port, and http to this machine by its names.

    A name's last label begins with a letter, as that of every top-level domain does: so none is another spelling of an
    address, like `127.1` and `0x7f000001`. Raises FetchRefused.
    """
    found = _URL.fullmatch(url) if len(url) <= LONGEST else None
    if found is None:
        raise FetchRefused("the URL is not one of http or https")
    scheme, named, port = found[1].lower(), found[2].lower(), int(found[3] or 0)
    host = named.strip("[]")
    address, this_machine = parsed(host), local and named in LOOPBACK
    is_address = address is not None and (address.version == 6) == (named != host)
    if not (this_machine or is_address or _NAME.fullmatch(named)):
        raise FetchRefused("the URL's host is neither a full name nor an address")
    if scheme != "https" and not this_machine:
        raise FetchRefused("the URL is not https")
    default = _PORTS[scheme]
    if found[3] and port != default and not (local and 0 < port < 65_536):
        raise FetchRefused("the URL's port is not the default one")
    authority = named if port in (0, default) else f"{named}:{port}"
    return Target(scheme == "https", host, port or default, authority, f"{found[4] or '/'}{found[5]}")
