"""All parsers of external input: the parser, its declared errors, and initial examples."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, fields
from http.client import HTTPException
from pathlib import Path

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.groups import groups_in
from gatepost.authentication.sessions import check_form_token, device_of, safe_next, session_key, well_formed_visitor
from gatepost.authentication.throttling import network_key
from gatepost.clients.client_metadata import InvalidClientMetadata, InvalidRedirectURI, checked_metadata
from gatepost.clients.metadata_document import (
    LARGEST,
    LONGEST_FRESH,
    SHORTEST_FRESH,
    BadDocument,
    check_url,
    fresh_for,
    read_document,
)
from gatepost.consumer.bodies import body_object, body_text
from gatepost.consumer.etags import check_current, is_known
from gatepost.consumer.listing import position_of
from gatepost.consumer.problem_details import InvalidFields, MalformedBody, Stale
from gatepost.errors import InvalidClient, InvalidGrant, InvalidRequest, InvalidScope, InvalidTarget, InvalidToken
from gatepost.http.outbound_exchange import Deadline, exchanged
from gatepost.http.outbound_url import target_of
from gatepost.http.request import parse_event
from gatepost.http.special_addresses import parsed
from gatepost.http.strict_json import NotStrict, json_object
from gatepost.identifiers import user_of
from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused, Outbound
from gatepost.oauth.client_authentication import of_request
from gatepost.oauth.parameters import Parameters
from gatepost.oauth.pkce import check_challenge, check_verifier
from gatepost.oauth.redirect_uris import host_of, proven_redirect_uri, redirect_notice, redirect_uri_fault, url_fault
from gatepost.oauth.resource_indicators import requested_targets
from gatepost.oidc.claims_request import ClaimsRequest
from gatepost.oidc.id_token import read_hint
from gatepost.resource import Resource
from gatepost.scope import parse_scope
from gatepost.settings import Settings
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.record_keys import GrantKey
from gatepost.tokens.access_token import key_id, verify_access_token
from gatepost.tokens.refresh_token import open_refresh_token
from infra.configuration.allowed_values import BadContext
from infra.configuration.context import Configuration, configuration
from tests.fakes.keys import REFRESH_KEY
from tests.unit.world import CALLBACK, CHALLENGE, SETTINGS, VERIFIER, web_app

CORPUS = Path(__file__).parents[1] / "corpus"
_DOCUMENT = "https://client.example.test/client.json"
_REGISTERED = web_app(redirect_uris=(CALLBACK, "http://127.0.0.1/cb", "http://[::1]/cb"))
_BY_ORIGIN = web_app(redirect_uris=())
_LOCAL = Settings(
    issuer="http://localhost:8080", resources={"https://tools.example.test/*": Resource("Tools", {"read": ""}, {})}
)


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser of text; `raises` is all that it may raise."""

    name: str
    parse: Callable[[str], object]
    raises: tuple[type[Exception], ...]
    corpus: str

    def examples(self) -> list[str]:
        """Return inputs that it is known to handle."""
        found: list[str] = json.loads((CORPUS / f"{self.corpus}.json").read_text())
        return found

    def read(self, text: str) -> None:
        """Parse `text`; undeclared errors propagate."""
        try:
            self.parse(text)
        except self.raises:
            return


def _json_body(body: str) -> object:
    return body_object(body_text(parse_event({"body": body, "headers": {"content-type": "application/json"}})))


def _registered(uri: str) -> None:
    if redirect_uri_fault(uri) is None:
        host_of(uri), redirect_notice(uri)


def _stays_here(target: str) -> None:
    assert safe_next(target).startswith("/developer")


def _described(text: str) -> None:
    document = read_document(
        Fetched(status=200, content_type="application/json", cache_control="", body=text), _DOCUMENT
    )
    assert document.redirect_uris
    json.dumps((document.name, document.redirect_uris), ensure_ascii=False).encode()  # so that it can be stored


def _fresh(text: str) -> None:
    assert SHORTEST_FRESH <= fresh_for(text) <= LONGEST_FRESH


def _registration(text: str) -> None:
    metadata = checked_metadata(json_object(text), SETTINGS)
    json.dumps(metadata.kept, ensure_ascii=False).encode()
    metadata.name.encode()


