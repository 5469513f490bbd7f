"""Reads of the busiest app's item where containers keep an app for `app_cache_seconds`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.bench import cost
from tests.bench.scale.functions import PASSWORD, Load
from tests.bench.scale.given import Given
from tests.bench.scale.heat import Traffic
from tests.bench.scale.touched import WRONG_PASSWORD

_KEEPING = ("token", "introspect")


def app_reads(traffic: Traffic, given: Given, rate: int, loads: Sequence[Load], seconds: int) -> float:
    """Return the read units a second of the busiest app's item, on average.

    What a container keeps it reads once in `seconds`, or at each request if they are farther apart.
    """
    apps, skew = given.populations[rate]["apps"], given.assumed["app_skew"]
    share = 1 / sum(rank**-skew for rank in range(1, apps + 1))
    read, keepable = 0.0, Counter[str]()
    for operation in given.mix:
        requests = given.rate_of(operation, rate) * share
        for number, touch in enumerate(traffic[operation]):
            if (touch.table, touch.kind) != ("apps", "app"):
                continue
            if number == 0 and seconds and (function := _keeping(operation)):
                keepable[function] += requests * touch.units.read
            else:
                read += requests * touch.units.read
    environments = {load.function: load.environments for load in loads}
    return read + sum(min(units, environments[function] / seconds) for function, units in keepable.items())


def _keeping(operation: str) -> str:
    """Return the function that keeps the requesting app, which is its first read; "" if none does."""
    if operation in (PASSWORD, WRONG_PASSWORD):
        return ""
    function = str(cost.read()[1][operation]["function"])
    return function if function in _KEEPING else ""
