"""docs/cost.md agrees with the prices and the budgets; docs/performance.md has a place for each table of the bench."""

from __future__ import annotations

import pytest

from gatepost_cdk import decider
from infra.configuration.context import ROOT
from tests.bench.cost import bill, count_writes, document, first_traces, month, read, requests, secret_reads
from tests.bench.document import DOCUMENT
from tests.bench.memory import Work, shipped
from tests.bench.placed import placed

PRICES, BUDGETS = read()


def test_docs_cost_is_what_make_cost_writes() -> None:
    bills = {name: bill(name, budget, PRICES) for name, budget in BUDGETS.items()}
    assert (ROOT / "docs" / "cost.md").read_text() == document(PRICES, bills, requests(PRICES, BUDGETS))


def test_a_million_machine_tokens_are_a_read_unit_each_and_25_ms_of_a_gigabyte() -> None:
    found = bill("client_credentials", BUDGETS["client_credentials"], PRICES)
    # 1.00 + 0.20 + 1.30 kB × 0.50 a GB + 5 % of 5.00; 0.125; 25 ms × 1 GB × 13.3334
    assert found.gateway == pytest.approx(2.1)
    assert found.tables == pytest.approx(0.125)
    assert found.compute == pytest.approx(0.333335)
    # the first trace of each of 2,592,000 seconds, beyond its 5 %
    assert month(10_000_000, found, PRICES) == pytest.approx(14.10 + 25.58335 + 12.312)


def test_the_memory_of_each_function_is_the_proposed_one() -> None:
    found = requests(PRICES, BUDGETS)
    assert {function: shipped(function) for function in found} == {
        function: {work.proposed(PRICES)} for function, work in found.items()
    }
    assert shipped("authorizer") == {decider.MEMORY}  # of the construct for other stacks
    assert found["revoke"].trips == 2
    # 1 ms of a whole core and 0.5 for Lambda are 5.2 ms of 512 / 1769, and two trips: 16 ms of half a gigabyte
    assert Work(cpu=1, trips=2).usd(512, PRICES) == pytest.approx(0.5 * 16 / 1000 * 13.3334)
    assert [Work(cpu=cpu, trips=2).proposed(PRICES) for cpu in (0.1, 1, 5, 99)] == [512, 512, 1024, 1769]


def test_what_comes_once_a_second_a_container_or_a_pair_of_app_and_container() -> None:
    assert first_traces(1_000_000, PRICES) == pytest.approx(4.75)
    assert first_traces(100_000_000, PRICES) == pytest.approx(12.312)
    assert secret_reads(100, PRICES) == pytest.approx(8.64)
    assert count_writes(100) == 864_000


def test_every_table_of_the_bench_has_its_place_in_the_document() -> None:
    parts = dict.fromkeys(("targets", "limits", "transports", "warm", "cold"), "a table")

    assert placed(DOCUMENT.read_text(), parts, command="make bench-doc").count("a table") == 5
