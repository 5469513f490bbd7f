"""`make cost`: the cost of each operation, from budgets.json and prices.toml, into docs/cost.md and docs/cost.svg."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatepost.clients.token_counts import WRITTEN_EVERY
from infra.configuration.context import ROOT
from infra.stack.function_table import FUNCTIONS
from tests.bench import memory
from tests.bench.bars import Bar, picture

_HERE = Path(__file__).parent
MONTHS = {"10 thousand": 10_000, "1 million": 1_000_000, "100 million": 100_000_000}
MILLION = 1_000_000
MONTH = 30 * 86400  # seconds
# Measured with 10,000 apps, 9,000 of them used on each of 30 days, and 87,000 audit entries: bytes of the items.
# Tokens of the 30 days before, with which the page compares, are as many.
OVERVIEW_READS = math.ceil((2 * 3_760_789 + 2_871_386) / 4096 / 2)  # eventually consistent
AUDIT_READS = math.ceil(19_210_485 / 4096)
_MEMORY = {spec.name: spec.memory / 1024 for spec in FUNCTIONS}
_SAID = {"password, without the hash": "password, with the hash"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """USD for a million of one operation."""

    operation: str
    reads: int
    writes: int
    gateway: float  # API Gateway, Lambda's requests, logs, traces
    tables: float
    compute: float

    @property
    def whole(self) -> float:
        """The sum."""
        return self.gateway + self.tables + self.compute


class Prices:
    """prices.toml."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Take the `document` of the file."""
        self.assumed: Mapping[str, float] = document["assumptions"]
        self.billed_ms: Mapping[str, float] = document["billed_ms"]
        self.cpu_ms: Mapping[str, float] = document["cpu_ms"]
        self._prices = document["prices"]

    def of(self, name: str) -> float:
        """USD for one."""
        return float(self._prices[name]["usd"] / self._prices[name]["per"])

    def sources(self) -> Iterator[str]:
        """Each price with its source."""
        for name, each in self._prices.items():
            yield f"| {name} | {each['usd']:g} | {each['per']:,} | {each['source']} |"


def read() -> tuple[Prices, Mapping[str, Any]]:
    """Prices and budgets."""
    return (
        Prices(tomllib.loads((_HERE / "prices.toml").read_text())),
        json.loads((_HERE / "budgets.json").read_text())["operations"],
    )


def bill(operation: str, budget: Mapping[str, Any], prices: Prices) -> Bill:
    """A million of an operation. API Gateway doesn't ask anything for an authorizer's request."""
    asks = operation.startswith("authorizer")
    kilobytes = prices.assumed["authorizer_log_kilobytes" if asks else "log_kilobytes"]
    gateway = prices.of("lambda_request") + kilobytes / 1e6 * prices.of("log_gigabyte")
    gateway += prices.assumed["traced"] * prices.of("trace") + (0 if asks else prices.of("api_request"))
    reads, writes = budget["read_units"], budget["write_units"]
    seconds = prices.billed_ms[operation] / 1000
    return Bill(
        operation=_SAID.get(operation, operation),
        reads=reads,
        writes=writes,
        gateway=gateway * MILLION,
        tables=(reads * prices.of("read_unit") + writes * prices.of("write_unit")) * MILLION,
        compute=seconds * _MEMORY[budget["function"]] * prices.of("lambda_gb_second") * MILLION,
    )


def month(tokens: int, of: Bill, prices: Prices) -> float:
    """USD a month for so many requests of one operation, evenly spread, with what an idle stage costs."""
    return prices.assumed["idle_month"] + of.whole * tokens / MILLION + first_traces(tokens, prices)


def first_traces(requests: int, prices: Prices) -> float:
    """USD for X-Ray's first trace of each second, beyond the part that is traced anyway.

    Requests that are evenly spread over a month are nearly all the first of their second, up to 2.6 million.
    """
    return min(requests, MONTH) * (1 - prices.assumed["traced"]) * prices.of("trace")


def secret_reads(containers: int, prices: Prices) -> float:
    """USD a month for the secrets of containers of the token function that stay warm all the time; it reads two."""
    return containers * 2 * MONTH / prices.assumed["secret_refresh"] * prices.of("secret_call")


def count_writes(pairs: int) -> float:
    """The most writes a month of tokens by app, by pairs of an app and a container that is warm all the time."""
    return pairs * MONTH / WRITTEN_EVERY


def requests(prices: Prices, budgets: Mapping[str, Any]) -> Mapping[str, memory.Work]:
    """The work of each function, by the mix of docs/scale.md."""
    given = tomllib.loads((_HERE / "scale" / "given.toml").read_text())
    return memory.works(prices, budgets, given["mix"])


