"""The end of a response: no byte of one is ever taken for the next one's (S134)."""

from __future__ import annotations

import pytest

from gatepost.aws.errors import NoAnswer
from tests.unit.aws.conftest import Ask
from tests.unit.aws.service import reply

NEXT = reply({"whose": "somebody else's"})
MINE = reply({"whose": "mine"})


@pytest.mark.parametrize(
    "surplus",
    [NEXT, b"x", b"\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"],
    ids=["an answer", "a byte", "an empty line", "an empty answer"],
)
def test_s134_bytes_behind_an_answer_are_not_the_next_ones(ask: Ask, surplus: bytes) -> None:
    client, service = ask(MINE + surplus, reply({"whose": "the second"}))

    assert client.call("GetItem", {}) == {"whose": "mine"}
    assert client.call("GetItem", {}) == {"whose": "the second"}
    assert service.connections == 2


def test_s134_nor_are_bytes_behind_the_last_chunk(ask: Ask) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\n\r\n'
    client, service = ask(chunked + NEXT, MINE)

    assert client.call("GetItem", {}) == {"a": 1}
    assert client.call("GetItem", {}) == {"whose": "mine"}
    assert service.connections == 2


def test_s134_an_answer_without_a_length_ends_with_its_connection(ask: Ask) -> None:
    client, service = ask(reply({"a": 1}, headers=["connection: close"], length=False), MINE)

    assert client.call("GetItem", {}) == {"a": 1}
    assert client.call("GetItem", {}) == {"whose": "mine"}
    assert service.connections == 2


@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nContent-Length: 500\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_s134_an_interim_answer_is_not_the_answer(ask: Ask, interim: bytes) -> None:
    client, service = ask(interim + MINE)

    assert client.call("GetItem", {}) == {"whose": "mine"}
    assert client.call("GetItem", {}) == {"whose": "mine"}
    assert service.connections == 1


@pytest.mark.parametrize("token", ["close", "Close", "keep-alive, close", "close,x"])
def test_s134_a_connection_that_ends_is_known_by_any_spelling(ask: Ask, token: str) -> None:
    client, service = ask(reply({}, headers=[f"Connection: {token}"]))

    client.call("GetItem", {})
    client.call("GetItem", {})
    assert service.connections == 2


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 2\r\nContent-Length: 7",
        b"Content-Length: 7\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: xchunked",
        b"Content-Length: +7",
        b"Content-Length: 0_7",
        b"Content-Length: \xc2\xa07",
        b"Content-Length : 7",
        b"Content-Length: 7\r\n Content-Type: x",
        b"no colon",
    ],
)
def test_s134_an_answer_whose_end_can_be_read_in_two_ways_is_none(ask: Ask, headers: bytes) -> None:
    client, service = ask(b"HTTP/1.1 200 OK\r\n" + headers + b'\r\n\r\n{"a":1}')

    with pytest.raises(NoAnswer):
        client.call("GetItem", {})
    assert (len(service.requests), service.connections) == (3, 3)


@pytest.mark.parametrize("size", [b"0x7", b"+7", b"-7", b"0_7", b"", b" 7"])
def test_s134_a_chunk_whose_size_is_no_plain_number_is_none(ask: Ask, size: bytes) -> None:
    client, _ = ask(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b'\r\n{"a":1}\r\n0\r\n\r\n')

    with pytest.raises(NoAnswer):
        client.call("GetItem", {})
