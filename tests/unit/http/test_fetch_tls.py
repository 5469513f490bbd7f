"""TLS of a guarded fetch: the certificate, the name and the version."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from gatepost.http.guarded_fetch import GuardedFetch
from gatepost.model.fetching import Fetched, FetchFailed
from tests.unit.http.fetching import GET, NAME, at, local, ok
from tests.unit.http.other_side import Authority, answering


def test_the_certificate_is_checked_for_the_name_or_address_and_the_name_is_sent(authority: Authority) -> None:
    context, names = authority.context(NAME), list[str | None]()
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with answering(ok(b'{"a": 1}'), context) as side:
        fetched = local().fetch(replace(GET, url=at(side, "/x?y", NAME, "https")))

    assert fetched == Fetched(status=200, content_type="application/json", cache_control="", body='{"a": 1}')
    assert names == [NAME]
    assert side.requests[0].startswith(f"GET /x?y HTTP/1.1\r\nHost: {NAME}:{side.port}\r\n".encode())
    with answering(ok(), authority.context("127.0.0.1")) as side:
        assert local().fetch(replace(GET, url=at(side, scheme="https"))).status == 200


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
