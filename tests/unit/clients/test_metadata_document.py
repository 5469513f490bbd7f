"""Client ID metadata documents: their URLs, members, and caching (S232)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatepost.clients.metadata_document import BadDocument, Document, check_url, fresh_for, read_document
from gatepost.model.fetching import Fetched
from tests.raising import raised
from tests.unit.clients.documents import GOOD, OPEN, URL


def fetched(document: object = GOOD, **changes: Any) -> Fetched:
    body = document if isinstance(document, str) else json.dumps(document)
    return Fetched(status=200, content_type="application/json", cache_control="", body=body)._replace(**changes)


def fault_of(answer: Fetched) -> str:
    return raised(BadDocument, read_document, answer, URL).fault


# Documents


def test_a_document_says_name_redirect_uris_and_grants() -> None:
    assert read_document(fetched(), URL) == Document(
        name="Good client",
        redirect_uris=("https://app.example.test/cb", "http://127.0.0.1/cb", "http://localhost/cb"),
        grant_types=("authorization_code", "refresh_token"),
    )


def test_what_is_not_known_is_ignored() -> None:
    more = {
        **GOOD,
        "client_name": "  Good client ",
        "logo_uri": "javascript:alert(1)",
        "jwks_uri": "http://169.254.169.254/",
        "client_uri": "https://other.example.test",
        "scope": "admin",
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token", "password"],
        "response_types": ["code", "token"],
        "x": {"client_secret": "y"},
    }

    assert read_document(fetched(more), URL) == read_document(fetched(), URL)
    assert read_document(fetched({**GOOD, "grant_types": ["authorization_code"]}), URL).grant_types == (
        "authorization_code",
    )


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "application/client-metadata+json"]
)
def test_a_document_is_json_by_any_name(content_type: str) -> None:
    assert read_document(fetched(content_type=content_type), URL).name == "Good client"


@pytest.mark.parametrize("status", [201, 302, 304, 404, 503])
def test_s232_a_response_of_another_status_is_no_document(status: int) -> None:
    assert fault_of(fetched(status=status)) == "the response is not one of status 200"


@pytest.mark.parametrize("content_type", ["", "text/html", "application/jsonp", "text/x+json"])
def test_s232_a_response_of_another_type_is_no_document(content_type: str) -> None:
    assert fault_of(fetched(content_type=content_type)) == "it is not of type application/json"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "it is not JSON"),
        ("[" * 5000, "it is not JSON"),
        (json.dumps(GOOD) + "x", "it is not JSON"),
        ("null", "it is not a JSON object"),
        ("[]", "it is not a JSON object"),
    ],
)
def test_s232_what_is_no_small_json_object_is_no_document(body: str, fault: str) -> None:
    assert fault_of(fetched(body)) == fault


def test_a_document_of_the_largest_size_is_read() -> None:
    least = len(json.dumps({**GOOD, "x": ""}))

    assert read_document(fetched(json.dumps({**GOOD, "x": "y" * (5120 - least)})), URL).name == "Good client"
    assert fault_of(fetched(json.dumps({**GOOD, "x": "y" * (5121 - least)}))) == "it is too long"


OF_WEB = "https://app.example.test"


@pytest.mark.parametrize(
    ("fault", "member", "values"),
    [
        ("its client_id is not the URL itself", "client_id", [None, f"{URL}/", URL.upper(), [URL]]),
        ("it holds a client_secret", "client_secret", [""]),
        ("it holds a client_secret", "client_secret_expires_at", [0]),
        (
            "its token_endpoint_auth_method is not none, the only one that this server takes from documents",
            *("token_endpoint_auth_method", [None, "client_secret_basic", "private_key_jwt"]),
        ),
        (
            "its grant_types lack authorization_code",
            "grant_types",
            ["authorization_code", ["implicit", "refresh_token"]],
        ),
        ("its response_types lack code", "response_types", [["token"]]),
        ("it has no client_name", "client_name", [None, 5]),
        ("the name must have 1 to 60 characters", "client_name", [" ", "n" * 61]),
        ("the name holds a character that can't be seen", "client_name", ["Go\u202eod"]),
        ("it has no redirect_uris", "redirect_uris", [None, [], f"{OF_WEB}/cb", [5], [f"{OF_WEB}/cb", 5]]),
        ("there must be at most 10 redirect URIs", "redirect_uris", [[f"{OF_WEB}/{number}" for number in range(11)]]),
        ("a redirect URI must not be there twice", "redirect_uris", [[f"{OF_WEB}/cb"] * 2]),
        (
            "redirect URI 1 must not have a fragment",
            "redirect_uris",
            [[f"{OF_WEB}/cb#f"] * 11, [f"{OF_WEB}/cb#f", "x:"]],
        ),
    ],
)
def test_s232_a_document_that_breaks_a_rule_is_none(fault: str, member: str, values: list[Any]) -> None:
    for value in values:
        assert fault_of(fetched({**GOOD, member: value})) == fault, value


@pytest.mark.parametrize(
    "uri",
    [
        "cursor://anysphere.cursor-retrieval/oauth/callback",
        "http://app.example.test/cb",
        "https://app.example.test/cb#f",
        "javascript:alert(1)",
        "",
    ],
)
def test_s232_a_redirect_uri_that_can_not_be_registered_is_left_out_and_the_rest_counts(uri: str) -> None:
    usable = ["https://app.example.test/cb", "http://127.0.0.1/cb"]

    for named in ([uri, *usable], [*usable, uri], [usable[0], *[uri] * 10, usable[1]]):
        assert read_document(fetched({**GOOD, "redirect_uris": named}), URL).redirect_uris == tuple(usable)


# Caching


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("", 3600), ("max-age=600", 600), ("public, Max-Age = 600, must-revalidate", 600), ('max-age="600"', 600),
        ("max-age=0", 60), ("max-age=59", 60), ("max-age=61", 61), ("max-age=86399", 86399),
        ("max-age=31536000", 86400), ("max-age=999999999999999", 3600), ("max-age=x", 3600), ("s-maxage=7", 3600),
        ("no-cache, max-age=600", 60), ('private, no-cache="x", max-age=600', 60), ("max-age=600, no-store", 60),
        ("no-transform, max-age=600", 600),
    ],
)  # fmt: skip
def test_a_document_counts_for_as_long_as_its_server_says_within_our_bounds(cache_control: str, seconds: int) -> None:
    assert fresh_for(cache_control) == seconds


# URLs

LOCAL = OPEN._replace(issuer="http://127.0.0.1:8000")


@pytest.mark.parametrize(
    "url",
    [
        URL, "https://app.example.test/", "https://app.example.test:8443/a/b",
        "https://app.example.test/a%20b/..c/d../.well-known/oauth", "https://192.0.2.1/client",
        f"https://app.example.test/{'a' * 475}",
    ],
)  # fmt: skip
def test_s232_a_url_of_https_with_a_path_is_a_client_id(url: str) -> None:
    check_url(url, OPEN)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://app.example.test", "the URL has no path"),
        ("https://app.example.test/c?a=b", "the URL has a query"),
        ("https://app.example.test/c?", "the URL has a query"),
        ("https://app.example.test/c#f", "the URL must not have a fragment"),
        ("https://a@app.example.test/c", "the URL must not hold a user name or password"),
        ("https://app.example.test/./c", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/../c", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/.", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/.%2e/c", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/..%2fc", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/..%5cc", "the URL has a dot segment in its path"),
        ("https://2130706433/c", "the URL must write its IP address in the plain form, as 192.0.2.1 or [2001:db8::1]"),
        ("http://app.example.test/c", "the URL must use https, except on a loopback address"),
        ("https://app.example.test/a b", "the URL holds a character that is not allowed, or is too long"),
        (f"https://app.example.test/{'a' * 476}", "the URL is longer than 500 characters"),
        ("http://127.0.0.1:9001/c", "the URL is on a loopback address"),
        ("http://localhost/c", "the URL is on a loopback address"),
        ("https://app.localhost/c", "the URL is on a loopback address"),
    ],
)
def test_s232_any_other_url_is_no_client_id(url: str, fault: str) -> None:
    assert raised(BadDocument, check_url, url, OPEN).fault == fault


@pytest.mark.parametrize("host", ["http://127.0.0.1:9001", "http://localhost:1", "http://[::1]:5", "https://localhost"])
def test_a_server_on_loopback_takes_documents_from_there(host: str) -> None:
    check_url(f"{host}/c", LOCAL)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("APP.example.test", True), ("a.example.org", True), ("a.b.example.org", True), ("example.org", False),
        ("badexample.org", False), ("b.app.example.test", False),
    ],
)  # fmt: skip
def test_s232_only_the_configured_domains_are_accepted(host: str, allowed: bool) -> None:
    limited = OPEN._replace(client_id_document_domains=("app.example.test", "*.example.org"))

    if allowed:
        check_url(f"https://{host}:444/c", limited)
        return
    with pytest.raises(BadDocument, match="is on a host that this server does not accept documents from"):
        check_url(f"https://{host}/c", limited)
