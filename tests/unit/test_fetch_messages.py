"""The function that fetches, seen by those that invoke it: its event, its result, and its failures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
from gatepost.runtime.fetching import FunctionFetcher

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
    with pytest.raises(FetchRefused) as refused:
        fetched_in(result_of(lambda: raising(FetchRefused("not public"))))
    assert refused.value.reason == "not public"
    with pytest.raises(FetchFailed) as failed:
        fetched_in(result_of(lambda: raising(FetchFailed("no connection"))))
    assert failed.value.reason == "no connection"


@pytest.mark.parametrize("result", [{}, {"outcome": "other"}, {"outcome": "fetched", "status": 200}])
def test_any_other_result_is_a_failure(result: dict[str, Any]) -> None:
    with pytest.raises(FetchFailed) as failed:
        fetched_in(result)
    assert failed.value.reason == "no result"


def test_a_fetcher_invokes_the_function() -> None:
    function = Function(result_of(lambda: FETCHED))

    assert FunctionFetcher(function, "arn:fetch:live").fetch(OUTBOUND) == FETCHED
    assert function.events == [("arn:fetch:live", event_of(OUTBOUND))]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Refusal("Unhandled", message="a secret"), "function fetch: Unhandled"),
        (Refusal("AccessDeniedException"), "function fetch: AccessDeniedException"),
        (NoAnswer("TimeoutError"), "function fetch: TimeoutError"),
    ],
)
def test_s231_a_function_that_fails_or_can_not_be_invoked_is_a_failure(error: Exception, reason: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        FunctionFetcher(Function(error), "arn").fetch(OUTBOUND)
    assert failed.value.reason == reason


def test_several_requests_go_through_json_unchanged() -> None:
    found = events_in(json.loads(json.dumps(event_of_each([OUTBOUND, OUTBOUND]))))

    assert [outbound_in(each) for each in found] == [OUTBOUND, OUTBOUND]
    assert len(events_in(event_of_each([OUTBOUND] * 10))) == MOST_AT_ONCE == 10


@pytest.mark.parametrize(
    "event",
    [
        *(
            None,
            [],
            "x",
            {},
            event_of(OUTBOUND),
            {"requests": {}},
            {"requests": None},
            {**event_of_each([OUTBOUND]), "more": 1},
        ),
        event_of_each([OUTBOUND] * (MOST_AT_ONCE + 1)),
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
