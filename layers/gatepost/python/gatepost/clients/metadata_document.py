"""Client ID metadata documents: which URL may be a `client_id`, what its document must say, and how long it counts.

The rules are those of draft-ietf-oauth-client-id-metadata-document. Every reason is a fixed text that people read.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from gatepost.clients.owner_changes import name_fault
from gatepost.clients.vouching import is_listed
from gatepost.model.fetching import Fetched
from gatepost.oauth.redirect_lists import redirect_uris_fault
from gatepost.oauth.redirect_uris import redirect_notice, redirect_uri_fault, url_fault
from gatepost.resource import is_loopback
from gatepost.settings import Settings

LONGEST_URL = 500
LARGEST = 5 * 1024  # bytes
ACCEPTED = "application/json"
SHORTEST_FRESH, USUAL_FRESH, LONGEST_FRESH = 60, 3600, 86400  # seconds
_CODE, _REFRESH = "authorization_code", "refresh_token"
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?([0-9]{1,12})\"?\s*(?=,|$)", re.ASCII | re.IGNORECASE)
_NOT_STORED = re.compile(r"(?:^|,)\s*no-(?:store|cache)\s*(?=[,=]|$)", re.ASCII | re.IGNORECASE)


class BadDocument(ValueError):
    """The URL is no `client_id`, or its document can't be used; `fault` completes a sentence about it."""

    def __init__(self, fault: str) -> None:
        """Take the fault."""
        super().__init__(fault)
        self.fault = fault


class Document(NamedTuple):
    """The members of a document that count here; every other one is ignored."""

    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    logo_uri: str = ""  # "": none, or none that can be fetched


def check_url(url: str, settings: Settings) -> None:
    """Raise BadDocument unless the URL may be a `client_id` of this server. A query is refused, too."""
    fault = f"is longer than {LONGEST_URL} characters" if len(url) > LONGEST_URL else url_fault(url) or _form_fault(url)
    if fault is None and redirect_notice(url) == "loopback" and not is_loopback(settings.issuer):
        fault = "is on a loopback address"
    domains = settings.client_id_document_domains
    if fault is None and domains and not is_listed(urlsplit(url).hostname or "", domains):
        fault = "is on a host that this server does not accept documents from"
    if fault is not None:
        raise BadDocument(f"the URL {fault}")


def read_document(fetched: Fetched, url: str) -> Document:
    """Return the document of a response. Raises BadDocument."""
    media_type = fetched.content_type.partition(";")[0].strip().lower()
    if fetched.status != 200:
        raise BadDocument("the response is not one of status 200")
    if media_type != ACCEPTED and not (media_type.startswith("application/") and media_type.endswith("+json")):
        raise BadDocument("it is not of type application/json")
    if len(fetched.body.encode("utf-8", "surrogatepass")) > LARGEST:
        raise BadDocument("it is too long")
    try:
        members = json.loads(fetched.body)
    except (ValueError, RecursionError):
        raise BadDocument("it is not JSON") from None
    if not isinstance(members, dict):
        raise BadDocument("it is not a JSON object")
    fault = _members_fault(members, url)
    if fault is not None:
        raise BadDocument(fault)
    return _document(members)


def fresh_for(cache_control: str) -> int:
    """Return the seconds for which a document counts, by its Cache-Control (RFC 9111 §5.2.2) within our own bounds."""
    if _NOT_STORED.search(cache_control):
        return SHORTEST_FRESH
    found = _MAX_AGE.search(cache_control)
    return min(max(int(found[1]), SHORTEST_FRESH), LONGEST_FRESH) if found else USUAL_FRESH


def _form_fault(url: str) -> str | None:
    """Return why a URL of the web can't be a `client_id`: its path must have one reading."""
    path = urlsplit(url).path
    if "?" in url:
        return "has a query"
    if not path:
        return "has no path"
    if not {".", ".."}.isdisjoint(unquote(path).replace("\\", "/").split("/")):
        return "has a dot segment in its path"
    return None


def _members_fault(members: dict[str, Any], url: str) -> str | None:
    if members.get("client_id") != url:
        return "its client_id is not the URL itself"
    if not {"client_secret", "client_secret_expires_at"}.isdisjoint(members):
        return "it holds a client_secret"
    if members.get("token_endpoint_auth_method", "none") != "none":
        return "its token_endpoint_auth_method is not none, the only one that this server takes from documents"
    if not _includes(members.get("grant_types"), _CODE):
        return f"its grant_types lack {_CODE}"
    if not _includes(members.get("response_types"), "code"):
        return "its response_types lack code"
    name, uris = members.get("client_name"), members.get("redirect_uris")
    if not isinstance(name, str):
        return "it has no client_name"
    if not isinstance(uris, list) or not uris or not all(isinstance(each, str) for each in uris):
        return "it has no redirect_uris"
    fault = name_fault(_plain(name)) or redirect_uris_fault(_usable(uris) or uris[:1])
    return None if fault is None else f"{fault[0].lower()}{fault[1:].removesuffix('.')}"


def _usable(uris: Sequence[str]) -> Sequence[str]:
    """Return those that an app may register here; one document is for every server, so the others are left out."""
    return [uri for uri in uris if redirect_uri_fault(uri) is None]


def _includes(named: object, needed: str) -> bool:
    """Whether a list has what is needed, if the document has it at all."""
    return named is None or (isinstance(named, list) and needed in named)


def _document(members: dict[str, Any]) -> Document:
    refreshes, uri = _includes(members.get("grant_types"), _REFRESH), members.get("logo_uri")
    return Document(
        name=_plain(members["client_name"]),
        redirect_uris=tuple(_usable(members["redirect_uris"])),
        grant_types=(_CODE, _REFRESH) if refreshes else (_CODE,),
        logo_uri=uri if isinstance(uri, str) and len(uri) <= LONGEST_URL and not url_fault(uri) else "",
    )


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()
