"""Requests to URLs that people gave: where they go, and what the other side can do about it."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from gatepost.http.guarded_fetch import LONGEST_BODY, MOST_SECONDS, GuardedFetch, looked_up
from gatepost.http.outbound_exchange import Deadline, exchanged
from gatepost.http.outbound_url import target_of
from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused, Outbound
from tests.unit.http.other_side import Answer, Authority, OtherSide, answering

NAME = "app.example.test"
PRIVATE = (
    "10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "::",
    "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
    "2002:a00:1::", "2001:0:1::", "ff02::1", "nonsense",
)  # fmt: skip
GET = Outbound(method="GET", url=f"https://{NAME}/", most_bytes=1000, seconds=2.0)
OK = b"HTTP/1.1 200 OK\r\n"


def ok(body: bytes = b"{}", *fields: str) -> bytes:
    lines = [f"Content-Length: {len(body)}", "Content-Type: application/json", *fields]
    return OK + "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The addresses that connections were opened to; none is."""
    tried: list[Any] = []

    def connect(_: socket.socket, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return tried


def resolving(*answers: Sequence[str]) -> tuple[Callable[[str], Sequence[str]], list[str]]:
    """A resolver that gives one answer after the other, the last one for ever; and the names that it was asked for."""
    left, asked = list(answers), list[str]()

    def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve, asked


def local(*addresses: str) -> GuardedFetch:
    return GuardedFetch(local=True, resolve=resolving(addresses or ("127.0.0.1",))[0])


def at(side: OtherSide, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
    return f"{scheme}://{host}:{side.port}{path}"


def got(answer: Answer, **changes: Any) -> Fetched:
    """The response to a request over plain HTTP."""
    with answering(answer) as side:
        return local().fetch(replace(GET, url=at(side), **changes))


def failure(answer: Answer, **changes: Any) -> str:
    with pytest.raises(FetchFailed) as failed:
        got(answer, **changes)
    return failed.value.reason


# Where a request goes


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("before", [[], ["1.1.1.1"]], ids=["alone", "after a public one"])
def test_s221_a_name_with_any_address_that_is_not_public_gets_no_connection(
    connected: list[Any], address: str, before: list[str]
) -> None:
    for addresses in ([*before, address], [address, *before]):
        with pytest.raises(FetchRefused, match="not public"):
            GuardedFetch(local=False, resolve=resolving(addresses)[0]).fetch(GET)

    assert connected == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[fd00:ec2::254]", "0.0.0.0"]
)
def test_s221_an_address_that_is_not_public_gets_no_connection(connected: list[Any], host: str) -> None:
    resolve, asked = resolving(["1.1.1.1"])

    with pytest.raises(FetchRefused, match="not public"):
        GuardedFetch(local=False, resolve=resolve).fetch(replace(GET, url=f"https://{host}/"))
    assert connected == asked == []


def test_s221_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_resolved_once(
    connected: list[Any],
) -> None:
    resolve, asked = resolving(["1.1.1.1"], ["10.0.0.1"])

    with pytest.raises(FetchFailed, match="no connection"):
        GuardedFetch(local=False, resolve=resolve).fetch(GET)
    assert connected == [("1.1.1.1", 443)]
    assert asked == [NAME]


def test_the_addresses_of_a_name_are_tried_one_after_the_other_and_no_more_than_four(connected: list[Any]) -> None:
    addresses = ["2606:4700::1", "1.1.1.1", "1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]

    with pytest.raises(FetchFailed, match="no connection"):
        GuardedFetch(local=False, resolve=resolving(addresses)[0]).fetch(GET)
    assert connected == [(address, 443) for address in ("2606:4700::1", "1.1.1.1", "1.1.1.2", "1.1.1.3")]


def test_the_first_address_that_accepts_a_connection_is_used() -> None:
    with answering(ok(), address="127.0.0.2") as side:
        url = at(side, host="localhost")
        assert local("127.0.0.1", "127.0.0.2", "127.0.0.3").fetch(replace(GET, url=url)).status == 200


def test_an_address_that_does_not_answer_takes_its_share_of_the_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float | None] = []

    def connect(connection: socket.socket, _: Any) -> None:
        given.append(connection.gettimeout())
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    addresses = ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]
    with pytest.raises(FetchFailed, match="in time"):
        GuardedFetch(local=False, resolve=resolving(addresses)[0]).fetch(replace(GET, seconds=8.0))

    assert [round(seconds or 0, 1) for seconds in given] == [2.0, 2.7, 4.0, 8.0]


