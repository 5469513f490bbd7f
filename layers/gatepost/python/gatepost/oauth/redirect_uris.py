"""Redirect URIs: which ones an app may register and a request may use, and the redirects to them.

Only a proven `Callback` can build a redirect.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote_plus, urlencode, urlsplit

from gatepost.errors import AnswerError, OAuthError
from gatepost.model.records import App
from gatepost.oauth.parameters import with_query
from gatepost.oauth.registered_uris import LOOPBACK, is_clean, is_registered, parts_of

_HOST = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[1-9][0-9]{0,4})?", re.ASCII)
# Browsers take a host that ends in a number for an IPv4 address in any notation (URL Standard, host parser).
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_CSP_ORIGIN = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?", re.ASCII)  # CSP 3 §2.3.1
_NO_OCTET = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)
# Parameters of responses (RFC 6749 §4.1.2, RFC 9207, JARM); one in the registered query might be read instead.
_RESERVED = frozenset({"code", "state", "iss", "error", "error_description", "error_uri", "response"})
_WEB = ("http", "https")
_NEVER = ("javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "ws", "wss", "ftp", "mailto")


class AuthorizationResponse(NamedTuple):
    """A response to an app: a redirect to `url`, or with `fields` a form that the browser posts there."""

    url: str
    fields: Mapping[str, str] | None = None


class Callback(NamedTuple):
    """A redirect URI that was proven to belong to the app, with the parameters of every response to it."""

    redirect_uri: str
    sent: bool  # sent in the request, so the token request must repeat it (RFC 6749 §4.1.3)
    state: str | None
    issuer: str
    fragment: bool  # implicit responses use the fragment (RFC 6749 §4.2.2)
    posted: bool = False  # by a form of the browser (OAuth 2.0 Form Post Response Mode)
    by_press: bool = False  # errors are sent by a press of the visitor, on a page that names the target

    def response(self, answer: Mapping[str, str]) -> AuthorizationResponse:
        """Return the response with `answer`, `state` and `iss` (RFC 9207 §2)."""
        if self.posted:
            return AuthorizationResponse(self.redirect_uri, self._pairs(answer))
        return AuthorizationResponse(self.location(answer))

    def location(self, answer: Mapping[str, str]) -> str:
        """Return the URL to redirect to, with the same in its query or fragment."""
        pairs = self._pairs(answer)
        if self.fragment:
            return f"{self.redirect_uri}#{urlencode(pairs, quote_via=quote)}"
        return with_query(self.redirect_uri, pairs)

    def _pairs(self, answer: Mapping[str, str]) -> dict[str, str]:
        state = {} if self.state is None else {"state": self.state}
        return {**answer, **state, "iss": self.issuer}


@contextmanager
def answering(callback: Callback) -> Iterator[None]:
    """Turn an OAuthError in the block into an AnswerError, which the app receives."""
    try:
        yield
    except OAuthError as error:
        response = callback.response({"error": error.code, "error_description": error.description})
        raise AnswerError(response.url, error, response.fields, by_press=callback.by_press) from error


def proven_redirect_uri(app: App, requested: str | None) -> str:
    """Return the redirect URI to use for a request of `app` (RFC 6749 §3.1.2.3, RFC 9700 §4.1.3).

    Without registered URIs the seed's rule applies: the origin of the app's url.
    Raises UnprovenRedirectURI, which must be shown as a page: nothing may be sent to an unproven URI.
    """
    if not requested:
        if len(app.redirect_uris) == 1:
            return app.redirect_uris[0]
        raise _unproven(app, None)
    if is_registered(requested, app.redirect_uris):
        return requested
    if not app.redirect_uris and _has_origin_of(requested, app.url):
        return requested
    raise _unproven(app, requested)


def _unproven(app: App, requested: str | None) -> OAuthError:
    from gatepost.oauth.redirect_differences import UnprovenRedirectURI  # 0.6 ms of a cold start, for few requests

    fault = redirect_uri_fault(requested) if requested else None
    return UnprovenRedirectURI(app, requested, fault or "")


def redirect_uri_fault(uri: str) -> str | None:
    """Return why `uri` can't be registered, as text for people; None if it can (RFC 9700 §2.1, RFC 8252 §7)."""
    if fault := _text_fault(uri):
        return fault
    parts = parts_of(uri)
    if parts is None or not parts.scheme:
        return "is not an absolute URI"
    if "#" in uri:
        return "must not have a fragment"
    name = _reserved_name(parts.query)
    if name is not None:
        return f"must not have {name} in its query: answers carry a parameter of that name"
    if parts.scheme in _WEB:
        return _web_fault(parts)
    if parts.scheme in _NEVER or "." not in parts.scheme:
        return "must use https, http on a loopback address, or a scheme named after a domain (com.example.app:/)"
    if not parts.path.startswith("/") or parts.netloc:
        return "must look like com.example.app:/path"
    return None


