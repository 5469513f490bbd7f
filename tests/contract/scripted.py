"""A DynamoDB that answers as a test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from gatepost.stores.dynamodb.tables import Tables
from gatepost.stores.tables import TABLES

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Scripted:
    """A client that answers its calls one after the other with `answers`, the last one for ever; errors are raised."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        def call(**request: Any) -> dict[str, Any]:
            self.calls.append((operation, request))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def tables(self) -> Tables:
        return Tables(cast("DynamoDBClient", self), {table.name: f"real-{table.name}" for table in TABLES})


def fault(code: str, **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "a-very-private-value"}, **more}
    return ClientError(response, "Operation")
