"""Warm handlers: the cost of a request by each of the three ways to the store."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from gatepost.authentication.passwords import password_matches
from tests.bench.cpu import Cost, cost
from tests.bench.deployed import Deployed, Handler
from tests.bench.items import Counted, Counting, Items
from tests.bench.operations import Operation, operations
from tests.bench.state import BCRYPT_COST, PASSWORD

ALGORITHMS = ("ES256", "RS256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One operation with one algorithm."""

    operation: str
    function: str
    algorithm: str
    counted: Counted
    logic: Cost  # without the store's transport and without the dictionary in its place
    own: Cost
    boto3: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """The machine-independent figures: the store's calls of a warm request, and of a first one."""

    counted: Counted
    cold_calls: Sequence[str]


class _Recording:
    """A Caller that keeps its requests."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self.requests: list[tuple[str, Mapping[str, Any]]] = []

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.requests.append((operation, request))
        return self._items.call(operation, request)


def exact(deployed: Deployed, operation: Operation, handler: Handler, endpoint: str) -> Exact:
    """Count a warm request. Raises AssertionError for an unexpected response."""
    counting = Counting(deployed.items)
    deployed.use(client="own", endpoint=endpoint, caller=counting)
    handler(operation.events[0], None)
    cold, counting.counted = counting.counted, Counted()
    answer = handler(operation.events[-1], None)
    good = answer.get("isAuthorized") or answer.get("statusCode") in {200, 201, 303}
    assert good, (operation.name, answer)
    return Exact(counted=counting.counted, cold_calls=tuple(cold.calls))


def measured(deployed: Deployed, handler: Handler, operation: Operation, endpoint: str, *, rounds: int) -> Measured:
    """Count a request and measure it by each way."""
    found = exact(deployed, operation, handler, endpoint)
    recording = _Recording(deployed.items)
    deployed.use(client="own", endpoint=endpoint, caller=recording)
    handler(operation.events[0], None)
    recording.requests.clear()
    handler(operation.events[-1], None)
    requests = tuple(recording.requests)
    beside = cost(lambda: [deployed.items.call(name, request) for name, request in requests], rounds=rounds)
    hashing = _hashing(deployed) if operation.name.startswith("password") else Cost(0, 0, 0)
    costs = {}
    for way, caller in (("logic", deployed.items), ("own", None), ("boto3", None)):
        deployed.use(client="boto3" if way == "boto3" else "own", endpoint=endpoint, caller=caller)
        costs[way] = cost(work(handler, operation), rounds=rounds).less(hashing)
    return Measured(
        operation=operation.name,
        function=operation.function,
        algorithm=deployed.algorithm if operation.signs else "",
        counted=found.counted,
        logic=costs["logic"].less(beside),
        own=costs["own"],
        boto3=costs["boto3"],
    )


def all_measured(endpoint_of: Mapping[str, tuple[Deployed, str]], *, rounds: int) -> Iterator[Measured]:
    """Measure every operation; those that neither sign nor verify only once."""
    for algorithm, (deployed, endpoint) in endpoint_of.items():
        for operation in operations(deployed):
            if operation.signs or algorithm == ALGORITHMS[0]:
                yield measured(deployed, deployed.handler(operation.function), operation, endpoint, rounds=rounds)


def signature_within(deployed: Deployed, endpoint: str, *, rounds: int) -> Cost:
    """Return the cost of client_credentials' signature in place, with caches full of other code and data."""
    operation = next(each for each in operations(deployed) if each.name == "client_credentials")
    handler = deployed.handler(operation.function)
    deployed.use(client="own", endpoint=endpoint, caller=deployed.items)
    signing = cost(work(handler, operation), rounds=rounds)
    with patch("gatepost.tokens.access_token.sign", return_value=bytes(64)):
        return signing.less(cost(work(handler, operation), rounds=rounds))


def work(handler: Handler, operation: Operation) -> Callable[[], object]:
    """A call of the handler with the next event."""
    if len(operation.events) == 1:
        event = operation.events[0]
        return lambda: handler(event, None)
    events = itertools.cycle(operation.events)
    return lambda: handler(next(events), None)


def _hashing(deployed: Deployed) -> Cost:
    return cost(lambda: password_matches(PASSWORD, deployed.hash, cost=BCRYPT_COST))
