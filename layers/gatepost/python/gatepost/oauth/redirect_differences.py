"""Differences between a redirect URI that was refused and the registered one that it is nearest to.

For people only: nothing is accepted for being near, and only the app's owner may see what is registered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from gatepost.errors import InvalidRequest
from gatepost.model.records import App
from gatepost.quoting import quoted

# RFC 3986 Appendix B, which reads any text; the authority is split further
_URI = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_AUTHORITY = re.compile(r"(?:(.*)@)?(.*?)(?::([0-9]*))?", re.DOTALL)
_PARTS = ("scheme", "user name", "host", "port", "path", "query", "fragment")
_ORIGIN = ("scheme", "user name", "host", "port")
_WEIGHTS = {"host": 4, "path": 2}  # of a part that differs; 1 for every other
_LOOPBACK = ("127.0.0.1", "[::1]")


class Difference(NamedTuple):
    """A part of a URI as sent and as registered, None if there is none; `hint` is a sentence on what alone differs."""

    part: str
    sent: str | None
    registered: str | None
    hint: str = ""


class Nearest(NamedTuple):
    """The registered redirect URI with the fewest differences; `by_origin` if the app's website stands for it."""

    uri: str
    differences: Sequence[Difference]
    by_origin: bool = False


class UnprovenRedirectURI(InvalidRequest):
    """A request whose redirect URI is not the app's, or that has to name one and does not; shown on a page."""

    def __init__(self, app: App, sent: str | None, fault: str = "") -> None:
        """Take the app, what was `sent` if anything, and why such a URI can't be registered, if it can't."""
        self.app, self.sent, self.fault = app, sent, fault
        if not sent:
            super().__init__("redirect_uri is missing")
            return
        detail = f"sent {quoted(sent)}, registered {quoted(nearest(app, sent).uri)}"
        super().__init__(
            "redirect_uri is not registered for this app", reason="redirect_uri not registered", detail=detail
        )


def nearest(app: App, sent: str) -> Nearest:
    """Return the registered redirect URI that is nearest to `sent`, or the website of an app that has none."""
    if not app.redirect_uris:
        found = [each for each in differences(sent, app.url) if each.part in _ORIGIN]
        return Nearest(app.url, found, by_origin=True)
    candidates = [Nearest(uri, differences(sent, uri)) for uri in app.redirect_uris]
    return min(candidates, key=lambda each: (_distance(each.differences), -_common(sent, each.uri)))


def differences(sent: str, registered: str) -> Sequence[Difference]:
    """Return the parts in which two URIs differ. That port may which `proven_redirect_uri` leaves free."""
    return list(_differences(_parts(sent), _parts(registered)))


def _differences(sent: Mapping[str, str | None], registered: Mapping[str, str | None]) -> Iterator[Difference]:
    by_name = registered["host"] == "localhost" and registered["port"] is None
    any_port = registered["scheme"] == "http" and (registered["host"] in _LOOPBACK or by_name)
    for part in _PARTS:
        theirs, ours = sent[part], registered[part]
        if theirs != ours and not (part == "port" and any_port):
            yield Difference(part, theirs, ours, _hint(theirs or "", ours or ""))


def _parts(uri: str) -> dict[str, str | None]:
    scheme, authority, path, query, fragment = _matched(_URI, uri)
    user, host, port = _matched(_AUTHORITY, authority or "")
    return dict(zip(_PARTS, (scheme, user, host, port, path, query, fragment), strict=True))


def _matched(pattern: re.Pattern[str], text: str) -> Sequence[str | None]:
    match = pattern.fullmatch(text)
    return match.groups() if match else [None] * pattern.groups


def _hint(sent: str, registered: str) -> str:
    if sent == registered:  # one is empty, and the other is absent
        return ""
    if sent.strip(" ") == registered:
        return f"Only the space at the {'end' if sent.startswith(registered) else 'front'}."
    if sent.rstrip("/") == registered.rstrip("/"):
        return "Only the slash at the end."
    if sent.casefold() == registered.casefold():
        return "Only upper and lower case."
    return "Only the percent-encoding." if unquote(sent) == unquote(registered) else ""


def _distance(found: Sequence[Difference]) -> int:
    return sum(_WEIGHTS.get(each.part, 1) for each in found)


def _common(one: str, other: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