def test_each_address_gets_a_connection_of_its_own_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds: list[int] = []

    def connect(connection: socket.socket, _: Any) -> None:
        kinds.append(connection.family)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(FetchFailed):
        GuardedFetch(local=False, resolve=resolving(["2606:4700::1", "1.1.1.1"])[0]).fetch(GET)
    assert kinds == [socket.AF_INET6, socket.AF_INET]


def test_an_address_needs_no_resolver(connected: list[Any]) -> None:
    resolve, asked = resolving(["10.0.0.1"])

    for host, address in (("1.1.1.1", "1.1.1.1"), ("[2606:4700::1]", "2606:4700::1")):
        with pytest.raises(FetchFailed, match="no connection"):
            GuardedFetch(local=False, resolve=resolve).fetch(replace(GET, url=f"https://{host}/"))
        assert connected.pop() == (address, 443)
    assert asked == []


@pytest.mark.parametrize("url", ["http://localhost:8080/", "https://localhost/", f"https://{NAME}:8443/"])
def test_s221_only_a_server_on_loopback_reaches_its_own_machine(connected: list[Any], url: str) -> None:
    with pytest.raises(FetchRefused):
        GuardedFetch(local=False, resolve=resolving(["127.0.0.1"])[0]).fetch(replace(GET, url=url))
    assert connected == []


def test_s221_a_server_on_loopback_reaches_loopback_and_public_addresses_and_no_others(connected: list[Any]) -> None:
    for address in PRIVATE:
        if address in ("127.0.0.1", "::1"):
            continue
        with pytest.raises(FetchRefused, match="not public"):
            local(address, "127.0.0.1").fetch(GET)
    assert connected == []
    with pytest.raises(FetchFailed, match="no connection"):
        local("127.0.0.1", "::1", "1.1.1.1").fetch(GET)
    assert connected == [("127.0.0.1", 443), ("::1", 443), ("1.1.1.1", 443)]


def test_s221_plain_http_goes_to_loopback_alone_whatever_its_name_resolves_to(connected: list[Any]) -> None:
    with pytest.raises(FetchRefused, match="not public"):
        local("1.1.1.1").fetch(replace(GET, url="http://localhost:8080/"))
    assert connected == []


def test_a_name_without_an_address_is_a_failure() -> None:
    def unknown(host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "a text that may quote the name")

    for resolve in (unknown, resolving([])[0]):
        with pytest.raises(FetchFailed) as failed:
            GuardedFetch(local=False, resolve=resolve).fetch(GET)
        assert failed.value.reason == "the host has no address"


def test_the_systems_resolver_gives_every_address() -> None:
    assert set(looked_up("localhost")) & {"127.0.0.1", "::1"}
    assert looked_up("1.1.1.1") == ["1.1.1.1"]
    with pytest.raises(OSError, match=r".+"):
        looked_up("no-such-name.invalid")


def test_s229_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(b"HTTP/1.1 500 A proxy\r\n\r\n") as proxy, answering(ok()) as side:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, at(proxy))
        assert local().fetch(replace(GET, url=at(side))).status == 200
        assert proxy.requests == []


# TLS


def test_the_certificate_is_checked_for_the_name_and_the_name_is_sent(authority: Authority) -> None:
    context, names = authority.context(NAME), list[str | None]()
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with answering(ok(b'{"a": 1}'), context) as side:
        fetched = local().fetch(replace(GET, url=at(side, "/x?y", NAME, "https")))

    assert fetched == Fetched(status=200, content_type="application/json", cache_control="", body='{"a": 1}')
    assert names == [NAME]
    assert side.requests[0].startswith(f"GET /x?y HTTP/1.1\r\nHost: {NAME}:{side.port}\r\n".encode())


def test_a_certificate_may_be_for_an_address(authority: Authority) -> None:
    with answering(ok(), authority.context("127.0.0.1")) as side:
        assert local().fetch(replace(GET, url=at(side, scheme="https"))).status == 200


