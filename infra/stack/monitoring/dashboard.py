"""The dashboard: the series of each alarm, and the traffic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from infra.configuration.context import Configuration
from infra.stack.monitoring.alarms import AlarmSpec, Series

_WIDTH, _HEIGHT = 8, 6
_A_ROW = 24 // _WIDTH


def dashboard_body(
    specs: Iterable[AlarmSpec],
    configuration: Configuration,
    *,
    api_id: str,
    functions: Mapping[str, str],
    region: str,
) -> dict[str, Any]:
    """Return a widget for each alarm, with its threshold; traffic, client errors and latency first."""
    api = {"ApiId": api_id, "Stage": "$default"}
    traffic = [
        _series(f"r{n}", "AWS/ApiGateway", metric, api, statistic)
        for n, (metric, statistic) in enumerate((("Count", "Sum"), ("4xx", "Sum"), ("5xx", "Sum")))
    ]
    latency = [
        _series(f"l{n}", "AWS/ApiGateway", "Latency", api, statistic)
        for n, statistic in enumerate(("p50", "p95", "p99"))
    ]
    concurrency = [
        _series(f"c{n}", "AWS/Lambda", "ConcurrentExecutions", {"FunctionName": functions[name]}, "Maximum")
        for n, name in enumerate(("token", "authorizer", "authorize", "console"))
    ]
    widgets = [
        _widget("Requests and refusals", map(_line, traffic), region),
        _widget("Latency (ms)", map(_line, latency), region),
        _widget("Concurrency of the busiest functions", map(_line, concurrency), region),
        *(_alarm_widget(spec, region) for spec in specs),
    ]
    placed = [
        {**widget, "x": n % _A_ROW * _WIDTH, "y": n // _A_ROW * _HEIGHT, "width": _WIDTH, "height": _HEIGHT}
        for n, widget in enumerate(widgets)
    ]
    return {"periodOverride": "inherit", "widgets": placed}


def _series(id_: str, namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str) -> Series:
    return Series(id=id_, namespace=namespace, metric=metric, dimensions=dimensions, statistic=statistic)


def _alarm_widget(spec: AlarmSpec, region: str) -> dict[str, Any]:
    title = spec.name + (f" {spec.part}" if spec.part else "")
    rule = [{"expression": spec.expression, "id": "e", "label": "watched", "yAxis": "right"}]
    widget = _widget(title, [*map(_line, spec.series), rule], region)
    widget["properties"]["annotations"] = {
        "horizontal": [{"value": spec.threshold, "label": "alarm", "yAxis": "right"}]
    }
    return widget


def _widget(title: str, lines: Iterable[list[Any]], region: str) -> dict[str, Any]:
    properties = {"title": title, "view": "timeSeries", "region": region, "metrics": list(lines), "period": 300}
    return {"type": "metric", "properties": properties}


def _line(series: Series) -> list[Any]:
    dimensions = [part for pair in series.dimensions.items() for part in pair]
    options = {"id": series.id, "stat": series.statistic, "period": series.period}
    return [series.namespace, series.metric, *dimensions, options]