def document(prices: Prices, bills: Mapping[str, Bill], found: Mapping[str, memory.Work]) -> str:
    """docs/cost.md."""
    lines = [
        "# What it costs",
        "",
        "Written by `make cost` from the prices and assumptions of `tests/bench/prices.toml` and the tested units of",
        "`tests/bench/budgets.json`. Prices are from public copies and articles of 2025 and 2026; nothing here was",
        "billed by AWS. Units are those of a warm request; besides, every container of the authorizer, userinfo,",
        "revocation and introspection polls the feed for one read unit or more: up to 17,280 a day.",
        "",
        "![USD for a million of each operation](cost.svg)",
        "",
        "## A million of each operation, USD",
        "",
        "| operation | requests, logs, traces | read units | write units | tables | compute | sum |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {each.operation} | {each.gateway:.2f} | {each.reads} | {each.writes} | {each.tables:.2f} "
        f"| {each.compute:.2f} | **{each.whole:.2f}** |"
        for each in bills.values()
    ]
    lines += ["", "## A month, USD, with what an idle stage costs", ""]
    lines += ["| tokens a month | client credentials | Cognito, machine tokens | refreshes | Cognito, users |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for name, tokens in MONTHS.items():
        machine, refreshed = bills["client_credentials"], bills["refresh"]
        users = tokens / prices.assumed["tokens_per_user"]
        lines.append(
            f"| {name} | {month(tokens, machine, prices):,.2f} | {tokens * prices.of('cognito_m2m_token'):,.2f} | "
            f"{month(tokens, refreshed, prices):,.2f} | {users * prices.of('cognito_user_month'):,.2f} |"
        )
    lines += [
        "",
        f"A user is counted for {prices.assumed['tokens_per_user']:g} tokens. Cognito's are list prices without free",
    ]
    lines += ["users and volume discounts; ours are without AWS's free tier.", ""]
    rare, warm = first_traces(MILLION, prices), secret_reads(100, prices)
    lines += [
        "**X-Ray records the first request of each second, and 5 % of the others.** The first table has the 5 %. A",
        f"million requests spread over a month are nearly all the first of their second: {rare:.2f} more for each",
        "function. The second table has that for one function. `tracing: false` turns it off.",
        "",
        f"**Each warm container reads its secrets again every {prices.assumed['secret_refresh']:g} s**: 100 of the",
        f"token function that are warm all month read two secrets each, for {warm:.2f}.",
        "",
    ]
    counting, look = count_writes(100) * prices.of("write_unit"), OVERVIEW_READS * prices.of("read_unit")
    lines += [
        "**Tokens are counted by app** by about a write per app, container and five minutes: at most",
        f"{count_writes(100):,.0f} a month for ten apps in ten containers, for {counting:.2f}. A look at the overview",
        f"of 10,000 apps reads {OVERVIEW_READS:,} units and writes one, {look * 1000:.2f} for a thousand looks. The",
        f"first also reads 30 days of the audit list, {AUDIT_READS * prices.of('read_unit'):.4f} for 87,000 entries.",
        "",
    ]
    lines += [
        "## Memory and processor",
        "",
        "Milliseconds of a warm request, and USD for the compute of a million of them with arm64; “x86” with the",
        "memory that is proposed. Computed, not billed: the CPU of `make bench` grows as the share of a core falls,",
        f"and a call takes {prices.assumed['trip_ms']:g} ms. Requests are weighed by the mix of [scale.md](scale.md).",
        "",
        "Proposed, and shipped, is the smallest memory from 512 MB with which a request takes at most half as long",
        "again as with a whole core; with less, the first request of a container would wait the longest.",
        "",
        *memory.section(prices, found),
        "",
        "Where passwords are hashed, more memory is hardly dearer, only faster. `token` has a few in the mix; without",
        "`grant_password` 512 MB would do. arm64 is cheaper as long as it takes less than 1.25 times the CPU of x86.",
        "Not computed: the pages for owners and administrators and `/consumer` (1,024 MB), and what rarely runs (512).",
        "",
    ]
    lines += ["## Prices", "", "| | USD | per | source |", "| --- | --- | --- | --- |"]
    lines += [*prices.sources(), ""]
    return "\n".join(lines)


def main() -> None:
    """Print the table, write both files."""
    prices, budgets = read()
    bills = {name: bill(name, budget, prices) for name, budget in budgets.items()}
    text = document(prices, bills, requests(prices, budgets))
    (ROOT / "docs" / "cost.md").write_text(text)
    bars = [Bar(b.operation, (b.gateway, b.tables, b.compute)) for b in bills.values()]
    svg = picture("USD for a million", ("requests, logs, traces", "tables", "compute"), bars)
    (ROOT / "docs" / "cost.svg").write_text(svg)
    print(text)


if __name__ == "__main__":
    main()
