"""Invoking a function, by our own client and by boto3."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from gatepost.aws.boto import BotoClient, BotoInvoker
from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.invoking import LambdaClient
from gatepost.aws.services import Invoker
from gatepost.aws.sigv4 import RoleCredentials
from tests.raising import raised
from tests.unit.aws.conftest import boto
from tests.unit.aws.service import SILENCE, Service, reply

ARN = "arn:aws:lambda:eu-central-1:111122223333:function:Gatepost-Fetch:live"
PATH = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-central-1%3A111122223333%3Afunction%3AGatepost-Fetch%3Alive/"
NOW = 1_800_000_000.0
KINDS = ("own", "boto3")
Ask = Callable[..., tuple[Invoker, Service]]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """A client and the service with scripted responses."""
    with ExitStack() as running:

        def asked(kind: str, *answers: bytes) -> tuple[Invoker, Service]:
            service = Service(*answers)
            running.callback(service.close)
            if kind == "boto3":
                theirs = boto(service, "lambda")
                running.callback(theirs.close)
                return BotoInvoker(BotoClient(theirs)), service
            client = own(service)
            running.callback(client.close)
            return client, service

        yield asked


def own(service: Service) -> LambdaClient:
    return LambdaClient(
        environ={"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL_LAMBDA": service.url},
        credentials=lambda: RoleCredentials("AKID", "secret", "token"),
        clock=lambda: NOW,
        sleep=lambda _: None,
        read_seconds=0.2,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_is_invoked_by_its_arn_and_returns_its_result(ask: Ask, kind: str) -> None:
    client, service = ask(kind, reply({"a": "ü"}))

    assert client.invoke(ARN, {"url": "https://ü.example"}) == {"a": "ü"}
    ((first, _, body),) = service.requests
    assert first == f"POST {PATH}invocations HTTP/1.1"
    assert json.loads(body) == {"url": "https://ü.example"}


def test_the_signature_is_the_one_that_botocore_makes_for_this_path(ask: Ask) -> None:
    client, service = ask("own", reply({}))
    client.invoke(ARN, {"a": 1})
    ((_, headers, body),) = service.requests

    assert "x-amz-target" not in headers
    url = f"http://{headers['host']}{PATH}invocations"
    kept = {name: headers[name] for name in ("content-type", "host")}
    request = AWSRequest("POST", url, data=body, headers=kept)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(BotoCredentials("AKID", "secret", "token"), "lambda", "eu-central-1")
    request.headers["X-Amz-Date"] = headers["x-amz-date"]
    request.headers["X-Amz-Security-Token"] = "token"
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert headers["x-amz-date"] == datetime.fromtimestamp(NOW, UTC).strftime("%Y%m%dT%H%M%SZ")
    assert headers["authorization"].endswith(f"Signature={signature}")
    assert "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token," in headers["authorization"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_that_failed_or_timed_out_is_told_without_its_text(ask: Ask, kind: str) -> None:
    client, service = ask(kind, reply({"errorMessage": "a secret"}, headers=["X-Amz-Function-Error: Unhandled"]))

    refused = raised(Refusal, client.invoke, ARN, {})
    assert (refused.code, refused.message, len(service.requests)) == ("Unhandled", "", 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "code"), [(403, "AccessDeniedException"), (404, "ResourceNotFoundException"), (400, "Other")]
)
def test_an_error_of_lambda_has_the_code_of_its_header(ask: Ask, kind: str, status: int, code: str) -> None:
    client, service = ask(kind, reply({"Message": "why"}, status, [f"x-amzn-ErrorType: {code}:http://internal/"]))

    refused = raised(Refusal, client.invoke, ARN, {})
    assert (refused.code, refused.message, len(service.requests)) == (code, "why", 1)


@pytest.mark.parametrize("body", [b"<html></html>", b""])
def test_an_error_that_is_no_json_is_told_by_its_status(ask: Ask, body: bytes) -> None:
    client, _ = ask("own", reply(body, 403))

    refused = raised(Refusal, client.invoke, ARN, {})
    assert (refused.code, refused.message) == ("403", "")


def test_what_lambda_refused_is_sent_again(ask: Ask) -> None:
    throttled = reply({"message": "slow down"}, 429, ["x-amzn-ErrorType: TooManyRequestsException"])
    client, service = ask("own", throttled, reply({}, 503), reply({"done": True}))

    assert client.invoke(ARN, {}) == {"done": True}
    assert len(service.requests) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_have_been_done_is_not_sent_again(ask: Ask, kind: str) -> None:
    client, service = ask(kind, SILENCE, reply({}))

    with pytest.raises(NoAnswer):
        client.invoke(ARN, {})
    assert len(service.requests) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("result", [b"null", b"[1]", b"half of {"])
def test_any_other_result_than_an_object_is_no_answer(ask: Ask, kind: str, result: bytes) -> None:
    client, _ = ask(kind, reply(result))

    with pytest.raises(NoAnswer):
        client.invoke(ARN, {})
