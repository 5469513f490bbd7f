"""The request of a guarded fetch, and the responses that it takes."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from gatepost.http.guarded_fetch import LONGEST_BODY, MOST_SECONDS
from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused
from tests.unit.http.fetching import GET, OK, at, failure, got, local, ok
from tests.unit.http.other_side import answering


def test_a_get_is_sent_with_what_it_accepts_and_asks_for_no_encoding() -> None:
    with answering(ok()) as side:
        wanted = ("application/json", "application/jwk-set+json")
        local().fetch(GET._replace(url=at(side, "/doc"), accept=wanted))

    assert side.requests == [
        f"GET /doc HTTP/1.1\r\nHost: 127.0.0.1:{side.port}\r\nUser-Agent: gatepost\r\n"
        "Accept: application/json, application/jwk-set+json\r\nAccept-Encoding: identity\r\n"
        "Connection: close\r\n\r\n".encode()
    ]


def test_a_post_is_sent_with_its_body_as_utf8() -> None:
    with answering(ok()) as side:
        body, form = "logout_token=ü", "application/x-www-form-urlencoded"
        local().fetch(GET._replace(method="POST", url=at(side), body=body, content_type=form))
        local().fetch(GET._replace(method="POST", url=at(side)))

    head, _, sent = side.requests[0].partition(b"\r\n\r\n")
    assert sent == "logout_token=ü".encode()
    assert head.endswith(b"Content-Length: 15\r\nContent-Type: application/x-www-form-urlencoded")
    assert b"\r\nAccept: */*\r\n" in head
    assert side.requests[1].endswith(b"Content-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    "changes",
    [
        *({"method": method} for method in ("PUT", "get", "GET / HTTP/1.1\r\nX: y\r\n\r\nGET")),
        {"body": "x", "content_type": "text/plain"},
        {"method": "POST", "body": "x"},
        *({"method": "POST", "body": "x", "content_type": said} for said in ("text/plain\r\nX: y", "text")),
        {"method": "POST", "body": "ü" * (LONGEST_BODY // 2) + "x", "content_type": "text/plain"},
        *({"accept": accept} for accept in (("text/plain\r\nX: y",), ("application/json", ""))),
        *({"most_bytes": most} for most in (-1, LONGEST_BODY + 1)),
        *({"seconds": seconds} for seconds in (0, -1.0, MOST_SECONDS + 0.1, float("nan"))),
    ],
)
def test_a_request_that_can_not_be_sent_as_it_is_is_refused(connected: list[Any], changes: dict[str, Any]) -> None:
    with pytest.raises(FetchRefused):
        local().fetch(GET._replace(**changes))
    assert connected == []


def test_the_limits_themselves_are_allowed() -> None:
    longest = "ü" * (LONGEST_BODY // 2)
    changes = {"method": "POST", "body": longest, "content_type": "text/plain", "seconds": MOST_SECONDS}

    assert got(ok(b"x" * LONGEST_BODY), most_bytes=LONGEST_BODY, **changes).body == "x" * LONGEST_BODY


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_s229_a_redirect_is_not_followed(status: int) -> None:
    with answering(ok()) as target:
        sent = f"HTTP/1.1 {status} Moved\r\nLocation: {at(target)}\r\nContent-Length: 0\r\n\r\n"
        assert got(sent.encode()).status == status
        assert target.requests == []


@pytest.mark.parametrize("status", [200, 204, 400, 404, 500, 503])
def test_every_status_is_returned(status: int) -> None:
    sent = f"HTTP/1.1 {status} Whatever\r\nCache-Control: no-store\r\nContent-Length: 0\r\n\r\n"

    assert got(sent.encode()) == Fetched(status=status, content_type="", cache_control="no-store", body="")


def test_a_body_comes_whole_by_length_in_chunks_or_until_the_end() -> None:
    chunks = b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n{\r\n" * 500 + b"0\r\n\r\n"
    assert got(ok(b"x" * 1000)).body == "x" * 1000
    assert got(OK + chunks).body == "{" * 500
    assert got(OK + b"\r\n" + b"x" * 1000).body == "x" * 1000
    assert got(ok(b"x"), most_bytes=1).body == "x"
    assert got(ok('{"a": "ü"}'.encode(), "Content-Encoding: Identity")).body == '{"a": "ü"}'


def test_without_most_bytes_no_body_is_read() -> None:
    assert got(OK + b"Content-Length: 1000000000\r\n\r\n", most_bytes=0) == Fetched(
        status=200, content_type="", cache_control="", body=""
    )


@pytest.mark.parametrize("said", ["text/html", "", "application/jsonp", "text/html, application/json"])
def test_a_body_of_another_type_than_is_accepted_is_not_read(said: str) -> None:
    sent = OK + f"Content-Type: {said}\r\nContent-Length: 9\r\n\r\n<!doctype".encode()
    fetched = got(sent, accept=("application/json",))

    assert (fetched.status, fetched.content_type, fetched.body) == (200, said, "")
    assert got(sent).body == "<!doctype"


@pytest.mark.parametrize("said", ["application/json", "Application/JSON ; charset=utf-8"])
def test_a_body_of_an_accepted_type_is_read_whatever_its_parameters(said: str) -> None:
    sent = OK + f"Content-Type: {said}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    fetched = got(sent, accept=("text/plain", "application/json"))

    assert (fetched.content_type, fetched.body) == (said, "{}")


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Length: 1001\r\n\r\n" + b"x" * 1001,
        b"Content-Length: 1000000000\r\n\r\n",
        b"\r\n" + b"x" * 1001,
        b"Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n",
    ],
)
def test_s229_a_body_that_is_longer_than_asked_for_is_a_failure(body: bytes) -> None:
    assert failure(OK + body) == "the response is too long"


def test_s229_a_body_that_is_too_long_is_no_longer_waited_for() -> None:
    def goes_on(connection: socket.socket) -> None:
        connection.sendall(OK + b"\r\n" + b"x" * 1001)
        side.stay_silent(connection)

    with answering(goes_on) as side, pytest.raises(FetchFailed, match="the response is too long"):
        local().fetch(GET._replace(url=at(side)))


def padded(head: bytes, size: int) -> bytes:
    """A head of exactly that size, with a field after those that it has."""
    return head + b"X: " + b"y" * (size - len(head) - 7) + b"\r\n\r\n"


def test_s229_a_head_has_16_kilobytes_at_most() -> None:
    head = OK + b"Content-Length: 0\r\n"

    assert got(padded(head, 16_384)).status == 200
    assert failure(padded(head, 16_385)) == "the response is too long"


def test_s229_chunks_may_double_a_body_and_add_a_kilobyte() -> None:
    head = padded(OK + b"Transfer-Encoding: chunked\r\n", 16_384)  # so nothing of the body comes with the head

    def chunks(size: int) -> bytes:
        return b"3e8;" + b"x" * (size - 1013) + b"\r\n" + b"y" * 1000 + b"\r\n0\r\n\r\n"

    assert len(chunks(3_024)) == 3_024
    assert got(head + chunks(3_024)).body == "y" * 1000
    assert failure(head + chunks(3_025)) == "the response is too long"


def test_s229_the_bytes_around_a_body_are_limited_too() -> None:
    extended = b"1;" + b"x" * 4000 + b"\r\n{\r\n"
    assert failure(OK + b"Transfer-Encoding: chunked\r\n\r\n" + extended * 20) == "the response is too long"
    assert failure(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000) == "the response is too long"


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"", "no connection"),
        (b"hello\r\n\r\n", "no HTTP response"),
        (b"HTTP/1.1 abc\r\n\r\n", "no HTTP response"),
        (b"HTTP/2 200\r\n\r\n", "no HTTP response"),
        (b"HTTP/1.1 20", "no HTTP response"),
        (OK + b"X: y\r\n" * 101 + b"\r\n", "no HTTP response"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok(), "no final response"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "no final response"),
        (b"HTTP/1.1 199 Unknown\r\n\r\n", "no final response"),
        (ok(b"\xff\xfe"), "no HTTP response"),
        (OK + b"Content-Length: 100\r\n\r\nhalf", "the response is cut off"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nha", "no HTTP response"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nha", "no HTTP response"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nha", "no HTTP response"),
        (ok(b"\x1f\x8b", "Content-Encoding: gzip"), "the response is encoded"),
    ],
)
def test_a_response_that_is_none_is_a_failure_without_its_text(sent: bytes, reason: str) -> None:
    assert failure(sent) == reason


def test_an_interim_response_is_passed_over() -> None:
    assert got(b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" + ok()).body == "{}"
