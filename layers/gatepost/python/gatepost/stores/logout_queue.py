"""Queues of logouts on Amazon SQS."""

from __future__ import annotations

from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.aws.services import Caller
from gatepost.errors import TemporarilyUnavailable
from gatepost.model.logout import Message, written


class SQSLogoutQueue:
    """Implements ports.LogoutQueue."""

    def __init__(self, client: Caller, url: str) -> None:
        """Take the URL of the queue."""
        self._client = client
        self._url = url

    def send(self, message: Message, *, delay: int | None = 0) -> None:
        """One call."""
        request: dict[str, object] = {"QueueUrl": self._url, "MessageBody": written(message)}
        if delay is not None:
            request["DelaySeconds"] = delay
        try:
            self._client.call("SendMessage", request)
        except (Refusal, NoAnswer) as error:
            raise TemporarilyUnavailable("try again", reason=f"SQS: {error}") from None
