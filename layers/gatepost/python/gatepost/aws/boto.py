"""The same over boto3: where a deployment asks for it, and for operators' tools and tests."""

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
    """A client in a function. A request must not hang: three short tries within the function's time."""
    config = Config(
        connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}, tcp_keepalive=True
    )
    client = boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]
    return BotoClient(client)


class BotoClient:
    """See services.Caller."""

    def __init__(self, client: Any) -> None:
        """`client` is a boto3 client, with its own retries."""
        self._client = client

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call the method of the operation's name."""
        try:
            answer: dict[str, Any] = getattr(self._client, _WORD.sub("_", operation).lower())(**request)
        except ClientError as error:
            said = error.response.get("Error", {})
            raise Refusal(said.get("Code", ""), error.response, message=said.get("Message", "")) from None
        except BotoCoreError as error:
            raise NoAnswer(type(error).__name__) from None
        return answer
