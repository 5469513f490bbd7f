"""URLs of client ID metadata documents (S232)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.clients.metadata_document import BadDocument, check_url
from tests.unit.clients.documents import OPEN, URL

LOCAL = replace(OPEN, issuer="http://127.0.0.1:8000")


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://app.example.test/",
        "https://app.example.test:8443/a/b",
        "https://app.example.test/a%20b/..c/d../.well-known/oauth",
        "https://192.0.2.1/client",
        f"https://app.example.test/{'a' * 475}",
    ],
)
def test_s232_a_url_of_https_with_a_path_is_a_client_id(url: str) -> None:
    check_url(url, OPEN)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://app.example.test", "the URL has no path"),
        ("https://app.example.test?a=b", "the URL has a query"),
        ("https://app.example.test/c?a=b", "the URL has a query"),
        ("https://app.example.test/c?", "the URL has a query"),
        ("https://app.example.test/c#", "the URL must not have a fragment"),
        ("https://app.example.test/c#f", "the URL must not have a fragment"),
        ("https://a@app.example.test/c", "the URL must not hold a user name or password"),
        ("https://app.example.test/./c", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/../c", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/..", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/.", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/%2e%2E/c", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/.%2e/c", "the URL has a dot segment in its path"),
        ("https://app.example.test/%2e", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/..%2fc", "the URL has a dot segment in its path"),
        ("https://app.example.test/a/..%5cc", "the URL has a dot segment in its path"),
        ("https:///c", "the URL has no valid host or port"),
        ("https://2130706433/c", "the URL must write its IP address in the plain form, as 192.0.2.1 or [2001:db8::1]"),
        ("http://app.example.test/c", "the URL must use https, except on a loopback address"),
        ("ftp://app.example.test/c", "the URL must start with https://"),
        ("https://app.example.test/a b", "the URL holds a character that is not allowed, or is too long"),
        (f"https://app.example.test/{'a' * 476}", "the URL is longer than 500 characters"),
        ("http://127.0.0.1:9001/c", "the URL is on a loopback address"),
        ("http://localhost/c", "the URL is on a loopback address"),
        ("https://localhost/c", "the URL is on a loopback address"),
        ("https://127.0.0.1/c", "the URL is on a loopback address"),
        ("https://[::1]/c", "the URL is on a loopback address"),
        ("https://app.localhost/c", "the URL is on a loopback address"),
    ],
)
def test_s232_any_other_url_is_no_client_id(url: str, fault: str) -> None:
    with pytest.raises(BadDocument) as caught:
        check_url(url, OPEN)

    assert caught.value.fault == fault


@pytest.mark.parametrize("host", ["http://127.0.0.1:9001", "http://localhost:1", "http://[::1]:5", "https://localhost"])
def test_a_server_on_loopback_takes_documents_from_there(host: str) -> None:
    check_url(f"{host}/c", LOCAL)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("app.example.test", True),
        ("APP.example.test", True),
        ("a.example.org", True),
        ("a.b.example.org", True),
        ("example.org", False),
        ("example.org.example.net", False),
        ("badexample.org", False),
        ("b.app.example.test", False),
        ("app.example.test.example.net", False),
    ],
)
def test_s232_only_the_configured_domains_are_accepted(host: str, allowed: bool) -> None:
    limited = replace(OPEN, client_id_document_domains=("app.example.test", "*.example.org"))

    if allowed:
        check_url(f"https://{host}:444/c", limited)
        return
    with pytest.raises(BadDocument, match="is on a host that this server does not accept documents from"):
        check_url(f"https://{host}/c", limited)
