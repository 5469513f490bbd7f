"""Fetching an issuer's documents: allowed URLs, sizes and redirects."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from gatepost.errors import TemporarilyUnavailable
from gatepost.resource_server.fetch import LARGEST, Answer, fetch_changed, fetch_json
from tests.unit.loopback import LocalIssuer


@pytest.fixture
def issuer() -> Iterator[LocalIssuer]:
    with LocalIssuer().running() as running:
        yield running


def refused(url: str) -> None:
    with pytest.raises(TemporarilyUnavailable, match=r"^try again$"):
        fetch_json(url)


def test_a_document_is_fetched_from_loopback_without_https(issuer: LocalIssuer) -> None:
    issuer.say("/document", {"a": 1})

    assert fetch_json(f"{issuer.url}/document") == {"a": 1}
    assert fetch_json(f"{issuer.url.replace('127.0.0.1', 'localhost')}/document") == {"a": 1}


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.test/", "http://127.0.0.1.example.test/", "http://169.254.169.254/latest/meta-data"),
        *("ftp://127.0.0.1/", "file:///etc/passwd", "https://user@example.test/", "https://", ""),
        *("https://127.0.0.1:99999/", "https://127.0.0.1/ x", "https://127.0.0.1/\r\nX: y"),
    ],
)
def test_http_elsewhere_and_what_is_no_url_is_refused(url: str) -> None:
    refused(url)


def test_loopback_has_to_be_called_by_its_name(issuer: LocalIssuer) -> None:
    issuer.say("/document", {"a": 1})
    for other in ("127.1", "127.0.1", "2130706433"):  # the same address, in other words
        refused(f"{issuer.url.replace('127.0.0.1', other)}/document")

    assert issuer.asked == []


def test_a_redirect_is_not_followed(issuer: LocalIssuer) -> None:
    issuer.say("/there", {"a": 1})
    for status in (301, 302, 307, 308):
        issuer.say("/here", {"a": 1}, status, Location=f"{issuer.url}/there")
        refused(f"{issuer.url}/here")

    assert set(issuer.asked) == {"/here"}


@pytest.mark.parametrize("status", [201, 204, 401, 404, 500, 503])
def test_only_200_counts(issuer: LocalIssuer, status: int) -> None:
    issuer.say("/document", {"a": 1}, status)

    refused(f"{issuer.url}/document")


def test_what_is_too_large_is_refused(issuer: LocalIssuer) -> None:
    issuer.answers["/full"] = (200, {}, b'{"a":"' + b"x" * (LARGEST - 8) + b'"}')
    issuer.answers["/large"] = (200, {}, b'{"a":"' + b"x" * (LARGEST - 7) + b'"}')

    chunk = b"1000\r\n" + b"1" * 0x1000 + b"\r\n"
    issuer.answers["/chunks"] = (200, {"Content-Length": "", "Transfer-Encoding": "chunked"}, chunk * 30 + b"0\r\n\r\n")

    assert len(fetch_json(f"{issuer.url}/full")["a"]) == LARGEST - 8
    refused(f"{issuer.url}/large")
    refused(f"{issuer.url}/chunks")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"null", b"\xff", b"[" * 50_000])
def test_what_is_no_object_is_refused(issuer: LocalIssuer, body: bytes) -> None:
    issuer.answers["/document"] = (200, {}, body)

    refused(f"{issuer.url}/document")


def test_nobody_there_and_no_https_there_are_refused(issuer: LocalIssuer) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refused(f"http://127.0.0.1:{closed.getsockname()[1]}/")
    refused(issuer.url.replace("http:", "https:"))


def test_a_document_that_did_not_change_is_not_sent_again(issuer: LocalIssuer) -> None:
    issuer.say("/document", {"a": 1}, ETag='"one"')
    assert fetch_changed(f"{issuer.url}/document", "", LARGEST) == Answer({"a": 1}, '"one"')
    issuer.say("/document", {}, 304)

    assert fetch_changed(f"{issuer.url}/document", '"one"', LARGEST) is None
    refused(f"{issuer.url}/document")  # nothing is known that could be the same
    assert issuer.headers[-2]["If-None-Match"] == '"one"'
    assert "If-None-Match" not in issuer.headers[-1]


@pytest.mark.parametrize("etag", ["", "one", '"a b"', '"one" "two"', '"' + "x" * 101 + '"', "W/", '"é"'])
def test_an_etag_of_another_form_is_not_sent_back(issuer: LocalIssuer, etag: str) -> None:
    issuer.say("/document", {"a": 1}, ETag=etag)

    assert fetch_changed(f"{issuer.url}/document", "", LARGEST) == Answer({"a": 1}, "")


def test_a_document_is_as_large_as_its_reader_says(issuer: LocalIssuer) -> None:
    issuer.answers["/full"] = (200, {}, b'{"a":"' + b"x" * LARGEST + b'"}')

    assert fetch_changed(f"{issuer.url}/full", "", LARGEST + 8) is not None
    with pytest.raises(TemporarilyUnavailable):
        fetch_changed(f"{issuer.url}/full", "", LARGEST + 7)
