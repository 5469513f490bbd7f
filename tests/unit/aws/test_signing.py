"""Signature Version 4, compared with botocore's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from gatepost.aws.sigv4 import RequestSigner, RoleCredentials

HOST = "dynamodb.eu-central-1.amazonaws.com"
BODIES = [b"{}", b'{"TableName":"t"}', '{"a":"\u00fc"}'.encode(), b"x" * 100_000]


def botocores(body: bytes, credentials: RoleCredentials, target: str) -> tuple[str, str]:
    """Date and Authorization header as botocore makes them for the same request, at the time that it takes."""
    request = AWSRequest("POST", f"https://{HOST}/", data=body, headers={
        "content-type": "application/x-amz-json-1.0", "host": HOST, "x-amz-target": target,
    })  # fmt: skip
    known = BotoCredentials(credentials.key_id, credentials.secret, credentials.token or None)
    SigV4Auth(known, "dynamodb", "eu-central-1").add_auth(request)
    return str(request.headers["X-Amz-Date"]), str(request.headers["Authorization"])


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize(
    "credentials", [RoleCredentials("AKID", "secret/+=", ""), RoleCredentials("ASIA", "s", "tok/en==")]
)
def test_it_is_the_signature_that_botocore_makes(body: bytes, credentials: RoleCredentials) -> None:
    target = "DynamoDB_20120810.GetItem"
    stamp, expected = botocores(body, credentials, target)
    now = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    signer = RequestSigner(service="dynamodb", region="eu-central-1", host=HOST)

    for _ in range(2):
        made: Any = signer.headers(body, credentials, target=target, content_type="application/x-amz-json-1.0", now=now)
        assert (made["x-amz-date"], made["authorization"]) == (stamp, expected)


def test_new_credentials_and_a_new_day_get_a_key_of_their_own() -> None:
    signer = RequestSigner(service="dynamodb", region="eu-central-1", host=HOST)

    def signature(secret: str, now: float) -> str:
        credentials = RoleCredentials("AKID", secret, "")
        return signer.headers(b"{}", credentials, target="t", content_type="c", now=now)["authorization"]

    same = signature("one", 0)
    others = [signature("two", 0), signature("one", 86400)]
    assert signature("one", 0) == same
    assert same not in others
