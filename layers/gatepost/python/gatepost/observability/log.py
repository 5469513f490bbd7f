"""The log: one line of JSON for each event, which CloudWatch reads as metrics too where the event counts.

A line holds `message` (the event's name), `level`, `timestamp`, `service` and the facts: ids and names, never secrets.
Where `metrics` has a rule for the event, the line is in CloudWatch's embedded metric format as well.
`GATEPOST_LOG_SERVICE` names the service, `GATEPOST_LOG_LEVEL` the least level that is written, and
`GATEPOST_METRICS=off` leaves the metrics out.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from functools import cache

from gatepost.observability.metrics import UNITS, measured

NAMESPACE = "Gatepost"
DIMENSION = "service"  # the only one: no id, name or address ever becomes a dimension
SERVICE, LEVEL, METRICS = "GATEPOST_LOG_SERVICE", "GATEPOST_LOG_LEVEL", "GATEPOST_METRICS"
OFF = "off"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_written = json.JSONEncoder(separators=(",", ":"), default=str).encode


def note(event: str, facts: Mapping[str, object], *, failed: bool = False) -> None:
    """Say in the log what happened, and count what is counted. `failed` makes it an error."""
    service, least, counting = environment()
    values = measured(event, facts) if counting else None
    level = "ERROR" if failed else "INFO"
    now = time.time()
    line: dict[str, object] = {"message": event, "level": level, "timestamp": _timestamp(now), DIMENSION: service}
    if _LEVELS.index(level) >= least:
        line = {**line, **facts, **line}  # in this order, and no fact in the place of what is said of all
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
    """The service, the place of the least level that is written, and whether metrics are: read once a container."""
    level = os.environ.get(LEVEL, "").upper()
    least = _LEVELS.index(level) if level in _LEVELS else _LEVELS.index("INFO")
    return os.environ.get(SERVICE, "gatepost"), least, os.environ.get(METRICS) != OFF


def _timestamp(now: float) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03d}Z"


def _directive(values: Mapping[str, float], now: float) -> dict[str, object]:
    """What CloudWatch is to count (Embedded metric format specification)."""
    metrics = [{"Name": name, "Unit": UNITS[name]} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics}
    return {"Timestamp": int(now * 1000), "CloudWatchMetrics": [directive]}