def _response(text: str) -> None:
    """The text as the whole response of another server, which then closes the connection."""
    here, there = socket.socketpair()
    outbound = Outbound(method="GET", url=_DOCUMENT, accept=("application/json",), most_bytes=LARGEST)
    with here, there:
        there.sendall(text.encode("utf-8", "surrogatepass")[:30_000])
        there.shutdown(socket.SHUT_WR)
        fetched = exchanged(here, outbound, target_of(_DOCUMENT, local=False), Deadline(5))
    assert len(fetched.body.encode()) <= LARGEST


def _every_setting(text: str) -> None:
    """The text as each key of `cdk.json`, and what is taken as the environment of a function."""
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    for name in {*Settings._fields, *(field.name for field in fields(Configuration))} - {"settings"}:
        try:
            written = configuration({name: value})
        except BadContext:
            continue
        made = written.settings_for("https://id.example.test")
        assert Settings.from_env(made.to_env()) == made, name


PARSERS = (
    Parser("proven redirect URI", lambda t: proven_redirect_uri(_REGISTERED, t), (InvalidRequest,), "redirect_uri"),
    Parser("URI of an origin", lambda t: proven_redirect_uri(_BY_ORIGIN, t), (InvalidRequest,), "redirect_uri"),
    Parser("redirect URI to register", _registered, (), "redirect_uri"),
    Parser("url to register", url_fault, (), "redirect_uri"),
    Parser("scope", parse_scope, (InvalidScope,), "scope"),
    Parser("Basic", lambda t: of_request(t, {}), (InvalidClient, InvalidRequest), "basic"),
    Parser("header of a JWT", key_id, (InvalidToken,), "jwt"),
    Parser("JWT", lambda t: verify_access_token(t, {}, SETTINGS, 0), (InvalidToken,), "jwt"),
    Parser("resource", lambda t: requested_targets(_LOCAL, {"resource": t}), (InvalidTarget,), "resource"),
    Parser("form", lambda t: Parameters(t).once(), (InvalidRequest,), "form"),
    Parser("session cookie", session_key, (), "cookie"),
    Parser("visitor cookie", well_formed_visitor, (), "cookie"),
    Parser("device cookie", device_of, (), "cookie"),
    Parser("cookie of a form", lambda t: check_form_token(t, VERIFIER), (InvalidRequest,), "cookie"),
    Parser("form token", lambda t: check_form_token(VERIFIER, t), (InvalidRequest,), "cookie"),
    Parser("refresh token", lambda t: open_refresh_token([REFRESH_KEY], t), (InvalidGrant,), "refresh_token"),
    Parser("grant id", lambda t: (user_of(t), place(GrantKey(t))), (), "grant_id"),
    Parser("cursor", position_of, (InvalidFields,), "cursor"),
    Parser("JSON body", _json_body, (MalformedBody, InvalidFields), "json"),
    Parser("If-Match", lambda t: check_current(t, '"abc"'), (Stale,), "etag"),
    Parser("If-None-Match", lambda t: is_known(t, '"abc"'), (), "etag"),
    Parser("where to go after signing in", _stays_here, (), "next"),
    Parser("code challenge", lambda t: check_challenge(t, "S256", required=True), (InvalidRequest,), "verifier"),
    Parser("challenge method", lambda t: check_challenge(CHALLENGE, t, required=True), (InvalidRequest,), "verifier"),
    Parser("code verifier", lambda t: check_verifier(t, CHALLENGE), (InvalidGrant,), "verifier"),
    Parser("network address", network_key, (), "address"),
    Parser("URL of a metadata document", lambda t: check_url(t, SETTINGS), (BadDocument,), "document_url"),
    Parser("metadata document", _described, (BadDocument,), "document"),
    Parser("Cache-Control", _fresh, (), "cache_control"),
    Parser("registration", _registration, (NotStrict, InvalidClientMetadata, InvalidRedirectURI), "registration"),
    Parser("claims", ClaimsRequest.of, (InvalidRequest,), "claims"),
    Parser("ID token as a hint", lambda t: read_hint(t, (), SETTINGS, now=0), (InvalidToken,), "jwt"),
    Parser("URL to fetch", lambda t: target_of(t, local=False), (FetchRefused,), "outbound_url"),
    Parser("address to connect to", parsed, (), "address"),
    Parser("response to a fetch", _response, (FetchFailed, OSError, HTTPException, ValueError), "http_response"),
    Parser("groups", groups_in, (InvalidAccount,), "groups"),
    Parser("settings", _every_setting, (), "setting"),
)
