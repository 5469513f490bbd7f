"""Our own client on the cloud of `faulty_cloud`: signing, framing and retrying itself, over a faulty wire.

A fault of a call applies to each of the client's attempts, so that the same cases result as with boto3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from gatepost.aws.client import Client
from gatepost.aws.connection import Connection, Reply
from gatepost.aws.errors import NoAnswer
from gatepost.aws.sigv4 import RoleCredentials
from tests.contract.cloud import REGION
from tests.security.faults.cloud import Cloud
from tests.security.faults.kinds import Kind

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


class OwnClient(Client):
    """The client of one service of a cloud."""

    def __init__(self, cloud: Cloud, service: str, *, target: str, version: str) -> None:
        """Configure it as functions do, with dummy credentials and without pauses between its attempts."""
        super().__init__(
            service,
            target=target,
            version=version,
            environ={"AWS_REGION": REGION},
            credentials=lambda: RoleCredentials("AKIDEXAMPLE", "a secret", "a token"),
            sleep=lambda _: None,
        )
        self._cloud, self._service = cloud, service
        self._wire = Wire(cloud, service)

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """See Client; one call counts once, however often it is tried."""
        self._wire.begin(self._cloud.faults.struck_by(self._service, _snake(operation)))
        return super().call(operation, request)

    def _connection(self) -> Connection:
        return cast(Connection, self._wire)


class Wire:
    """A connection that passes the bytes of a request to the service and returns its response."""

    usable = False  # so that it is not kept

    def __init__(self, cloud: Cloud, service: str) -> None:
        """Nothing is struck."""
        self._service, self._cloud = service, cloud
        self._kind: Kind | None = None
        self._tries = 0

    def begin(self, kind: Kind | None) -> None:
        """A call begins, and fails so."""
        self._kind, self._tries = kind, 0

    def exchange(self, request: bytes) -> Reply:
        """See Connection."""
        self._tries += 1
        head, _, body = request.partition(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        assert int(lines["content-length"]) == len(body)
        assert lines["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
        asked = json.loads(body)
        try:
            answer = self._answer(_snake(lines["x-amz-target"].partition(".")[2]), asked)
        except ClientError as error:
            return _refusal(error)
        except BotoCoreError as error:
            raise NoAnswer(type(error).__name__) from None
        return Reply(200, {}, json.dumps(answer, default=str).encode())

    def close(self) -> None:
        """Nothing to do."""

    def _answer(self, operation: str, asked: dict[str, Any]) -> Any:
        kind, again = self._kind, self._tries > 1
        if kind is None or (kind.strike is None and again):
            return self._carried_out(operation, asked)
        if kind.strike is None or (kind.after and not again):
            self._carried_out(operation, asked)
        if kind.strike is None or (kind.after and again):
            raise NoAnswer("TimeoutError")  # the first took effect, and nothing of the others arrives
        if kind.after:
            return kind.strike(dict, asked)
        return kind.strike(lambda: self._carried_out(operation, asked), asked)

    def _carried_out(self, operation: str, asked: dict[str, Any]) -> Any:
        return getattr(self._cloud.carriers[self._service], operation)(**asked)


def _snake(operation: str) -> str:
    return _WORD.sub("_", operation).lower()


def _refusal(error: ClientError) -> Reply:
    told: dict[str, Any] = dict(error.response)
    fault = told.pop("Error")
    told.pop("ResponseMetadata", None)
    status = 500 if fault["Code"].startswith("Internal") else 400
    document = {"__type": f"com.amazonaws.example#{fault['Code']}", "message": fault.get("Message", ""), **told}
    return Reply(status, {}, json.dumps(document, default=str).encode())
