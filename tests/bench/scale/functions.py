"""Functions: their busy and idle environments, calls to Secrets Manager, and the cost of passwords."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatepost.routes import AUTHORIZE, INTROSPECT, REVOKE, TOKEN, Route
from infra.stack.function_table import FUNCTIONS
from tests.bench import cost
from tests.bench.scale.given import Given
from tests.bench.scale.touched import WRONG_PASSWORD

PASSWORD = "password, without the hash"
ROUTES: tuple[Route, ...] = (TOKEN, AUTHORIZE, INTROSPECT, REVOKE)
WATCHING = ("authorizer", "introspect", "revoke")  # what polls the feed
SPECS = {spec.name: spec for spec in FUNCTIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One function: requests a second, how many are at work on average, and the environments that there must be."""

    function: str
    requests: float
    busy: float
    environments: int
    ramp: float  # seconds until Lambda has started so many, from none


def loads(given: Given, rate: float) -> Sequence[Load]:
    """Every function of the mix."""
    prices, budgets = cost.read()
    requests: dict[str, float] = {}
    busy: dict[str, float] = {}
    for operation in given.mix:
        known = PASSWORD if operation == WRONG_PASSWORD else operation
        function = str(budgets[known]["function"])
        of = given.rate_of(operation, rate)
        requests[function] = requests.get(function, 0) + of
        busy[function] = busy.get(function, 0) + of * prices.billed_ms[known] / 1000
    return [_load(given, name, requests[name], busy[name]) for name in sorted(requests)]


def _load(given: Given, function: str, requests: float, busy: float) -> Load:
    environments = max(
        math.ceil(requests / given.limit("environment_requests")), enough(busy, given.assumed["busy_quantile"])
    )
    return Load(
        function=function,
        requests=requests,
        busy=busy,
        environments=environments,
        ramp=environments / given.limit("scale_up") * 10,
    )


def enough(busy: float, quantile: float) -> int:
    """Return the number that suffices for that part of the time, with `busy` on average and independent arrivals.

    The number at work is Poisson distributed, whatever the duration of a request (M/G/∞).
    """
    count, reached = 0, math.exp(-busy) if busy < 700 else 0.0
    if not reached:  # too many for the sum: the normal distribution is close enough
        return math.ceil(busy + 3.72 * math.sqrt(busy))
    term = reached
    while reached < quantile:
        count += 1
        term *= busy / count
        reached += term
    return max(1, count)


def watchers(found: Sequence[Load]) -> int:
    """Environments that poll the feed."""
    return sum(load.environments for load in found if load.function in WATCHING)


def first_secret_reads(found: Sequence[Load], given: Given) -> float:
    """Return GetSecretValue a second while a deployment restarts every environment, as fast as Lambda does."""
    a_second = given.limit("scale_up") / 10
    return sum(min(float(load.environments), a_second) * len(SPECS[load.function].reads_secrets) for load in found)


def hashing(given: Given, rate: float, bcrypt_cost: int) -> tuple[float, float, float]:
    """CPU seconds a second, seconds of one hash in the token function, and functions at work for hashing alone."""
    passwords = given.rate_of(PASSWORD, rate) + given.rate_of(WRONG_PASSWORD, rate)
    cpu = given.measured["bcrypt_12"] / 1000 * 2.0 ** (bcrypt_cost - 12)
    wall = cpu * max(1.0, given.limit("vcpu_memory") / SPECS["token"].memory)
    return passwords * cpu, wall, passwords * wall


def routes(given: Given, rate: float) -> Mapping[Route, float]:
    """Requests a second of each throttled route of the mix."""
    of = {load.function: load.requests for load in loads(given, rate)}
    return {route: of[route.function] for route in ROUTES}
