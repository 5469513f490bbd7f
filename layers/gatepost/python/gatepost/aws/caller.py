"""What the stores ask of a client for AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gatepost.identifiers import random_text


class Caller(Protocol):
    """Something that calls an operation of a service: `client.Client`, or `boto.BotoClient`."""

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer, as the service's JSON has it. Raises Refusal and NoAnswer."""


def idempotency_token() -> str:
    """For `ClientRequestToken`: a call that is repeated with the same one takes effect once."""
    return random_text(16)
