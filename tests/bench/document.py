"""`make bench-doc`: the tables of docs/performance.md and docs/exchange.svg, from the last `make bench`.

Its input is `.bench/bench.json`. `before.json` beside this file is that of an earlier version, reduced to the data of
the picture; both are from one machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra.configuration.context import ROOT
from tests.bench.bars import Bar, picture
from tests.bench.placed import placed

OPERATION, ALGORITHM, SIGN = "code exchange with PKCE", "ES256", "ES256 sign"
LEGEND = ("one ES256 signature", "the rest of ours", "calls to DynamoDB")
_BEFORE = Path(__file__).parent / "before.json"
_DOCUMENT = ROOT / "docs" / "performance.md"

Document = Mapping[str, Any]


def bar(name: str, document: Document, way: str) -> Bar:
    """The CPU of the exchange in µs by one way to the store, "own" or "boto3"."""
    found = next(
        each for each in document["operations"] if (each["operation"], each["algorithm"]) == (OPERATION, ALGORITHM)
    )
    signature, logic, whole = document["raw"][SIGN]["median"], found["logic"]["median"], found[way]["median"]
    return Bar(name, (signature, logic - signature, whole - logic))


def bars(before: Document, now: Document) -> list[Bar]:
    """The rows of the picture."""
    return [
        bar("before, boto3", before, "boto3"),
        bar("before, own client", before, "own"),
        bar("now, boto3", now, "boto3"),
        bar("now", now, "own"),
    ]


def targets(now: Document) -> Iterator[str]:
    """Return the aims and the results."""
    yield "| operation | round trips | CPU without transport | cold start | missed |"
    yield "| --- | --- | --- | --- | --- |"
    for each in now["targets"]:
        aim = each["aim"]
        missed = [name for name, value, most in _aimed(each) if most and value > most]
        start = f"{each['start']:.2f} of {aim['start']:.2f} × ({aim['yardstick']})" if aim["start"] else ""
        yield (
            f"| {aim['operation']} {aim['algorithm']} | {each['trips']} of {aim['trips']} "
            f"| {each['cpu']:.1f} of {aim['cpu']:.1f} × {aim['raw']} | {start} | {', '.join(missed)} |"
        )


def _aimed(target: Document) -> tuple[tuple[str, float, float], ...]:
    aim = target["aim"]
    return ("CPU", target["cpu"], aim["cpu"]), ("cold start", target["start"], aim["start"])


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
    yield "| warm request, µs | without transport | own client | boto3 | trips | units read | units written | bytes |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for each in now["operations"]:
        counted = each["counted"]
        yield (
            f"| {each['operation']} {each['algorithm']} | {_cost(each['logic'])} | {_cost(each['own'])} "
            f"| {_cost(each['boto3'])} | {len(counted['calls'])} | {counted['units']['read']} "
            f"| {counted['units']['write']} | {counted['sent'] + counted['received']} |"
        )


def cold(now: Document) -> Iterator[str]:
    """Starts of the functions, and the yardsticks."""
    yield "| cold start | import, ms | first answer, ms | MB in memory | kB | kB zipped |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for each in now["starts"]:
        sizes = f"{each['kilobytes'] or ''} | {each['zipped'] or ''}"
        yield (f"| {each['name']} | {each['imported']:.0f} | {each['answered']:.0f} | {each['memory']:.0f} | {sizes} |")


def exchange(drawn: list[Bar]) -> Iterator[str]:
    """The figures of the picture."""
    yield f"| µs | {' | '.join(LEGEND)} | together |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for each in drawn:
        yield f"| {each.name} | {' | '.join(f'{part:.0f}' for part in each.parts)} | {sum(each.parts):.0f} |"


def _cost(cost: Mapping[str, float]) -> str:
    precision = 1 if cost["median"] < 10 else 0
    return f"{cost['median']:.{precision}f} ({cost['least']:.{precision}f}–{cost['most']:.{precision}f})"


def main() -> None:
    """Write both."""
    before = json.loads(_BEFORE.read_text())
    now = json.loads((ROOT / ".bench" / "bench.json").read_text())
    drawn = bars(before, now)
    parts = {
        "targets": targets(now),
        "limits": limits(now),
        "transports": transports(now),
        "warm": warm(now),
        "cold": cold(now),
        "exchange": exchange(drawn),
    }
    tables = {name: "\n".join(lines) for name, lines in parts.items()}
    _DOCUMENT.write_text(placed(_DOCUMENT.read_text(), tables, command="make bench-doc"))
    title = "CPU of one code exchange with PKCE, in µs"
    (ROOT / "docs" / "exchange.svg").write_text(picture(title, LEGEND, drawn, decimals=0))
    print("docs/performance.md, docs/exchange.svg")


if __name__ == "__main__":
    main()
