"""`make bench-doc`: the tables of docs/performance.md, from the last `make bench` (`.bench/bench.json`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra.configuration.context import ROOT
from tests.bench.placed import placed
from tests.bench.steps import STEPPED

DOCUMENT = ROOT / "docs" / "performance.md"

Document = Mapping[str, Any]
_BY_RS256 = ("client_credentials", "authorizer, new token")  # others differ by the same signature


def targets(now: Document) -> Iterator[str]:
    """Return the aims and the results."""
    yield "| operation | round trips | CPU without transport | cold start | missed |"
    yield "| --- | --- | --- | --- | --- |"
    for each in now["targets"]:
        aim = each["aim"]
        missed = [name for name, value, most in _aimed(each) if value > most]
        start = f"{each['start']:.2f} of {aim['start']:.2f} × ({aim['yardstick']})" if aim["start"] else ""
        yield (
            f"| {aim['operation']} {aim['algorithm']} | {each['trips']} of {aim['trips']} "
            f"| {each['cpu']:.1f} of {aim['cpu']:.1f} × {aim['raw']} | {start} | {', '.join(missed)} |"
        )


def _aimed(target: Document) -> tuple[tuple[str, float, float], ...]:
    aim = target["aim"]
    return (
        ("round trips", target["trips"], aim["trips"]),
        ("CPU", target["cpu"], aim["cpu"]),
        ("cold start", target["start"], aim["start"]),
    )


def limits(now: Document) -> Iterator[str]:
    """The pieces by themselves."""
    yield from _costs("limit", now["raw"])


def transports(now: Document) -> Iterator[str]:
    """The ways to DynamoDB."""
    yield from _costs("a GetItem", now["transports"])


def _costs(title: str, costs: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    yield f"| {title} | µs |"
    yield "| --- | ---: |"
    for name, cost in costs.items():
        yield f"| {name} | {_cost(cost)} |"


def warm(now: Document) -> Iterator[str]:
    """Requests of a warm function."""
    yield "| warm request, µs | without transport | own client | boto3 | trips |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for each in now["operations"]:
        if each["algorithm"] == "RS256" and each["operation"] not in _BY_RS256:
            continue
        yield (
            f"| {each['operation']} {each['algorithm']} | {_median(each['logic'])} | {_median(each['own'])} "
            f"| {_median(each['boto3'])} | {len(each['counted']['calls'])} |"
        )


def features(now: Document) -> Iterator[str]:
    """Return the steps of requests with features that they do not use."""
    yield f"| function calls of a request | {' | '.join(STEPPED)} |"
    yield f"| --- |{' ---: |' * len(STEPPED)}"
    for name, found in now["features"].items():
        yield f"| {name} | {' | '.join(map(str, found))} |"


def cold(now: Document) -> Iterator[str]:
    """Starts of the functions, and the yardsticks."""
    yield "| cold start | import, ms | first response, ms | MB in memory | kB |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for each in now["starts"]:
        size = each["kilobytes"] or ""
        yield f"| {each['name']} | {each['imported']:.0f} | {each['answered']:.0f} | {each['memory']:.0f} | {size} |"


def imports(now: Document) -> Iterator[str]:
    """What the functions import that most requests start."""
    for name in ("token", "authorizer"):
        yield from (f"{name}:", "", "```text", *now["imports"][name], "```", "")


def _cost(cost: Mapping[str, float]) -> str:
    return f"{_median(cost)} ({_figure(cost, 'least')}–{_figure(cost, 'most')})"


def _median(cost: Mapping[str, float]) -> str:
    return _figure(cost, "median")


def _figure(cost: Mapping[str, float], name: str) -> str:
    return f"{cost[name]:.{1 if cost['median'] < 10 else 0}f}"


def tables(now: Document) -> dict[str, str]:
    """Return every table by its name."""
    parts = {
        "targets": targets(now),
        "limits": limits(now),
        "transports": transports(now),
        "warm": warm(now),
        "features": features(now),
        "cold": cold(now),
        "imports": imports(now),
    }
    return {name: "\n".join(lines).strip() for name, lines in parts.items()}


def main() -> None:
    """Write them."""
    now = json.loads((ROOT / ".bench" / "bench.json").read_text())
    DOCUMENT.write_text(placed(DOCUMENT.read_text(), tables(now), command="make bench-doc"))
    print("docs/performance.md")


if __name__ == "__main__":
    main()
