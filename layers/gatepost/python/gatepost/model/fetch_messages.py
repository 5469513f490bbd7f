"""The event and the result of the function `fetch`, as JSON has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused, Outbound, Outcome

OUTCOME, REASON = "outcome", "reason"
REQUESTS, RESULTS = "requests", "results"
MOST_AT_ONCE = 10
FETCHED, REFUSED, FAILED = "fetched", "refused", "failed"


def event_of(outbound: Outbound) -> dict[str, Any]:
    """Return the event that asks for a request."""
    return {**outbound._asdict(), "accept": list(outbound.accept)}


def event_of_each(outbounds: Sequence[Outbound]) -> dict[str, Any]:
    """Return the event that asks for several requests at the same time."""
    return {REQUESTS: [event_of(each) for each in outbounds]}


def events_in(event: object) -> list[object]:
    """Return the events of an event that asks for several requests, at most `MOST_AT_ONCE`; none for any other."""
    found = event.get(REQUESTS) if isinstance(event, dict) and len(event) == 1 else None
    return found if isinstance(found, list) and len(found) <= MOST_AT_ONCE else []


def outbound_in(event: object) -> Outbound:
    """Return the request that an event asks for. Raises FetchRefused if it is none, whatever else it says."""
    if not isinstance(event, dict) or set(event) != set(Outbound._fields):
        raise FetchRefused("the event has other members")
    accept, numbers = event["accept"], (event["most_bytes"], event["seconds"])
    texts = [event["method"], event["url"], event["body"], event["content_type"]]
    texts += accept if isinstance(accept, list) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise FetchRefused("the event has a member that is no text")
    if type(numbers[0]) is not int or type(numbers[1]) not in (int, float):
        raise FetchRefused("the event has a member that is no number")
    return Outbound(**{**event, "accept": tuple(accept)})


def result_of(fetch: Callable[[], Fetched]) -> dict[str, Any]:
    """Return what became of a request as the function's result."""
    try:
        return {OUTCOME: FETCHED, **fetch()._asdict()}
    except FetchRefused as refused:
        return {OUTCOME: REFUSED, REASON: refused.reason}
    except FetchFailed as failed:
        return {OUTCOME: FAILED, REASON: failed.reason}


def fetched_in(result: Mapping[str, Any]) -> Fetched:
    """Return the response that a result holds. Raises as the fetch did, and FetchFailed for any other result."""
    outcome = result.get(OUTCOME)
    if outcome == REFUSED:
        raise FetchRefused(str(result.get(REASON, "")))
    if outcome != FETCHED:
        raise FetchFailed(str(result.get(REASON, "no result")))
    try:
        return Fetched(**{name: result[name] for name in Fetched._fields})
    except KeyError:
        raise FetchFailed("no result") from None


def outcomes_in(result: Mapping[str, Any], count: int) -> list[Outcome]:
    """Return what became of each of `count` requests; if the result does not say it, none was sent."""
    results = result.get(RESULTS)
    if not isinstance(results, list) or len(results) != count:
        return [FetchFailed("no result", here=True)] * count
    return [_outcome(each) for each in results]


def _outcome(result: Mapping[str, Any]) -> Outcome:
    try:
        return fetched_in(result)
    except (FetchRefused, FetchFailed) as error:
        return error
