"""The host names of local servers, against access by pages of other sites under names of their own.

The owner of a domain can point it to 127.0.0.1 after a browser has loaded its page (DNS rebinding): the browser then
takes this server for that site, and lets the page read its responses. The Host header reveals it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_OWN = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?", re.ASCII | re.IGNORECASE)


def is_own(hosts: Sequence[str], port: int | None = None) -> bool:
    """Return whether a request with these Host headers is for this machine, at `port` unless that is None."""
    found = _OWN.fullmatch(hosts[0].strip(" \t")) if len(hosts) == 1 else None
    return found is not None and port in (None, int(found[1] or 80))


def is_page_elsewhere(method: str, *, accept: str, host: str) -> bool:
    """Return whether a browser asks for a page under another name of this machine than `localhost`.

    Forms there would be of another origin than the issuer, and cookies of another site.
    """
    asked = method in ("GET", "HEAD") and "text/html" in accept.lower()
    return asked and not host.strip(" \t").lower().startswith("localhost")
