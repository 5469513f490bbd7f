"""Paths of routes and resources, with parameters in braces; `{name+}` takes the rest of a path."""

from __future__ import annotations

import functools
import re


@functools.cache
def pattern(path: str) -> re.Pattern[str]:
    """Return the pattern that matches the paths of a route or a resource."""
    return re.compile("".join(_segment(part) for part in re.split(r"(\{\w+\+?\})", path)))


def _segment(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = part.strip("{}+")
    return f"(?P<{name}>.+)" if part.endswith("+}") else f"(?P<{name}>[^/]+)"
