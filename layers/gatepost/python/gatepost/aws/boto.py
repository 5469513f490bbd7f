"""Calls to AWS on boto3: for deployments that choose it, for operators' tools and for tests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.invoking import LONGEST_CALL

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def boto_client(service: str, region: str | None) -> BotoClient:
    """Return a client for a function. A request must not hang: three short attempts within the function's timeout."""
    config = Config(
        connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}, tcp_keepalive=True
    )
    client = boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]
    return BotoClient(client)


def boto_invoker() -> BotoInvoker:
    """Return a client that invokes functions, without a second attempt: a function may have run."""
    config = Config(connect_timeout=1, read_timeout=LONGEST_CALL, retries={"total_max_attempts": 1}, tcp_keepalive=True)
    return BotoInvoker(BotoClient(boto3.client("lambda", config=config)))


class BotoClient:
    """Implements caller.Caller."""

    def __init__(self, client: Any) -> None:
        """Take a boto3 client, with its own retries."""
        self._client = client

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call the client's method for the operation."""
        try:
            answer: dict[str, Any] = getattr(self._client, _WORD.sub("_", operation).lower())(**request)
        except ClientError as error:
            said = error.response.get("Error", {})
            raise Refusal(said.get("Code", ""), error.response, message=said.get("Message", "")) from None
        except BotoCoreError as error:
            raise NoAnswer(type(error).__name__) from None
        return answer


class BotoInvoker:
    """Implements services.Invoker."""

    def __init__(self, client: BotoClient) -> None:
        """Take a client of Lambda."""
        self._client = client

    def invoke(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """See services.Invoker."""
        answer = self._client.call("Invoke", {"FunctionName": function, "Payload": json.dumps(event)})
        with closing(answer["Payload"]) as payload:  # unread, it would keep its connection
            if failure := answer.get("FunctionError"):
                raise Refusal(str(failure))
            try:
                result = json.loads(payload.read())
            except (BotoCoreError, OSError, ValueError) as error:
                raise NoAnswer(type(error).__name__) from None
        if not isinstance(result, dict):
            raise NoAnswer("NotJSON")
        return result
