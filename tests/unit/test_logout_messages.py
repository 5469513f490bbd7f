"""Messages about logouts as texts, and in a queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from gatepost.model.logout import LogoutNotice, Message, SessionEnd, message_in, written
from gatepost.stores.logout_queue import SQSLogoutQueue

MESSAGES: tuple[Message, ...] = (
    SessionEnd(user_id="alice-id", at=1_800_000_000.25),
    SessionEnd(user_id="alice-id", at=1, session_hash="s1", valid_from=7),
    LogoutNotice(user_id="alice-id", session_id="sid-1", client_id="c1"),
)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_read_as_it_was_written(message: Message) -> None:
    assert message_in(written(message)) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"end"',
        "{}",
        '{"kind":"other"}',
        '{"kind":["end"]}',
        '{"kind":"end"}',
        '{"kind":"notice","user_id":"u","session_id":"s","client_id":"c","more":1}',
    ],
)
def test_another_text_is_no_message(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        message_in(text)


def test_what_is_left_out_means_every_session_without_a_cutoff() -> None:
    text = '{"kind":"end","user_id":"alice-id","at":1,"session_hash":"","valid_from":0}'

    assert written(SessionEnd(user_id="alice-id", at=1)) == text


@dataclass
class Sqs:
    """A client of SQS, which keeps what it is called with."""

    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, request))
        return {}


@pytest.mark.parametrize(("delay", "sent"), [(0, {"DelaySeconds": 0}), (5, {"DelaySeconds": 5}), (None, {})])
def test_a_message_is_late_by_its_own_delay_or_else_by_that_of_the_queue(
    delay: int | None, sent: dict[str, int]
) -> None:
    sqs, message = Sqs(), MESSAGES[-1]

    SQSLogoutQueue(sqs, "https://sqs/slow").send(message, delay=delay)

    assert sqs.calls == [("SendMessage", {"QueueUrl": "https://sqs/slow", "MessageBody": written(message), **sent})]