def url_fault(url: str) -> str | None:
    """Return why `url` can't be an app's url, as text for people; None if it can."""
    if fault := _text_fault(url):
        return fault
    parts = parts_of(url)
    if parts is None or parts.scheme not in _WEB:
        return "must start with https://"
    if "#" in url:
        return "must not have a fragment"
    return _web_fault(parts)


def takes_forms(uri: str) -> bool:
    """Whether a form can be posted to a redirect URI; a native app's own scheme takes none."""
    return urlsplit(uri).scheme in _WEB


def host_of(uri: str) -> str:
    """Return the target of a redirect as shown to people: the host, or the scheme of a native app; "" of no URI."""
    parts = urlsplit(uri)
    return parts.netloc.rpartition("@")[2] or (f"{parts.scheme}:" if uri else "")


def form_target(uri: str) -> str:
    """Return the CSP source that lets a form post redirect to `uri`.

    Chromium applies `form-action` to every redirect that follows a form post, including the app's own, so the source is
    the whole scheme.
    """
    return f"{urlsplit(uri).scheme}:"


def post_target(uri: str) -> str:
    """Return the CSP source that lets a form post to `uri` itself: its origin.

    A host that no CSP source can name, as an IPv6 address, leaves the scheme.
    """
    parts = urlsplit(uri)
    origin = f"{parts.scheme}://{parts.netloc.lower()}"
    return origin if _CSP_ORIGIN.fullmatch(origin) else form_target(uri)


def redirect_notice(uri: str) -> str | None:
    """Return the warning to show on the consent page: "loopback", "insecure", "native" or None."""
    parts = urlsplit(uri)
    if parts.scheme not in _WEB:
        return "native"
    if _is_this_computer(parts.hostname or ""):
        return "loopback"
    return "insecure" if parts.scheme == "http" else None


def _text_fault(uri: str) -> str | None:
    if not is_clean(uri):
        return "holds a character that is not allowed, or is too long"
    return "holds a % without two hexadecimal digits behind it" if _NO_OCTET.search(uri) else None


def _web_fault(parts: SplitResult) -> str | None:
    if "@" in parts.netloc:
        return "must not hold a user name or password"
    if not _HOST.fullmatch(parts.netloc):
        return "has no valid host or port"
    if not _is_plain(parts.hostname or ""):
        return "must write its IP address in the plain form, as 192.0.2.1 or [2001:db8::1]"
    if parts.scheme == "http" and parts.hostname not in (*LOOPBACK, "localhost"):
        return "must use https, except on a loopback address"
    return None


def _reserved_name(query: str) -> str | None:
    """Return a reserved name that a framework might find in `query`, also as `state[]`, capitalized or after `;`."""
    names = (unquote_plus(part.partition("=")[0]) for part in re.split("[&;]", query))
    plain = (name.partition("[")[0].strip().casefold() for name in names)
    return next((name for name in plain if name in _RESERVED), None)


def _is_plain(host: str) -> bool:
    """Whether `host` is a name, or an address in canonical notation."""
    try:
        if ":" in host:
            address = ipaddress.IPv6Address(host)
            return address.ipv4_mapped is None and str(address) == host
        if _NUMBER.fullmatch(host.rpartition(".")[2]):
            return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False
    return True


def _is_this_computer(host: str) -> bool:
    """Whether a browser may take `host` for its own computer; addresses in unusual notation might be."""
    if not _is_plain(host) or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _has_origin_of(requested: str, url: str) -> bool:
    if redirect_uri_fault(requested) is not None:
        return False
    theirs, ours = parts_of(requested), parts_of(url)
    if theirs is None or ours is None or ours.scheme not in _WEB:
        return False
    # compared as written, so that no browser's parsing of it can differ from ours
    return (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc.lower())
