"""Invokes functions: the one operation of Lambda's REST API that the functions need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from gatepost.aws.client import Client, document_in
from gatepost.aws.connection import Reply
from gatepost.aws.errors import NoAnswer, Refusal

LONGEST_CALL = 12.0  # seconds: the timeout of the invoked function, and its start


class LambdaClient(Client):
    """Implements services.Invoker: Invoke of type RequestResponse, sent again only if Lambda refused it."""

    _repeats = False  # the function may have run

    def __init__(self, **parts: Any) -> None:
        """Take what a Client takes besides its service."""
        super().__init__("lambda", target="", version="1.1", **{"read_seconds": LONGEST_CALL, **parts})

    def invoke(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """See services.Invoker. `function` is a name or an ARN."""
        return self.call(function, event)

    def _address_of(self, operation: str) -> tuple[str, str]:
        return f"/2015-03-31/functions/{quote(operation, safe='')}/invocations", ""

    def _answer(self, reply: Reply) -> dict[str, Any]:
        if failure := reply.headers.get("x-amz-function-error"):
            raise Refusal(failure)  # the body may quote the event
        return document_in(reply)

    def _refusal(self, reply: Reply) -> Refusal:
        """Return the error as botocore reads it from a REST API: its code is in a header."""
        code = reply.headers.get("x-amzn-errortype", "").partition(":")[0]
        try:
            said = document_in(reply)
        except NoAnswer:
            said = {}
        return Refusal(code or str(reply.status), message=said.get("message", said.get("Message", "")))
