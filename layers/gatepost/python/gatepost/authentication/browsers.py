"""Names of browsers, from the User-Agent header: a closed set of texts, whatever a client sends."""

from __future__ import annotations

from typing import NamedTuple

UNKNOWN = "Unknown browser"
_SOME = "A browser"
_LONGEST = 500  # characters that are looked at


class _Mark(NamedTuple):
    text: str  # of the header
    name: str


# The first that is found decides: most browsers also name those that they are built on.
_BROWSERS = (
    _Mark("Edg/", "Edge"),
    _Mark("EdgA/", "Edge"),
    _Mark("EdgiOS/", "Edge"),
    _Mark("OPR/", "Opera"),
    _Mark("SamsungBrowser/", "Samsung Internet"),
    _Mark("Firefox/", "Firefox"),
    _Mark("FxiOS/", "Firefox"),
    _Mark("Chrome/", "Chrome"),
    _Mark("CriOS/", "Chrome"),
    _Mark("Safari/", "Safari"),
)
_SYSTEMS = (
    _Mark("Android", "Android"),
    _Mark("iPhone", "iPhone"),
    _Mark("iPad", "iPad"),
    _Mark("Windows", "Windows"),
    _Mark("Mac OS X", "macOS"),
    _Mark("CrOS", "ChromeOS"),
    _Mark("Linux", "Linux"),
)


def browser_of(user_agent: str) -> str:
    """Return "Chrome on Linux" for the header of a browser, or the part of it that is known."""
    head = user_agent[:_LONGEST]
    browser = _first(_BROWSERS, head)
    system = _first(_SYSTEMS, head) if browser or head.startswith("Mozilla/") else ""
    if not system:
        return browser or UNKNOWN
    return f"{browser or _SOME} on {system}"


def described(user_agent: str, source_ip: str) -> str:
    """Return "Chrome on Linux at 192.0.2.7" for a mail."""
    return f"{browser_of(user_agent)} at {source_ip}"


def shown_browser(stored: str) -> str:
    """Return the name in a session: sessions of the version before hold the header itself."""
    return stored if stored in _NAMES else browser_of(stored)


def _first(marks: tuple[_Mark, ...], text: str) -> str:
    return next((mark.name for mark in marks if mark.text in text), "")


_NAMES = frozenset(
    (
        *(mark.name for mark in _BROWSERS),
        *(f"{name} on {system.name}" for name in (_SOME, *(b.name for b in _BROWSERS)) for system in _SYSTEMS),
    )
)
