"""The names that a server of this machine answers to: a page of another site must not reach it by a name of its own.

Whoever has a domain can let it point to 127.0.0.1 after a browser has loaded a page of it (DNS rebinding): then the
browser takes this server for that site, and shows its answers to the page. The Host header still tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_OWN = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?", re.ASCII | re.IGNORECASE)


def is_own(hosts: Sequence[str], port: int | None = None) -> bool:
    """Return whether a request with these Host headers means this machine, at `port` unless that is None."""
    found = _OWN.fullmatch(hosts[0].strip(" \t")) if len(hosts) == 1 else None
    return found is not None and port in (None, int(found[1] or 80))