def test_s229_a_certificate_for_another_name_an_unknown_authority_or_the_past_is_refused(
    authority: Authority, tmp_path: Path
) -> None:
    wrong = (
        authority.context("other.example.test"),
        authority.context("127.0.0.1"),
        Authority(tmp_path).context(NAME),
        authority.context(NAME, days=-1),
    )
    for context in wrong:
        with answering(ok(), context) as side:
            with pytest.raises(FetchFailed, match="the certificate is not valid for the host"):
                local().fetch(replace(GET, url=at(side, "/", NAME, "https")))
            assert side.requests == []


def test_s229_no_older_tls_than_1_2_is_spoken(authority: Authority) -> None:
    context = authority.context(NAME)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with answering(ok(), context) as side, pytest.raises(FetchFailed, match="no TLS connection"):
        local().fetch(replace(GET, url=at(side, "/", NAME, "https")))
    assert GuardedFetch(local=False)._tls.minimum_version == ssl.TLSVersion.TLSv1_2


def test_plain_http_behind_https_is_no_tls_connection() -> None:
    def speaks_first(connection: socket.socket) -> None:
        connection.sendall(ok())

    with answering(speaks_first) as side, pytest.raises(FetchFailed, match="no TLS connection"):
        local().fetch(replace(GET, url=at(side, "/", NAME, "https")))


# The request


def test_a_get_is_sent_with_what_it_accepts_and_asks_for_no_encoding() -> None:
    with answering(ok()) as side:
        wanted = ("application/json", "application/jwk-set+json")
        local().fetch(replace(GET, url=at(side, "/doc"), accept=wanted))

    assert side.requests == [
        f"GET /doc HTTP/1.1\r\nHost: 127.0.0.1:{side.port}\r\nUser-Agent: gatepost\r\n"
        "Accept: application/json, application/jwk-set+json\r\nAccept-Encoding: identity\r\n"
        "Connection: close\r\n\r\n".encode()
    ]


