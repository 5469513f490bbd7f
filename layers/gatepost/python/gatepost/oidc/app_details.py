"""An app's metadata for OpenID Connect, under the names of RFC 7591's registry."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gatepost.model.records import App
from gatepost.oauth.redirect_lists import redirect_uris_fault
from gatepost.oauth.redirect_uris import redirect_notice, url_fault
from gatepost.resource import is_loopback
from gatepost.settings import ID_TOKEN_ALGORITHMS, Settings

_ALGORITHMS = " or ".join(ID_TOKEN_ALGORITHMS)


class OpenIDDetails(NamedTuple):
    """The fields of an app that are about signing in and out. An algorithm is "" for the default."""

    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str = ""
    id_token_signed_response_alg: str = ""
    userinfo_signed_response_alg: str = ""

    @classmethod
    def of(cls, app: App) -> OpenIDDetails:
        """Return those of an app."""
        return cls(
            post_logout_redirect_uris=app.post_logout_redirect_uris,
            backchannel_logout_uri=app.backchannel_logout_uri,
            id_token_signed_response_alg=app.id_token_signed_response_alg,
            userinfo_signed_response_alg=app.userinfo_signed_response_alg,
        )

    def kept(self) -> dict[str, Any]:
        """Return the fields of the app's record; the default algorithm of ID tokens is not written."""
        default = self.id_token_signed_response_alg == ID_TOKEN_ALGORITHMS[0]
        return {**self._asdict(), **({"id_token_signed_response_alg": ""} if default else {})}


def openid_faults(details: OpenIDDetails, settings: Settings) -> dict[str, str | None]:
    """Return a sentence for each field that can't be registered, None for the others."""
    return {
        "post_logout_redirect_uris": redirect_uris_fault(details.post_logout_redirect_uris, "sign-out redirect URI"),
        "backchannel_logout_uri": _logout_uri_fault(details.backchannel_logout_uri, settings),
        "id_token_signed_response_alg": _algorithm_fault(details.id_token_signed_response_alg),
        "userinfo_signed_response_alg": _userinfo_fault(details.userinfo_signed_response_alg, settings),
    }


def _logout_uri_fault(uri: str, settings: Settings) -> str | None:
    """Return why the server can't call the URI (OpenID Connect Back-Channel Logout §2.2)."""
    if not uri:
        return None
    fault = url_fault(uri)
    if fault is None and not is_loopback(settings.issuer):
        fault = _reach_fault(uri)
    return f"The back-channel logout URI {fault}." if fault else None


def _reach_fault(uri: str) -> str | None:
    """Return why requests to the URI would be refused (`http.outbound_url`), as far as its owner can't guess it."""
    parts = urlsplit(uri)
    if redirect_notice(uri) == "loopback":
        return "must not be on a loopback address: this server calls it"
    if parts.port not in (None, 443):
        return "must be on port 443: this server calls no other"
    host = parts.hostname or ""
    return None if "." in host or ":" in host else "must have a full host name: this server calls it"


def _userinfo_fault(alg: str, settings: Settings) -> str | None:
    unsigned = "This server does not sign userinfo." if alg and not settings.signs_userinfo else None
    return _algorithm_fault(alg) or unsigned


def _algorithm_fault(alg: str) -> str | None:
    return None if alg in ("", *ID_TOKEN_ALGORITHMS) else f"The algorithm must be {_ALGORITHMS}."
