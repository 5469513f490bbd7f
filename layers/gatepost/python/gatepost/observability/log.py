"""The log: one line of JSON per event, which CloudWatch also reads as metrics.

A line holds `message` (the event's name), `level`, `timestamp`, `service` and the facts: ids and names, never secrets.
If `metrics` has a rule for the event, the line is also in CloudWatch's embedded metric format. `GATEPOST_LOG_SERVICE`
names the service, `GATEPOST_LOG_LEVEL` the lowest level that is written, and `GATEPOST_METRICS=off` disables the
metrics.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from functools import cache, lru_cache

from gatepost.compact_json import writer
from gatepost.observability.metrics import UNITS, measured

NAMESPACE = "Gatepost"
DIMENSION = "service"  # the only one: no id, name or address ever becomes a dimension
SERVICE, LEVEL, METRICS = "GATEPOST_LOG_SERVICE", "GATEPOST_LOG_LEVEL", "GATEPOST_METRICS"
OFF = "off"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_QUIET = _LEVELS.index("CRITICAL")
_written = writer(default=str)


def note(event: str, facts: Mapping[str, object], *, failed: bool = False, always: bool = False) -> None:
    """Log an event, with its metrics if it has any. `failed` makes it an error.

    `always` writes it whatever the lowest level is, but for CRITICAL, which keeps commands quiet.
    """
    service, least, counting = environment()
    values = measured(event, facts) if counting else None
    level = "ERROR" if failed else "INFO"
    now = time.time()
    line: dict[str, object] = {"message": event, "level": level, "timestamp": _timestamp(now), DIMENSION: service}
    if _LEVELS.index(level) >= least or (always and least < _QUIET):
        line = {**line, **facts, **line}  # in this order, so that no fact replaces a standard member
        if trace := os.environ.get("_X_AMZN_TRACE_ID"):
            line["xray_trace_id"] = trace.partition(";")[0].removeprefix("Root=")
    elif not values:
        return
    if values:
        line |= values
        line["_aws"] = _directive(values, now)
    sys.stdout.write(_written(line) + "\n")
    sys.stdout.flush()


@cache
def environment() -> tuple[str, int, bool]:
    """Return the service, the index of the lowest level, and whether metrics are on; read once per container."""
    level = os.environ.get(LEVEL, "").upper()
    least = _LEVELS.index(level) if level in _LEVELS else _LEVELS.index("INFO")
    return os.environ.get(SERVICE, "gatepost"), least, os.environ.get(METRICS) != OFF


def _timestamp(now: float) -> str:
    return f"{_second(int(now))}.{int(now % 1 * 1000):03d}Z"


@lru_cache(maxsize=1)
def _second(now: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))


def _directive(values: Mapping[str, float], now: float) -> dict[str, object]:
    """Return CloudWatch's metric directive (Embedded metric format specification)."""
    metrics = [{"Name": name, "Unit": UNITS[name]} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    return {"Timestamp": int(now * 1000), "CloudWatchMetrics": [directive]}