def test_a_post_is_sent_with_its_body_as_utf8() -> None:
    with answering(ok()) as side:
        body, form = "logout_token=ü", "application/x-www-form-urlencoded"
        local().fetch(replace(GET, method="POST", url=at(side), body=body, content_type=form))
        local().fetch(replace(GET, method="POST", url=at(side)))

    head, _, sent = side.requests[0].partition(b"\r\n\r\n")
    assert sent == "logout_token=ü".encode()
    assert head.endswith(b"Content-Length: 15\r\nContent-Type: application/x-www-form-urlencoded")
    assert b"\r\nAccept: */*\r\n" in head
    assert side.requests[1].endswith(b"Content-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "PUT"},
        {"method": "get"},
        {"method": "GET / HTTP/1.1\r\nX: y\r\n\r\nGET"},
        {"body": "x", "content_type": "text/plain"},
        {"method": "POST", "body": "x"},
        {"method": "POST", "body": "x", "content_type": "text/plain\r\nX: y"},
        {"method": "POST", "body": "x", "content_type": "text"},
        {"accept": ("text/plain\r\nX: y",)},
        {"accept": ("application/json", "")},
        {"most_bytes": -1},
        {"most_bytes": LONGEST_BODY + 1},
        {"method": "POST", "body": "ü" * (LONGEST_BODY // 2) + "x", "content_type": "text/plain"},
        {"seconds": 0},
        {"seconds": -1.0},
        {"seconds": MOST_SECONDS + 0.1},
        {"seconds": float("nan")},
    ],
)
def test_a_request_that_can_not_be_sent_as_it_is_is_refused(connected: list[Any], changes: dict[str, Any]) -> None:
    with pytest.raises(FetchRefused):
        local().fetch(replace(GET, **changes))
    assert connected == []


def test_the_limits_themselves_are_allowed() -> None:
    longest = "ü" * (LONGEST_BODY // 2)
    changes = {"method": "POST", "body": longest, "content_type": "text/plain", "seconds": MOST_SECONDS}

    assert got(ok(b"x" * LONGEST_BODY), most_bytes=LONGEST_BODY, **changes).body == "x" * LONGEST_BODY


# The response


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
        local().fetch(replace(GET, url=at(side)))


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
    head = OK + b"X: y\r\n" * 50
    assert failure(OK + b"Transfer-Encoding: chunked\r\n\r\n" + extended * 20) == "the response is too long"
    assert failure(head + b"X: " + b"y" * 20_000 + b"\r\n\r\n") == "the response is too long"
    assert failure(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000) == "the response is too long"
    assert got(head + b"X: " + b"y" * 16_000 + b"\r\n\r\n").status == 200


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


# Time


def timed(fetch: Callable[[], object]) -> float:
    began = time.monotonic()
    with pytest.raises(FetchFailed, match="no response in time"):
        fetch()
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", b"H"),
        (OK, b"X: y\r\n"),
        (OK + b"X: ", b"y"),
        (OK + b"Content-Length: 900\r\n\r\n", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (OK + b"\r\n", b"x"),
    ],
)
def test_s229_a_response_that_drips_ends_with_the_time(head: bytes, piece: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(head)
        side.drip(connection, piece)

    with answering(drip) as side:
        assert 0.3 <= timed(lambda: local().fetch(replace(GET, url=at(side), seconds=0.3))) < 1.5


def test_s229_silence_ends_with_the_time_before_and_after_the_handshake(authority: Authority) -> None:
    with answering(b"", authority.context(NAME)) as side:
        side.answer = side.stay_silent
        url = at(side, "/", NAME, "https")
        assert 0.3 <= timed(lambda: local().fetch(replace(GET, url=url, seconds=0.3))) < 1.5
    with socket.create_server(("127.0.0.1", 0)) as listening:  # connections wait, and nobody takes them
        url = f"https://{NAME}:{listening.getsockname()[1]}/"
        assert 0.3 <= timed(lambda: local().fetch(replace(GET, url=url, seconds=0.3))) < 1.5


def test_s229_a_handshake_has_what_the_connection_left_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def slowly(connection: socket.socket, address: Any) -> None:
        time.sleep(0.8)
        connect(connection, address)

    monkeypatch.setattr(socket.socket, "connect", slowly)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://{NAME}:{listening.getsockname()[1]}/"
        assert 1.0 <= timed(lambda: local().fetch(replace(GET, url=url, seconds=1.0))) < 1.6


def test_s229_a_resolver_that_hangs_ends_with_the_time(connected: list[Any]) -> None:
    def hanging(host: str) -> Sequence[str]:
        time.sleep(2)
        return ["1.1.1.1"]

    fetch = GuardedFetch(local=False, resolve=hanging)
    assert 0.2 <= timed(lambda: fetch.fetch(replace(GET, seconds=0.2))) < 1.5
    assert connected == []


def test_s229_a_receiver_that_reads_nothing_ends_with_the_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        post = replace(GET, method="POST", url=url, body="x" * LONGEST_BODY, content_type="text/plain", seconds=0.3)
        assert 0.3 <= timed(lambda: local().fetch(post)) < 1.5


def test_s229_a_receiver_that_reads_slowly_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now, limits = [0.0], list[float]()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    class Slow:
        settimeout = staticmethod(limits.append)

        def send(self, data: memoryview) -> int:
            now[0] += 1.0
            return min(len(data), 10)

    outbound, target = replace(GET, seconds=3.0), target_of(GET.url, local=False)
    with pytest.raises(FetchFailed, match="in time"):
        exchanged(cast("socket.socket", Slow()), outbound, target, Deadline(3.0))
    assert limits == [3.0, 2.0, 1.0]


def test_the_time_ends_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [5.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    deadline = Deadline(2.0)

    assert deadline.left() == 2.0
    for now[0] in (7.0, 7.5, 9.0):
        with pytest.raises(FetchFailed, match="in time"):
            deadline.left()


def test_the_time_counts_from_the_resolution_on() -> None:
    def slow(host: str) -> Sequence[str]:
        time.sleep(0.7)
        return ["127.0.0.1"]

    with answering(b"") as side:
        side.answer = side.stay_silent
        fetch = GuardedFetch(local=True, resolve=slow)
        url = at(side, host="localhost")
        assert 0.9 <= timed(lambda: fetch.fetch(replace(GET, url=url, seconds=0.9))) < 1.4


def test_a_connection_that_ends_in_the_middle_is_a_failure() -> None:
    def resets(connection: socket.socket) -> None:
        connection.sendall(OK)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    assert failure(resets) in ("no connection", "no HTTP response")
