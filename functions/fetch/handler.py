"""Requests to URLs that people gave. Its role reaches nothing, so neither does a URL that slips through the checks."""

import os
import time
from functools import cache
from typing import Any

from gatepost.http.entry_point import quietly
from gatepost.http.guarded_fetch import GuardedFetch
from gatepost.http.outbound_url import host_of
from gatepost.model.fetch_messages import RESULTS, events_in, outbound_in, result_of
from gatepost.observability.log import note
from gatepost.resource import is_loopback
from gatepost.runtime.environment import settings

_OF_LAMBDA = "AWS_LAMBDA_RUNTIME_API"  # the variable with an address on loopback, which has to stay out of reach


@cache
def guarded() -> GuardedFetch:
    """Return the fetch of this container; only a server on loopback fetches from there, and none in AWS."""
    return GuardedFetch(local=is_loopback(settings().issuer) and _OF_LAMBDA not in os.environ)


@quietly
def handler(event: object, context: object) -> dict[str, Any]:
    """Send one request, or several at the same time; return each response, or why there is none."""
    events = events_in(event)
    if not events:
        return _result(event)
    guarded()
    from concurrent.futures import ThreadPoolExecutor  # for several requests alone

    with ThreadPoolExecutor(len(events)) as pool:
        return {RESULTS: list(pool.map(_result, events))}


def _result(event: object) -> dict[str, Any]:
    began, url = time.perf_counter(), event.get("url") if isinstance(event, dict) else None
    result = result_of(lambda: guarded().fetch(outbound_in(event)))
    facts: dict[str, object] = {name: result[name] for name in ("outcome", "reason", "status") if name in result}
    note("fetch.answered", {"host": host_of(url), **facts, "ms": round((time.perf_counter() - began) * 1000, 1)})
    return result
