"""Client ID metadata documents: their members, and caching (S232)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gatepost.clients.metadata_document import BadDocument, Document, fresh_for, read_document
from gatepost.model.fetching import Fetched
from tests.unit.clients.documents import GOOD, URL


def fetched(document: object = GOOD, **changes: Any) -> Fetched:
    body = document if isinstance(document, str) else json.dumps(document)
    return replace(Fetched(status=200, content_type="application/json", cache_control="", body=body), **changes)


def fault_of(answer: Fetched) -> str:
    with pytest.raises(BadDocument) as caught:
        read_document(answer, URL)
    return caught.value.fault


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
        "logo_uri": "http://127.0.0.1:9001/logo",
        "jwks_uri": "http://169.254.169.254/",
        "client_uri": "https://other.example.test",
        "scope": "admin",
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token", "password"],
        "response_types": ["code", "token"],
        "x": {"client_secret": "y"},
    }

    assert read_document(fetched(more), URL) == read_document(fetched(), URL)


def test_an_app_that_does_not_want_to_refresh_does_not() -> None:
    document = read_document(fetched({**GOOD, "grant_types": ["authorization_code"]}), URL)

    assert document.grant_types == ("authorization_code",)


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=utf-8", "application/client-metadata+json"]
)
def test_a_document_is_json_by_any_name(content_type: str) -> None:
    assert read_document(fetched(content_type=content_type), URL).name == "Good client"


@pytest.mark.parametrize("status", [201, 204, 206, 301, 302, 304, 307, 404, 410, 500, 503])
def test_s232_a_response_of_another_status_is_no_document(status: int) -> None:
    assert fault_of(fetched(status=status)) == "the response is not one of status 200"


@pytest.mark.parametrize("content_type", ["", "text/html", "text/json", "application/jsonp", "text/x+json", "json"])
def test_s232_a_response_of_another_type_is_no_document(content_type: str) -> None:
    assert fault_of(fetched(content_type=content_type)) == "it is not of type application/json"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("", "it is not JSON"),
        ("{", "it is not JSON"),
        ("<html></html>", "it is not JSON"),
        ("[" * 5000, "it is not JSON"),
        (json.dumps(GOOD) + "x", "it is not JSON"),
        ("null", "it is not a JSON object"),
        ("[]", "it is not a JSON object"),
        (json.dumps([GOOD]), "it is not a JSON object"),
        (json.dumps(URL), "it is not a JSON object"),
        (json.dumps({**GOOD, "x": "y" * 5000}), "it is too long"),
    ],
)
def test_s232_what_is_no_small_json_object_is_no_document(body: str, fault: str) -> None:
    assert fault_of(fetched(body)) == fault


def test_a_document_of_the_largest_size_is_read() -> None:
    least = len(json.dumps({**GOOD, "x": ""}))

    assert read_document(fetched(json.dumps({**GOOD, "x": "y" * (5120 - least)})), URL).name == "Good client"
    assert fault_of(fetched(json.dumps({**GOOD, "x": "y" * (5121 - least)}))) == "it is too long"


SECRET = "it holds a client_secret"
METHOD = "its token_endpoint_auth_method is not none, the only one that this server takes from documents"
NO_SCHEME = (
    "redirect URI 1 must use https, http on a loopback address, or a scheme named after a domain (com.example.app:/)"
)
OTHER_ID = "its client_id is not the URL itself"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"client_id": None}, OTHER_ID),
        ({"client_id": f"{URL}/"}, OTHER_ID),
        ({"client_id": URL.upper()}, OTHER_ID),
        ({"client_id": f" {URL}"}, OTHER_ID),
        ({"client_id": "https://app.example.test:443/client.json"}, OTHER_ID),
        ({"client_id": "https://app.example.test/%63lient.json"}, OTHER_ID),
        ({"client_id": [URL]}, OTHER_ID),
        ({"client_secret": "s"}, SECRET),
        ({"client_secret": ""}, SECRET),
        ({"client_secret_expires_at": 0}, SECRET),
        ({"token_endpoint_auth_method": "client_secret_basic"}, METHOD),
        ({"token_endpoint_auth_method": "client_secret_post"}, METHOD),
        ({"token_endpoint_auth_method": "private_key_jwt"}, METHOD),
        ({"token_endpoint_auth_method": None}, METHOD),
        ({"grant_types": []}, "its grant_types lack authorization_code"),
        ({"grant_types": "authorization_code"}, "its grant_types lack authorization_code"),
        ({"grant_types": ["implicit", "refresh_token"]}, "its grant_types lack authorization_code"),
        ({"response_types": ["token"]}, "its response_types lack code"),
        ({"client_name": None}, "it has no client_name"),
        ({"client_name": 5}, "it has no client_name"),
        ({"client_name": " "}, "the name must have 1 to 60 characters"),
        ({"client_name": "n" * 61}, "the name must have 1 to 60 characters"),
        ({"client_name": "Go\u202eod"}, "the name holds a character that can't be seen"),
        ({"redirect_uris": None}, "it has no redirect_uris"),
        ({"redirect_uris": []}, "it has no redirect_uris"),
        ({"redirect_uris": "https://app.example.test/cb"}, "it has no redirect_uris"),
        ({"redirect_uris": [5]}, "it has no redirect_uris"),
        (
            {"redirect_uris": [f"https://app.example.test/{number}" for number in range(11)]},
            "there must be at most 10 redirect URIs",
        ),
        ({"redirect_uris": ["https://app.example.test/cb"] * 2}, "a redirect URI must not be there twice"),
        (
            {"redirect_uris": ["http://app.example.test/cb", "javascript:alert(1)"]},
            "redirect URI 1 must use https, except on a loopback address",
        ),
        (
            {"redirect_uris": ["https://app.example.test/cb#f"] * 11},
            "redirect URI 1 must not have a fragment",
        ),
        ({"redirect_uris": ["https://app.example.test/cb", 5]}, "it has no redirect_uris"),
        (
            {"redirect_uris": ["javascript:alert(1)"]},
            NO_SCHEME,
        ),
    ],
)
def test_s232_a_document_that_breaks_a_rule_is_none(changes: dict[str, Any], fault: str) -> None:
    assert fault_of(fetched({**GOOD, **changes})) == fault


@pytest.mark.parametrize(
    "uri",
    [
        "cursor://anysphere.cursor-retrieval/oauth/callback",
        "http://app.example.test/cb",
        "https://app.example.test/cb#f",
        "https://app.example.test/cb?code=1",
        "https://app.example.test@evil.example.test/cb",
        "javascript:alert(1)",
        "/cb",
        "",
        "*",
    ],
)
def test_s232_a_redirect_uri_that_can_not_be_registered_is_left_out_and_the_rest_counts(uri: str) -> None:
    usable = ["https://app.example.test/cb", "http://127.0.0.1/cb"]

    for named in ([uri, *usable], [*usable, uri], [usable[0], *[uri] * 10, usable[1]]):
        assert read_document(fetched({**GOOD, "redirect_uris": named}), URL).redirect_uris == tuple(usable)


@pytest.mark.parametrize("name", ["client_id", "client_name", "redirect_uris"])
def test_s232_a_document_lacks_nothing_that_is_required(name: str) -> None:
    assert fault_of(fetched({key: value for key, value in GOOD.items() if key != name}))


# Caching


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("", 3600),
        ("public", 3600),
        ("max-age=600", 600),
        ("public, Max-Age = 600, must-revalidate", 600),
        ('max-age="600"', 600),
        ("max-age=0", 60),
        ("max-age=59", 60),
        ("max-age=61", 61),
        ("max-age=86399", 86399),
        ("max-age=31536000", 86400),
        ("max-age=999999999999999", 3600),
        ("max-age=-1", 3600),
        ("max-age=x", 3600),
        ("s-maxage=7", 3600),
        ("x-max-age=7", 3600),
        ("no-store", 60),
        ("no-cache, max-age=600", 60),
        ('private, no-cache="x", max-age=600', 60),
        ("max-age=600, no-store", 60),
        ("no-transform, max-age=600", 600),
    ],
)
def test_a_document_counts_for_as_long_as_its_server_says_within_our_bounds(cache_control: str, seconds: int) -> None:
    assert fresh_for(cache_control) == seconds
