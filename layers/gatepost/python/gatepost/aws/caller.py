"""The port of AWS clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gatepost.identifiers import random_text


class Caller(Protocol):
    """A client that calls operations of a service: `client.Client` or `boto.BotoClient`."""

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the response as the service's JSON. Raises Refusal and NoAnswer."""


def idempotency_token() -> str:
    """Return a value for `ClientRequestToken`: requests repeated with the same one take effect once."""
    return random_text(16)
