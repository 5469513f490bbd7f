"""A DynamoDB with scripted responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost.aws.errors import Refusal
from gatepost.stores.dynamodb.operations import Tables
from gatepost.stores.schema import TABLES


class Scripted:
    """A client that returns `answers` one after the other, the last one forever; errors are raised."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, dict(request)))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def tables(self) -> Tables:
        return Tables(self, {table.name: f"real-{table.name}" for table in TABLES})


def fault(code: str, **more: Any) -> Refusal:
    return Refusal(code, {"message": "a-very-private-value", **more})
