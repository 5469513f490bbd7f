"""The documents agree with the prices and the budgets."""

from __future__ import annotations

import pytest

from infra.configuration.context import ROOT
from tests.bench.cost import bill, count_writes, document, first_traces, month, read, secret_reads

PRICES, BUDGETS = read()


def test_docs_cost_is_what_make_cost_writes() -> None:
    bills = {name: bill(name, budget, PRICES) for name, budget in BUDGETS.items()}
    assert (ROOT / "docs" / "cost.md").read_text() == document(PRICES, bills)


def test_a_million_machine_tokens_are_a_read_unit_each_and_25_ms_of_a_gigabyte() -> None:
    found = bill("client_credentials", BUDGETS["client_credentials"], PRICES)
    # 1.00 + 0.20 + 1.30 kB × 0.50 a GB + 5 % of 5.00; 0.125; 25 ms × 1 GB × 13.3334
    assert found.gateway == pytest.approx(2.1)
    assert found.tables == pytest.approx(0.125)
    assert found.compute == pytest.approx(0.333335)
    # the first trace of each of 2,592,000 seconds, beyond its 5 %
    assert month(10_000_000, found, PRICES) == pytest.approx(13.90 + 25.58335 + 12.312)


def test_a_million_in_a_month_are_all_the_first_of_their_second_for_x_ray() -> None:
    assert first_traces(1_000_000, PRICES) == pytest.approx(4.75)
    assert first_traces(100_000_000, PRICES) == pytest.approx(12.312)


def test_a_hundred_warm_containers_read_two_secrets_every_five_minutes() -> None:
    assert secret_reads(100, PRICES) == pytest.approx(8.64)


def test_a_hundred_pairs_of_app_and_container_write_every_five_minutes_at_most() -> None:
    assert count_writes(100) == 864_000
