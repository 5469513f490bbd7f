"""docs/scale.md has the tables of `make scale`; they agree with calculation by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest

from gatepost.routes import LOGIN, TOKEN
from tests.bench import cost
from tests.bench.placed import placed
from tests.bench.scale import feed, functions, heat
from tests.bench.scale.document import DOCUMENT, made
from tests.bench.scale.feed import Keeping, Revoking
from tests.bench.scale.given import RATES, Given, given
from tests.bench.scale.numbers import number
from tests.bench.scale.touched import Touch, note_of_use, touches
from tests.bench.scale.usage import DEFAULTS
from tests.bench.scale.zipf import Zipf
from tests.bench.units import Units

KNOWN = given()
OPERATIONS = DOCUMENT.with_name("operations.md")


def test_docs_scale_has_the_tables_that_make_scale_writes() -> None:
    text = DOCUMENT.read_text()
    assert text == placed(text, made(), command="make scale")


def test_the_figures_in_the_text_are_those_of_the_tables() -> None:
    parts = made()
    rows = {
        (name, cells[1]): cells[2:-1]
        for name, table in parts.items()
        for cells in ([cell.strip() for cell in line.split("|")] for line in table.splitlines())
        if len(cells) > 2
    }
    shipped = rows["designs", "as shipped"]
    busiest = heat.noted_uses(touches(), KNOWN, RATES[-1])
    token = [number(functions.routes(KNOWN, rate)[TOKEN]) for rate in RATES]
    text = " ".join(DOCUMENT.read_text().split())
    for sentence in (
        f"up to {shipped[1]} requests a second",
        f"up to about {shipped[2]} requests a second",
        f"{KNOWN.measured['mark_load']:g} µs and {KNOWN.measured['mark_memory']:g} bytes for a mark in a segment",
        f"{KNOWN.measured['entry_load']:g} µs for an entry that is read by itself",
        f"took {KNOWN.measured['poll_at_rest']:g} ms with 264,000 marks in memory",
        f"{feed.marked_bytes()} bytes for each entry instead of 160",
        f"The dates of last use ({busiest} writes in the busiest second)",
        f"allows {token[1]} a second",
        f"`throttles`: {token[2]} for the token endpoint",
        f"failed sign-ins: {LOGIN.rate + TOKEN.rate} a second with the limits of routes as shipped",
        f"1,000 a second keep {number(1000 * functions.hashing(KNOWN, 1, 12)[1])} functions at work",
        f"gives the token endpoint more than {1000 - LOGIN.rate}",
        f"a minute of it takes {60 * 1000 // DEFAULTS.network_attempts_free} networks",
        f"only the page is left, with {LOGIN.rate} a second",
        f"A hash at `bcrypt_cost` 12 took {KNOWN.measured['bcrypt_12']:g} ms of CPU",
        f"the {number(functions_together(1))} environments fit".replace("the 6 ", "the six "),
    ):
        assert sentence in text, sentence
    alarm = f"up to {shipped[2]} requests a second"
    assert alarm in " ".join(OPERATIONS.read_text().split())


def functions_together(rate: int) -> int:
    return sum(load.environments for load in functions.loads(KNOWN, rate))


def test_what_an_operation_of_the_mix_touches_is_its_budget() -> None:
    budgets, found = cost.read()[1], touches()
    assert {name: [sum(each.units.read for each in found[name]), sum(each.units.write for each in found[name])]
            for name in budgets} == {name: [each["read_units"], each["write_units"]]
                                     for name, each in budgets.items()}  # fmt: skip
    assert set(KNOWN.mix) <= set(found)
    assert sum(KNOWN.mix.values()) == 1000


# By hand: one of each kind of sum


def small(mix: Mapping[str, int], **numbers: int) -> Given:
    """Return the real limits and assumptions with another mix and one rate of 10."""
    populations = {"apps": 1, "resource_servers": 1, "users": 1, "networks": 1, **numbers}
    return Given(
        {
            "limits": KNOWN._limits,
            "assumptions": KNOWN.assumed,
            "measured": KNOWN.measured,
            "populations": {"10": populations},
            "mix": mix,
        }
    )


def test_ten_machine_tokens_a_second_of_one_app_are_ten_reads_of_its_item() -> None:
    found = {(each.table, each.kind): each for each in heat.hottest(touches(), small({"client_credentials": 1}), 10, 5)}
    busiest = found["apps", "app"]
    assert (busiest.reads, busiest.writes, busiest.most_reads, busiest.most_writes) == (10, 0, 10, 0)
    assert note_of_use() == Touch(table="apps", kind="app", units=Units(write=3, index=2))


def test_the_busiest_of_a_hundred_million_is_drawn_as_often_as_its_share() -> None:
    ranks = Zipf(100_000_000, 1.0, Random(1))
    found = sum(ranks.draw() == 1 for _ in range(100_000))
    share = 1 / (math.log(1e8) + 0.5772)  # the harmonic number
    assert found / 100_000 == pytest.approx(share, rel=0.05)


def test_an_entry_of_the_feed_weighs_what_its_attributes_do() -> None:
    # pk 2 + 4; sk 2 + "revoked#" 8 + 15 + "#" 1 + 16; kind 4 + 3; subject 7 + 43; revoked_at 10 + 9 (16 digits);
    # expires_at 10 + 6 (10 digits); ttl 3 + 6
    assert feed.entry_bytes("jti") == 6 + 42 + 7 + 50 + 19 + 16 + 9
    # pk 2 + "feed#1" 6; sk 2 + 11 + "#" 1 + 11; ttl 3 + 6
    assert feed.marked_bytes() == 8 + 25 + 9


def test_a_cold_container_reads_segments_and_the_entries_that_are_in_none() -> None:
    keeping = replace(Keeping.shipped(DEFAULTS, KNOWN), token_seconds=3600, waste=1.5)
    revoking = Revoking(tokens=1, grants=0)
    assert feed.tail(revoking, keeping).entries == 256 + 20 + 5
    # 5,400 marks of 8 bytes in base64 are 57,600 bytes, 15 units or, without consistency, 8; 281 entries of 149 are 11
    assert feed.cold_units(revoking, keeping) == 1 + 8 + 11
    assert feed.cold_units(revoking, replace(keeping, parts=8)) == 1 + 8 + 8


def test_more_revocations_than_a_poll_of_one_partition_should_read_spread_the_feed() -> None:
    keeping = replace(Keeping.shipped(DEFAULTS, KNOWN), token_seconds=3900, waste=1.0)
    # as many are alive as were revoked in 3,900 seconds
    assert keeping.at(Revoking(tokens=14.9, grants=0)) == keeping
    assert keeping.at(Revoking(tokens=7.5, grants=7.5)).parts == 24
    assert replace(keeping, grows=False).at(Revoking(tokens=100, grants=0)).parts == 0


def test_a_poll_reads_the_overlap_again() -> None:
    keeping = replace(Keeping.shipped(DEFAULTS, KNOWN), overlap=20)
    # 4 a second for 25 seconds are 100 entries of 149 bytes, 4 units; 60 containers, each every 5 seconds
    assert feed.poll_units(Revoking(tokens=4, grants=0), keeping) == 4
    assert feed.partition_reads(Revoking(tokens=4, grants=0), keeping, 60) == 48


def test_short_requests_need_an_environment_for_ten_a_second_and_long_ones_for_their_time() -> None:
    found = {load.function: load for load in functions.loads(small({"authorizer, new token": 1}), 1000)}
    assert (found["authorizer"].busy, found["authorizer"].environments) == (2, 100)
    # Poisson: e^-1 (1 + 1) = 0.736, + 1/2 = 0.920, + 1/6 = 0.981, + 1/24 = 0.996
    assert [functions.enough(1, q) for q in (0.7, 0.9, 0.95, 0.99)] == [1, 2, 3, 4]


def test_a_hash_takes_longer_where_a_function_has_less_than_a_cpu() -> None:
    cpu, wall, _ = functions.hashing(small({"password, without the hash": 1, "wrong password": 1}), 100, 12)
    second = KNOWN.measured["bcrypt_12"] / 1000
    assert (cpu, wall) == pytest.approx((100 * second, second * 1769 / 1024))
