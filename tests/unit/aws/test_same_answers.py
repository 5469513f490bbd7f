"""Responses: our client and botocore read errors alike, and no byte of one is ever taken for the next one's (S134)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.aws.boto import BotoClient
from gatepost.aws.client import Client
from gatepost.aws.errors import NoAnswer, Refusal
from tests.raising import raised
from tests.unit.aws.conftest import Ask, boto, client_of
from tests.unit.aws.service import SILENCE, Service, reply

MODEL = "com.amazonaws.dynamodb.v20120810#"
ADDRESS = "http://internal.amazon.com/coral/com.amazon.coral.validate/"
PROXY = b"<html><body><h1>Proxy error</h1></body></html>"

FORMS: dict[str, tuple[bytes, tuple[str, object]]] = {
    "a namespace": (reply({"__type": f"{MODEL}ValidationException"}, 400), ("ValidationException", "")),
    "a bare code": (reply({"__type": "ResourceNotFoundException"}, 400), ("ResourceNotFoundException", "")),
    "a suffix": (reply({"__type": f"AccessDeniedException:{ADDRESS}"}, 400), ("AccessDeniedException", "")),
    "both": (reply({"__type": f"{MODEL}LimitExceededException:{ADDRESS}#x"}, 400), ("LimitExceededException", "")),
    "two number signs": (reply({"__type": "a#b#C"}, 400), ("C", "")),
    "a colon first": (reply({"__type": ":C"}, 400), ("", "")),
    "an empty code": (reply({"__type": ""}, 400), ("", "")),
    "a code that is null": (reply({"__type": None}, 400), ("", "")),
    "spaces": (reply({"__type": " C "}, 400), (" C ", "")),
    "a message": (reply({"__type": "C", "message": "m"}, 400), ("C", "m")),
    "a Message": (reply({"__type": "C", "Message": "M"}, 400), ("C", "M")),
    "both messages": (reply({"__type": "C", "Message": "M", "message": "m"}, 400), ("C", "m")),
    "a message that is null": (reply({"__type": "C", "message": None, "Message": "M"}, 400), ("C", None)),
    "a header only": (reply({}, 400, [f"x-amzn-ErrorType: {MODEL}ThrottlingException"]), ("400", "")),
    "a header with a suffix": (reply({}, 400, [f"X-Amzn-Errortype: AccessDenied:{ADDRESS}"]), ("400", "")),
    "a header beside the body": (reply({"__type": "C"}, 400, ["x-amzn-ErrorType: D"]), ("C", "")),
    "code": (reply({"code": "C", "message": "m"}, 400), ("400", "m")),
    "Code": (reply({"Code": "C"}, 403), ("403", "")),
    "the query protocol's": (
        reply({"__type": f"{MODEL}C"}, 400, ["x-amzn-query-error: AWS.Old;Sender"]), ("AWS.Old", "")
    ),
    "a query error without a type": (reply({"__type": "C"}, 400, ["x-amzn-query-error: AWS.Old"]), ("C", "")),
    "a query error without a code": (reply({"__type": "C"}, 400, ["x-amzn-query-error: ;Sender"]), ("C", "")),
    "a query error of three parts": (reply({"__type": "C"}, 400, ["x-amzn-query-error: A;B;C"]), ("C", "")),
    "two query errors": (
        reply({"__type": "C"}, 400, ["x-amzn-query-error: A;B", "x-amzn-query-error: A;B"]), ("C", "")
    ),
    "a query error alone": (reply({}, 400, ["x-amzn-query-error: AWS.Old;Sender"]), ("AWS.Old", "")),
    "an empty body": (reply(b"", 400), ("400", "")),
    "an empty body of a server": (reply(b"", 503), ("503", "Service Unavailable")),
    "white space of a server": (reply(b" \r\n ", 500), ("500", "Internal Server Error")),
    "an empty object of a server": (reply({}, 500), ("500", "")),
    "a page of a proxy": (reply(PROXY, 413), ("413", PROXY.decode())),
    "a page of a proxy that fails": (reply(PROXY, 502), ("502", "Bad Gateway")),
    "a page with a document type": (reply(b"<!doctype html>x", 502), ("502", "<!doctype html>x")),
    "a status without a name": (reply(PROXY, 599), ("599", "")),
    "a text": (reply(b"no", 404), ("404", "no")),
    "half of an object": (reply(b'{"__type": "C"', 400), ("400", '{"__type": "C"')),
    "XML": (reply(b"<Error><Code>C</Code></Error>", 400), ("400", "<Error><Code>C</Code></Error>")),
    "a redirect": (reply({"message": "there"}, 307, ["Location: http://127.0.0.1:1/"]), ("307", "there")),
    "no length": (
        reply({"__type": "C", "message": "m"}, 400, ["connection: close"], length=False), ("C", "m")
    ),
    "chunks": (
        b'HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{"__type":\r\n4\r\n"C"}\r\n0\r\n\r\n', ("C", "")
    ),
    "an interim answer first": (
        b"HTTP/1.1 100 Continue\r\n\r\n" + reply({"__type": "C"}, 400), ("C", "")
    ),
    "a name in other letters": (
        reply({"__type": "C"}, 400, ["X-AMZN-QUERY-ERROR: AWS.Old;Sender"]), ("AWS.Old", "")
    ),
}  # fmt: skip
# What botocore breaks off at with an error that is none of its own: no service says so.
BEYOND_BOTOCORE: dict[str, tuple[bytes, str]] = {
    "a list": (reply([1], 400), "400"),
    "a number": (reply(1, 400), "400"),
    "a code that is a number": (reply({"__type": 7}, 400), "400"),
    "octets that are no UTF-8": (reply(b"\xff", 400), "400"),
}


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    answering = Service(request.param)
    yield answering
    answering.close()


def said(client: Client | BotoClient) -> tuple[str, object]:
    caught = raised(Refusal, client.call, "ListTables", {})
    return caught.code, caught.message


@pytest.mark.parametrize(("service", "expected"), FORMS.values(), ids=FORMS, indirect=["service"])
def test_s134_an_error_reads_as_by_botocore(service: Service, expected: tuple[str, object]) -> None:
    client = client_of(service)

    assert said(BotoClient(boto(service, "dynamodb"))) == expected
    assert said(client) == expected
    client.close()


@pytest.mark.parametrize(("service", "code"), BEYOND_BOTOCORE.values(), ids=BEYOND_BOTOCORE, indirect=["service"])
def test_s134_what_botocore_can_not_read_is_told_by_its_status(service: Service, code: str) -> None:
    client = client_of(service)

    with pytest.raises((AttributeError, TypeError, UnicodeDecodeError)):
        BotoClient(boto(service, "dynamodb")).call("ListTables", {})
    assert said(client)[0] == code
    client.close()


@pytest.mark.parametrize("service", [SILENCE], indirect=True)
def test_silence_is_no_answer_to_either(service: Service) -> None:
    for client in (client_of(service), BotoClient(boto(service, "dynamodb"))):
        with pytest.raises(NoAnswer):
            client.call("ListTables", {})


# The end of a response


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
