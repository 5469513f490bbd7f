"""Calls to AWS on boto3: for deployments that choose it, for operators' tools and for tests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from gatepost.aws.errors import NoAnswer, Refusal

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def boto_client(service: str, region: str | None) -> BotoClient:
    """Return a client for a function. A request must not hang: three short attempts within the function's timeout."""
    config = Config(
        connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}, tcp_keepalive=True
    )
    client = boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]
    return BotoClient(client)


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
