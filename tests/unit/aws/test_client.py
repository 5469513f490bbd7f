"""The client for AWS: its requests, its parsing of responses, its retries (S106, S109)."""

from __future__ import annotations

import pytest

from gatepost.aws.errors import NoAnswer, Refusal
from tests.raising import raised
from tests.unit.aws.conftest import Ask, client_of
from tests.unit.aws.service import SILENCE, Service, refusal, reply


def test_a_call_is_one_signed_post_of_json(ask: Ask) -> None:
    client, service = ask(reply({"Item": {"a": {"S": "ü"}}}))

    assert client.call("GetItem", {"TableName": "t", "Key": {"a": {"S": "ü"}}}) == {"Item": {"a": {"S": "ü"}}}
    ((first, headers, body),) = service.requests
    assert first == "POST / HTTP/1.1"
    assert body == b'{"TableName":"t","Key":{"a":{"S":"\\u00fc"}}}'
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["host"] == f"127.0.0.1:{service.port}"
    assert headers["x-amz-security-token"] == "token"
    assert headers["authorization"].startswith(
        "AWS4-HMAC-SHA256 Credential=AKID/20270115/eu-central-1/dynamodb/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature="
    )


def test_a_connection_is_kept_from_call_to_call(ask: Ask) -> None:
    client, service = ask(reply({}))

    for _ in range(5):
        client.call("GetItem", {})
    assert (len(service.requests), service.connections) == (5, 1)


def test_a_connection_that_was_closed_meanwhile_costs_no_try(ask: Ask) -> None:
    client, service = ask(reply({}))
    client.call("GetItem", {})
    service.hang_up()

    client.call("GetItem", {})
    assert (len(service.requests), service.connections) == (2, 2)


def test_an_answer_in_chunks_is_read_whole(ask: Ask) -> None:
    chunks = b'6;x=y\r\n{"a": \r\n3\r\n12}\r\n0\r\nTrailer: x\r\n\r\n'
    client, service = ask(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)

    assert client.call("Query", {}) == {"a": 12}
    assert client.call("Query", {}) == {"a": 12}
    assert service.connections == 1


def test_a_long_answer_is_read_whole(ask: Ask) -> None:
    document = {"a": "x" * 1_000_000}
    client, _ = ask(reply(document))

    assert client.call("Query", {}) == document


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "InternalServerError"),
        (503, "ServiceUnavailable"),
        (502, "BadGateway"),
        (400, "ProvisionedThroughputExceededException"),
        (400, "ThrottlingException"),
        (400, "RequestLimitExceeded"),
        (400, "TransactionInProgressException"),
    ],
)
def test_s106_a_fault_of_the_moment_is_tried_three_times(status: int, code: str) -> None:
    slept: list[float] = []
    service = Service(refusal(code, status))
    client = client_of(service, slept=slept)

    caught = raised(Refusal, client.call, "GetItem", {})
    assert (caught.code, len(service.requests)) == (code, 3)
    assert len(slept) == 2
    assert 0 <= slept[0] <= 0.05
    assert 0 <= slept[1] <= 0.1
    client.close()
    service.close()


def test_s106_and_the_answer_that_comes_at_last_is_the_answer(ask: Ask) -> None:
    client, service = ask(refusal("ThrottlingException"), SILENCE, reply({"a": 1}))

    assert client.call("GetItem", {}) == {"a": 1}
    assert len(service.requests) == 3


def test_s109_every_try_of_a_call_sends_the_same_so_that_it_takes_effect_once(ask: Ask) -> None:
    client, service = ask(SILENCE, refusal("InternalServerError", 500), reply({}))

    client.call("TransactWriteItems", {"ClientRequestToken": "once"})
    assert {body for _, _, body in service.requests} == {b'{"ClientRequestToken":"once"}'}


@pytest.mark.parametrize(
    "code",
    ["ConditionalCheckFailedException", "TransactionCanceledException", "TransactionConflictException",
     "AccessDeniedException", "ValidationException", "ResourceNotFoundException"],
)  # fmt: skip
def test_s106_what_no_retry_mends_is_told_at_once_with_what_the_service_said(ask: Ask, code: str) -> None:
    client, service = ask(refusal(code, Item={"a": {"N": "1"}}))

    caught = raised(Refusal, client.call, "PutItem", {})
    assert (caught.code, caught.response["Item"]) == (code, {"a": {"N": "1"}})
    assert "private" not in str(caught)
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "garbage",
    [
        SILENCE,
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{}",
        b"SMTP ready\r\n\r\n",
        b"\x00" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        reply({"a": 1}, headers=["x-amz-crc32: 1"], checksum=False),
        reply({"a": 1}, headers=["x-amz-crc32: many"], checksum=False),
        reply(b"{not json"),
        reply(b"[1]"),
    ],
)
def test_s106_what_can_not_be_read_is_no_answer_and_is_tried_again(ask: Ask, garbage: bytes) -> None:
    client, service = ask(garbage)

    with pytest.raises(NoAnswer):
        client.call("GetItem", {})
    assert len(service.requests) == 3


def test_s106_where_nobody_listens_there_is_no_answer() -> None:
    service = Service(reply({}))
    service.close()

    with pytest.raises(NoAnswer, match="ConnectConnectionRefusedError"):
        client_of(service).call("GetItem", {})


def test_s106_an_error_that_is_no_json_is_told_by_its_status(ask: Ask) -> None:
    client, _ = ask(reply(b"<html>", 413))

    with pytest.raises(Refusal, match=r"^413$"):
        client.call("GetItem", {})


def test_retries_end_when_the_service_is_down_for_long(ask: Ask) -> None:
    client, service = ask(refusal("InternalServerError", 500))
    for _ in range(200):
        with pytest.raises(Refusal):
            client.call("GetItem", {})

    assert len(service.requests) == 200 + 100  # 500 / 5 retries, not 400


def test_s110_a_clock_that_is_wrong_is_corrected_by_what_the_service_says(ask: Ask) -> None:
    date = "Fri, 15 Jan 2027 09:00:00 GMT"  # an hour after NOW
    client, service = ask(reply({"__type": "x#InvalidSignatureException"}, 400, [f"Date: {date}"]), reply({}))

    client.call("GetItem", {})
    client.call("GetItem", {})
    assert [headers["x-amz-date"] for _, headers, _ in service.requests] == [
        "20270115T080000Z",
        "20270115T090000Z",
        "20270115T090000Z",
    ]


def test_a_wrong_secret_is_no_matter_of_the_clock(ask: Ask) -> None:
    date = "Fri, 15 Jan 2027 08:01:00 GMT"
    client, service = ask(reply({"__type": "x#InvalidSignatureException"}, 400, [f"Date: {date}"]))

    with pytest.raises(Refusal, match="InvalidSignatureException"):
        client.call("GetItem", {})
    assert len(service.requests) == 1
