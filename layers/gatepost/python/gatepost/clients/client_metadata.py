"""The metadata with which an app registers itself (RFC 7591 §2, OpenID Connect Registration §2), checked.

Members that the server does not know are ignored, and nothing is fetched from a URL in them. What the server can't do
is an error if the app would not work otherwise, else it is left out: the response says what was registered (§3.2.1).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gatepost.clients.labels import name_problem, seen
from gatepost.clients.owner_changes import NAME_LENGTH
from gatepost.clients.scopes import CLIENT_CREDENTIALS, policies_of
from gatepost.errors import InvalidScope, OAuthError
from gatepost.oauth.client_authentication import METHODS, none
from gatepost.oauth.redirect_lists import redirect_uris_fault
from gatepost.oauth.redirect_uris import url_fault
from gatepost.oidc.app_details import OpenIDDetails, openid_faults
from gatepost.scope import Scope, parse_scope
from gatepost.settings import OPEN, Settings

CODE, REFRESH = "authorization_code", "refresh_token"
UNNAMED = "Unnamed app"
_OFFERED = (CODE, REFRESH, CLIENT_CREDENTIALS)
_NEVER = ("password", "implicit")  # to an app that nobody here vouches for
_RESPONSE_TYPES = ("code",)
_APPLICATION_TYPES = ("web", "native")
_LONGEST_TEXT = 200
_MOST_CONTACTS = 10
_OPENID = OpenIDDetails._fields


class InvalidClientMetadata(OAuthError):
    """A member of the metadata is not valid, or not possible here (RFC 7591 §3.2.2)."""

    code = "invalid_client_metadata"


class InvalidRedirectURI(OAuthError):
    """A redirect URI can't be registered (RFC 7591 §3.2.2)."""

    code = "invalid_redirect_uri"


class ClientMetadata(NamedTuple):
    """The metadata of a registration request, as far as the server supports it."""

    name: str
    url: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    auth_method: str
    default_scope: Scope  # of a request without scope
    openid: OpenIDDetails
    kept: Mapping[str, Any] = MappingProxyType({})  # members that are returned as they were sent

    @property
    def confidential(self) -> bool:
        """Whether the app gets a secret."""
        return self.auth_method != none.NAME


def checked_metadata(document: Mapping[str, Any], settings: Settings) -> ClientMetadata:
    """Return the metadata of a registration. Raises InvalidRedirectURI and InvalidClientMetadata."""
    sent = {name: value for name, value in document.items() if value is not None}  # null is the same as left out
    auth_method = _text(sent, "token_endpoint_auth_method") or METHODS[0]
    if auth_method not in METHODS:
        raise InvalidClientMetadata(f"token_endpoint_auth_method must be {' or '.join(METHODS)}")
    grant_types = _grant_types(sent, auth_method, settings)
    redirect_uris = _redirect_uris(sent, grant_types)
    return ClientMetadata(
        name=_name(_text(sent, "client_name"), redirect_uris),
        url=_url(sent),
        redirect_uris=redirect_uris,
        grant_types=grant_types,
        auth_method=auth_method,
        default_scope=_scope(_text(sent, "scope"), settings),
        openid=_openid(sent, settings),
        kept=_kept(sent),
    )


def _grant_types(sent: Mapping[str, Any], auth_method: str, settings: Settings) -> tuple[str, ...]:
    """Return the grants that the server gives; others of the registry are left out, as device codes are."""
    wanted = _texts(sent, "grant_types") if "grant_types" in sent else (CODE,)
    for grant_type in _NEVER:
        if grant_type in wanted:
            raise InvalidClientMetadata(f"grant_types: an app that registers itself never gets {grant_type}")
    found = tuple(each for each in _OFFERED if each in wanted)
    fault = _grants_fault(found, auth_method, settings)
    if fault:
        raise InvalidClientMetadata(f"grant_types: {fault}")
    response_types = _texts(sent, "response_types")
    if not set(response_types) <= set(_RESPONSE_TYPES):
        raise InvalidClientMetadata("response_types must be code, or none")
    if response_types and CODE not in found:
        raise InvalidClientMetadata(f"response_types: code needs {CODE} among grant_types")
    return found


