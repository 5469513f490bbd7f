"""Whom a guarded fetch connects to: the addresses (S221), and the certificate, name and version of TLS."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gatepost.http.guarded_fetch import GuardedFetch, looked_up
from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused
from tests.raising import raised
from tests.unit.http.fetching import GET, NAME, at, local, ok, resolving
from tests.unit.http.other_side import Authority, answering

# Which addresses are public: test_special_addresses.py
PRIVATE = ("10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00:ec2::254", "fe80::1%eth0", "nonsense")


@pytest.mark.parametrize("address", PRIVATE)
def test_s221_a_name_with_any_address_that_is_not_public_gets_no_connection(connected: list[Any], address: str) -> None:
    for addresses in ([address], ["1.1.1.1", address], [address, "1.1.1.1"]):
        with pytest.raises(FetchRefused, match="not public"):
            GuardedFetch(local=False, resolve=resolving(addresses)[0]).fetch(GET)

    assert connected == []


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "[::1]", "[::ffff:127.0.0.1]"])
def test_s221_an_address_that_is_not_public_gets_no_connection(connected: list[Any], host: str) -> None:
    resolve, asked = resolving(["1.1.1.1"])

    with pytest.raises(FetchRefused, match="not public"):
        GuardedFetch(local=False, resolve=resolve).fetch(GET._replace(url=f"https://{host}/"))
    assert connected == asked == []


def test_s221_the_connection_goes_to_the_address_that_was_checked(connected: list[Any]) -> None:
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
    # addresses of this test's own: any port of 127.0.0.1 may be another test's
    with answering(ok(), address="127.9.8.2") as side:
        url = at(side, host="localhost")
        assert local("127.9.8.1", "127.9.8.2", "127.9.8.3").fetch(GET._replace(url=url)).status == 200


def test_an_address_has_a_connection_of_its_kind_and_its_share_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[float, int]] = []

    def connect(connection: socket.socket, _: Any) -> None:
        given.append((round(connection.gettimeout() or 0, 1), connection.family))
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", connect)
    addresses = ["1.1.1.1", "1.1.1.2", "2606:4700::1", "1.1.1.4"]
    with pytest.raises(FetchFailed, match="in time"):
        GuardedFetch(local=False, resolve=resolving(addresses)[0]).fetch(GET._replace(seconds=8.0))

    four, six = socket.AF_INET, socket.AF_INET6
    assert given == [(2.0, four), (2.7, four), (4.0, six), (8.0, four)]


def test_an_address_needs_no_resolver(connected: list[Any]) -> None:
    resolve, asked = resolving(["10.0.0.1"])

    for host, address in (("1.1.1.1", "1.1.1.1"), ("[2606:4700::1]", "2606:4700::1")):
        with pytest.raises(FetchFailed, match="no connection"):
            GuardedFetch(local=False, resolve=resolve).fetch(GET._replace(url=f"https://{host}/"))
        assert connected.pop() == (address, 443)
    assert asked == []


@pytest.mark.parametrize("url", ["http://localhost:8080/", "https://localhost/", f"https://{NAME}:8443/"])
def test_s221_only_a_server_on_loopback_reaches_its_own_machine(connected: list[Any], url: str) -> None:
    with pytest.raises(FetchRefused):
        GuardedFetch(local=False, resolve=resolving(["127.0.0.1"])[0]).fetch(GET._replace(url=url))
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
        local("1.1.1.1").fetch(GET._replace(url="http://localhost:8080/"))
    assert connected == []


def test_a_name_without_an_address_is_a_failure() -> None:
    def unknown(host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "a text that may quote the name")

    for resolve in (unknown, resolving([])[0]):
        failed = raised(FetchFailed, GuardedFetch(local=False, resolve=resolve).fetch, GET)
        assert failed.reason == "the host has no address"


def test_the_systems_resolver_gives_every_address() -> None:
    assert set(looked_up("localhost")) & {"127.0.0.1", "::1"}
    assert looked_up("1.1.1.1") == ["1.1.1.1"]
    with pytest.raises(OSError, match=r".+"):
        looked_up("no-such-name.invalid")


def test_s229_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(b"HTTP/1.1 500 A proxy\r\n\r\n") as proxy, answering(ok()) as side:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, at(proxy))
        assert local().fetch(GET._replace(url=at(side))).status == 200
        assert proxy.requests == []


# TLS


def test_the_certificate_is_checked_for_the_name_or_address_and_the_name_is_sent(authority: Authority) -> None:
    context, names = authority.context(NAME), list[str | None]()
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with answering(ok(b'{"a": 1}'), context) as side:
        fetched = local().fetch(GET._replace(url=at(side, "/x?y", NAME, "https")))

    assert fetched == Fetched(status=200, content_type="application/json", cache_control="", body='{"a": 1}')
    assert names == [NAME]
    assert side.requests[0].startswith(f"GET /x?y HTTP/1.1\r\nHost: {NAME}:{side.port}\r\n".encode())
    with answering(ok(), authority.context("127.0.0.1")) as side:
        assert local().fetch(GET._replace(url=at(side, scheme="https"))).status == 200


def test_s229_a_certificate_of_another_name_authority_or_time_is_refused(authority: Authority, tmp_path: Path) -> None:
    wrong = (
        authority.context("other.example.test"),
        authority.context("127.0.0.1"),
        Authority(tmp_path).context(NAME),
        authority.context(NAME, days=-1),
    )
    for context in wrong:
        with answering(ok(), context) as side:
            with pytest.raises(FetchFailed, match="the certificate is not valid for the host"):
                local().fetch(GET._replace(url=at(side, "/", NAME, "https")))
            assert side.requests == []


def test_s229_no_older_tls_than_1_2_is_spoken(authority: Authority) -> None:
    context = authority.context(NAME)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with answering(ok(), context) as side, pytest.raises(FetchFailed, match="no TLS connection"):
        local().fetch(GET._replace(url=at(side, "/", NAME, "https")))
    assert GuardedFetch(local=False)._tls.minimum_version == ssl.TLSVersion.TLSv1_2


def test_plain_http_behind_https_is_no_tls_connection() -> None:
    def speaks_first(connection: socket.socket) -> None:
        connection.sendall(ok())

    with answering(speaks_first) as side, pytest.raises(FetchFailed, match="no TLS connection"):
        local().fetch(GET._replace(url=at(side, "/", NAME, "https")))
