"""Ways to call DynamoDB: the cost of a GetItem by each, to the same local service, without TLS.

boto3 as functions would use it, boto3 with everything optional disabled, botocore's signer under two HTTP clients with
hand-made JSON, and our own client.
"""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import boto3
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from gatepost.aws.boto import boto_client
from gatepost.aws.client import Client
from gatepost.aws.services import DYNAMODB
from tests.bench.cpu import Cost, cost
from tests.bench.deployed import Deployed

_TARGET = f"{DYNAMODB}.GetItem"
_TYPE = "application/x-amz-json-1.0"


def ways(deployed: Deployed, endpoint: str, *, rounds: int) -> Iterator[tuple[str, Cost]]:
    """Each way with the CPU of a call."""
    os.environ.update(deployed.environment(client="own", endpoint=endpoint))
    key = {"client_id": {"S": deployed.app.client_id}}
    request = {"TableName": "apps", "Key": key, "ConsistentRead": True}
    plain = boto_client("dynamodb", None)
    yield "boto3", cost(lambda: plain.call("GetItem", request), rounds=rounds)
    config = Config(
        parameter_validation=False, retries={"mode": "standard", "total_max_attempts": 1}, max_pool_connections=1,
        tcp_keepalive=True, inject_host_prefix=False,
    )  # fmt: skip
    tuned: Any = boto3.client("dynamodb", config=config)
    yield "boto3, tuned", cost(lambda: tuned.get_item(**request), rounds=rounds)
    signed = _signer(endpoint)
    pool = urllib3.PoolManager(retries=False)

    def by_urllib3() -> Any:
        body = json.dumps(request).encode()
        return json.loads(pool.request("POST", endpoint + "/", body=body, headers=signed(body)).data)

    yield "botocore's signer over urllib3", cost(by_urllib3, rounds=rounds)
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)

    def by_http_client() -> Any:
        body = json.dumps(request).encode()
        connection.request("POST", "/", body=body, headers=signed(body))
        return json.loads(connection.getresponse().read())

    yield "botocore's signer over http.client", cost(by_http_client, rounds=rounds)
    own = Client("dynamodb", target=DYNAMODB, version="1.0")
    yield "own client", cost(lambda: own.call("GetItem", request), rounds=rounds)
    assert by_urllib3() == by_http_client() == own.call("GetItem", request)
    own.close()
    connection.close()
    pool.clear()


def _signer(endpoint: str) -> Callable[[bytes], Mapping[str, str]]:
    """The headers of a request, by botocore's own signature."""
    given = os.environ
    credentials = Credentials(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"], given["AWS_SESSION_TOKEN"])
    auth = SigV4Auth(credentials, "dynamodb", given["AWS_REGION"])

    def headers(body: bytes) -> Mapping[str, str]:
        asked = AWSRequest("POST", endpoint + "/", data=body, headers={"X-Amz-Target": _TARGET, "Content-Type": _TYPE})
        auth.add_auth(asked)
        return dict(asked.headers.items())

    return headers
