"""Messages between functions: a fetch with its event and its result, and logouts as texts in a queue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from gatepost.aws.errors import NoAnswer, Refusal
from gatepost.model.fetch_messages import (
    MOST_AT_ONCE,
    event_of,
    event_of_each,
    events_in,
    fetched_in,
    outbound_in,
    outcomes_in,
    result_of,
)
from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused, Outbound
from gatepost.model.logout import LogoutNotice, Message, SessionEnd, message_in, written
from gatepost.runtime.fetching import FunctionFetcher
from gatepost.stores.logout_queue import SQSLogoutQueue
from tests.raising import raised

OUTBOUND = Outbound(
    method="POST", url="https://app.example.com/out", body="a=ü", content_type="text/plain", accept=("a/b", "c/d"),
    most_bytes=5, seconds=2.5,
)  # fmt: skip
FETCHED = Fetched(status=200, content_type="a/b", cache_control="no-store", body="{}")


class Function:
    """Invokes nothing but remembers what for; `result` is returned, or raised."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.events: list[tuple[str, Mapping[str, Any]]] = []

    def invoke(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        self.events.append((function, event))
        if isinstance(self.result, Exception):
            raise self.result
        return dict(self.result)


def raising(error: Exception) -> Fetched:
    raise error


def test_a_request_goes_through_json_unchanged() -> None:
    for outbound in (OUTBOUND, Outbound(method="GET", url="https://app.example.com/")):
        assert outbound_in(json.loads(json.dumps(event_of(outbound)))) == outbound


NO_TEXTS: tuple[object, ...] = (None, 7, True, {}, ["a"])
NO_LISTS: tuple[object, ...] = (None, 7, "text", {"a": 1}, [7], [None], ["a", ["b"]])
NO_NUMBERS: tuple[object, ...] = (None, "5", True, [5], {})


def changed(name: str, values: Sequence[object]) -> list[object]:
    return [{**event_of(OUTBOUND), name: value} for value in values]


@pytest.mark.parametrize(
    "event",
    [
        *(None, [], "x", {}, {**event_of(OUTBOUND), "more": 1}),
        {name: value for name, value in event_of(OUTBOUND).items() if name != "seconds"},
        *(event for name in ("method", "url", "body", "content_type") for event in changed(name, NO_TEXTS)),
        *changed("accept", NO_LISTS),
        *(event for name in ("most_bytes", "seconds") for event in changed(name, NO_NUMBERS)),
        *changed("most_bytes", [5.5]),
    ],
)
def test_s231_any_other_event_is_refused(event: object) -> None:
    with pytest.raises(FetchRefused, match="the event"):
        outbound_in(event)


def test_what_became_of_a_request_goes_through_json() -> None:
    assert fetched_in(json.loads(json.dumps(result_of(lambda: FETCHED)))) == FETCHED
    refused = raised(FetchRefused, fetched_in, result_of(lambda: raising(FetchRefused("not public"))))
    assert refused.reason == "not public"
    failed = raised(FetchFailed, fetched_in, result_of(lambda: raising(FetchFailed("no connection"))))
    assert failed.reason == "no connection"


@pytest.mark.parametrize("result", [{}, {"outcome": "other"}, {"outcome": "fetched", "status": 200}])
def test_any_other_result_is_a_failure(result: dict[str, Any]) -> None:
    assert raised(FetchFailed, fetched_in, result).reason == "no result"


def test_s231_a_fetcher_invokes_the_function_and_one_that_fails_or_can_not_be_invoked_is_a_failure() -> None:
    function = Function(result_of(lambda: FETCHED))

    assert FunctionFetcher(function, "arn:fetch:live").fetch(OUTBOUND) == FETCHED
    assert function.events == [("arn:fetch:live", event_of(OUTBOUND))]
    for error in (Refusal("Unhandled", message="a secret"), NoAnswer("Unhandled")):
        failed = raised(FetchFailed, FunctionFetcher(Function(error), "arn").fetch, OUTBOUND)
        assert failed.reason == "function fetch: Unhandled"


def test_several_requests_go_through_json_unchanged() -> None:
    found = events_in(json.loads(json.dumps(event_of_each([OUTBOUND, OUTBOUND]))))

    assert [outbound_in(each) for each in found] == [OUTBOUND, OUTBOUND]
    assert len(events_in(event_of_each([OUTBOUND] * 10))) == MOST_AT_ONCE == 10


@pytest.mark.parametrize(
    "event",
    [
        *(None, [], "x", {}, event_of(OUTBOUND), {"requests": {}}, {"requests": None}),
        *({**event_of_each([OUTBOUND]), "more": 1}, event_of_each([OUTBOUND] * (MOST_AT_ONCE + 1))),
    ],
)
def test_another_event_asks_for_several_requests_by_no_means(event: object) -> None:
    assert events_in(event) == []


def test_a_fetcher_sends_several_requests_by_one_invocation() -> None:
    refused = result_of(lambda: raising(FetchRefused("a reason")))
    failed = result_of(lambda: raising(FetchFailed("a reason")))
    function = Function({"results": [result_of(lambda: FETCHED), refused, failed]})

    first, second, third = FunctionFetcher(function, "arn:fetch:live").fetch_each([OUTBOUND] * 3)

    assert function.events == [("arn:fetch:live", event_of_each([OUTBOUND] * 3))]
    assert first == FETCHED
    assert isinstance(second, FetchRefused)
    assert isinstance(third, FetchFailed)
    assert (second.reason, third.reason, third.here) == ("a reason", "a reason", False)


@pytest.mark.parametrize("result", [{}, {"results": {}}, {"results": []}, result_of(lambda: FETCHED)])
def test_none_of_several_requests_was_sent_if_the_result_does_not_say_it(result: dict[str, Any]) -> None:
    found = [each for each in outcomes_in(result, 2) if isinstance(each, FetchFailed) and each.here]
    assert [each.reason for each in found] == ["no result"] * 2


def test_a_function_that_can_not_be_invoked_is_no_failure_of_the_other_side() -> None:
    fetcher = FunctionFetcher(Function(Refusal("TooManyRequestsException")), "arn")

    (found,) = fetcher.fetch_each([OUTBOUND])

    assert isinstance(found, FetchFailed)
    assert (found.reason, found.here) == ("function fetch: TooManyRequestsException", True)


MESSAGES: tuple[Message, ...] = (
    SessionEnd(user_id="alice-id", at=1_800_000_000.25),
    SessionEnd(user_id="alice-id", at=1, session_hash="s1", valid_from=7),
    LogoutNotice(user_id="alice-id", session_id="sid-1", client_id="c1"),
)


def test_a_message_is_read_as_it_was_written() -> None:
    for message in MESSAGES:
        assert message_in(written(message)) == message
    text = '{"kind":"end","user_id":"alice-id","at":1,"session_hash":"","valid_from":0}'
    assert written(SessionEnd(user_id="alice-id", at=1)) == text  # every session, without a cutoff


@pytest.mark.parametrize(
    "text",
    [
        *("", "null", "[]", '"end"', "{}", '{"kind":"other"}', '{"kind":["end"]}', '{"kind":"end"}'),
        '{"kind":"notice","user_id":"u","session_id":"s","client_id":"c","more":1}',
    ],
)
def test_another_text_is_no_message(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        message_in(text)


@dataclass
class Sqs:
    """A client of SQS, which keeps what it is called with."""

    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, request))
        return {}


@pytest.mark.parametrize(("delay", "sent"), [(0, {"DelaySeconds": 0}), (5, {"DelaySeconds": 5}), (None, {})])
def test_a_message_is_late_by_its_own_delay_or_the_queues(delay: int | None, sent: dict[str, int]) -> None:
    sqs, message = Sqs(), MESSAGES[-1]

    SQSLogoutQueue(sqs, "https://sqs/slow").send(message, delay=delay)

    assert sqs.calls == [("SendMessage", {"QueueUrl": "https://sqs/slow", "MessageBody": written(message), **sent})]