def _grants_fault(found: Sequence[str], auth_method: str, settings: Settings) -> str | None:
    if not found:
        return f"one of {', '.join(_OFFERED)} must be there"
    if REFRESH in found and CODE not in found:
        return f"{REFRESH} needs {CODE} beside it"
    if CLIENT_CREDENTIALS in found and auth_method == none.NAME:
        return f"{CLIENT_CREDENTIALS} needs a secret, so another token_endpoint_auth_method"
    if CLIENT_CREDENTIALS in found and not any(OPEN in policies_of(name, settings) for name in settings.scope):
        return f"{CLIENT_CREDENTIALS} is for apps of accounts: this server opens no scope to others"
    return None


def _redirect_uris(sent: Mapping[str, Any], grant_types: Sequence[str]) -> tuple[str, ...]:
    uris = _texts(sent, "redirect_uris", fault=InvalidRedirectURI)
    if not uris and CODE in grant_types:
        raise InvalidRedirectURI(f"redirect_uris: at least one is needed with {CODE}")
    fault = redirect_uris_fault(uris)
    if fault:
        raise InvalidRedirectURI(_phrase(fault))
    return uris


def _url(sent: Mapping[str, Any]) -> str:
    url = _text(sent, "client_uri")
    fault = url_fault(url) if url else None
    if fault:
        raise InvalidClientMetadata(f"client_uri {fault}")
    return url


def _scope(text: str, settings: Settings) -> Scope:
    """Return what of the scope people may grant to any app; scopes of other servers are left out."""
    try:
        return (parse_scope(text) & settings.scope) - settings.restricted_scopes
    except InvalidScope as error:
        raise InvalidClientMetadata(error.description) from None


def _openid(sent: Mapping[str, Any], settings: Settings) -> OpenIDDetails:
    details = OpenIDDetails(
        post_logout_redirect_uris=_texts(sent, "post_logout_redirect_uris"),
        **{name: _text(sent, name) for name in _OPENID if name != "post_logout_redirect_uris"},
    )
    fault = next((fault for fault in openid_faults(details, settings).values() if fault), None)
    if fault:
        raise InvalidClientMetadata(_phrase(fault))
    return details


def _kept(sent: Mapping[str, Any]) -> dict[str, Any]:
    application_type = _text(sent, "application_type")
    if application_type not in ("", *_APPLICATION_TYPES):
        raise InvalidClientMetadata(f"application_type must be {' or '.join(_APPLICATION_TYPES)}")
    contacts = _texts(sent, "contacts")
    if len(contacts) > _MOST_CONTACTS or any(len(each) > _LONGEST_TEXT or seen(each) != each for each in contacts):
        raise InvalidClientMetadata(f"contacts must be at most {_MOST_CONTACTS} addresses")
    texts = {name: _text(sent, name) for name in ("software_id", "software_version")}
    for name, text in texts.items():
        if len(text) > _LONGEST_TEXT or seen(text) != text:
            raise InvalidClientMetadata(f"{name} must be a text of up to {_LONGEST_TEXT} characters")
    found = {"application_type": application_type, **texts, "contacts": list(contacts)}
    return {name: value for name, value in found.items() if value}


def _name(sent: str, redirect_uris: Sequence[str]) -> str:
    """Return the name that people read: without what can't be seen, cut, and that of the host if nothing is left."""
    name = " ".join(seen(unicodedata.normalize("NFC", sent)).split())[:NAME_LENGTH].strip()
    host = (urlsplit(redirect_uris[0]).hostname or "") if redirect_uris else ""
    return name if name_problem(name) is None else host[:NAME_LENGTH] or UNNAMED


def _text(sent: Mapping[str, Any], name: str) -> str:
    value = sent.get(name, "")
    if not isinstance(value, str):
        raise InvalidClientMetadata(f"{name} must be a text")
    return value


def _texts(sent: Mapping[str, Any], name: str, *, fault: type[OAuthError] = InvalidClientMetadata) -> tuple[str, ...]:
    value = sent.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise fault(f"{name} must be a list of texts")
    return tuple(value)


def _phrase(sentence: str) -> str:
    """Return a sentence of a form as the description of an error."""
    return f"{sentence[:1].lower()}{sentence[1:].rstrip('.')}"
