"""The time of a guarded fetch, which the other side can't extend (S229)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from gatepost.http.guarded_fetch import LONGEST_BODY, GuardedFetch
from gatepost.http.outbound_exchange import Deadline, exchanged
from gatepost.http.outbound_url import target_of
from gatepost.model.fetching import FetchFailed
from tests.unit.http.fetching import GET, NAME, OK, at, failure, local
from tests.unit.http.other_side import Authority, answering


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
        assert 0.3 <= timed(lambda: local().fetch(GET._replace(url=at(side), seconds=0.3))) < 1.5


def test_s229_silence_ends_with_the_time_before_and_after_the_handshake(authority: Authority) -> None:
    with answering(b"", authority.context(NAME)) as side:
        side.answer = side.stay_silent
        url = at(side, "/", NAME, "https")
        assert 0.3 <= timed(lambda: local().fetch(GET._replace(url=url, seconds=0.3))) < 1.5
    with socket.create_server(("127.0.0.1", 0)) as listening:  # connections wait, and nobody takes them
        url = f"https://{NAME}:{listening.getsockname()[1]}/"
        assert 0.3 <= timed(lambda: local().fetch(GET._replace(url=url, seconds=0.3))) < 1.5


def test_s229_a_handshake_has_what_the_connection_left_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def slowly(connection: socket.socket, address: Any) -> None:
        time.sleep(0.4)
        connect(connection, address)

    monkeypatch.setattr(socket.socket, "connect", slowly)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://{NAME}:{listening.getsockname()[1]}/"
        assert 0.5 <= timed(lambda: local().fetch(GET._replace(url=url, seconds=0.5))) < 0.85


def test_s229_a_resolver_that_hangs_ends_with_the_time(connected: list[Any]) -> None:
    def hanging(host: str) -> Sequence[str]:
        time.sleep(2)
        return ["1.1.1.1"]

    fetch = GuardedFetch(local=False, resolve=hanging)
    assert 0.2 <= timed(lambda: fetch.fetch(GET._replace(seconds=0.2))) < 1.5
    assert connected == []


def test_s229_a_receiver_that_reads_nothing_ends_with_the_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        post = GET._replace(method="POST", url=url, body="x" * LONGEST_BODY, content_type="text/plain", seconds=0.3)
        assert 0.3 <= timed(lambda: local().fetch(post)) < 1.5


def test_s229_a_receiver_that_reads_slowly_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now, limits = [0.0], list[float]()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    class Slow:
        settimeout = staticmethod(limits.append)

        def send(self, data: memoryview) -> int:
            now[0] += 1.0
            return min(len(data), 10)

    outbound, target = GET._replace(seconds=3.0), target_of(GET.url, local=False)
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
        time.sleep(0.4)
        return ["127.0.0.1"]

    with answering(b"") as side:
        side.answer = side.stay_silent
        fetch = GuardedFetch(local=True, resolve=slow)
        url = at(side, host="localhost")
        assert 0.5 <= timed(lambda: fetch.fetch(GET._replace(url=url, seconds=0.5))) < 0.85


def test_a_connection_that_ends_in_the_middle_is_a_failure() -> None:
    def resets(connection: socket.socket) -> None:
        connection.sendall(OK)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    assert failure(resets) in ("no connection", "no HTTP response")
