"""docs/scale.md has the tables of `make scale`; the hot keys agree with calculation by hand."""

from __future__ import annotations

import math
from collections import Counter
from random import Random

import pytest

from gatepost.routes import LOGIN, TOKEN
from tests.bench import cost
from tests.bench.placed import placed
from tests.bench.scale import feed, functions, heat
from tests.bench.scale.document import DOCUMENT, made
from tests.bench.scale.given import RATES, Given
from tests.bench.scale.numbers import number
from tests.bench.scale.touched import Touch, note_of_use, touches
from tests.bench.scale.usage import DEFAULTS
from tests.bench.scale.zipf import Zipf
from tests.bench.scale_world import KNOWN, small, touch
from tests.bench.units import Units

OPERATIONS = DOCUMENT.with_name("operations.md")
PARTED = ("`feed_parts` 16", "`feed_parts` 24")


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
    shipped, spread, more = (rows["designs", name] for name in ("as shipped: with segments", *PARTED))
    busiest = heat.noted_uses(touches(), KNOWN, RATES[-1])
    failures = 100 * (LOGIN.rate + TOKEN.rate) // KNOWN.limit("partition_writes")
    written = float(rows["hot keys", "audit: the day, writes"][2].partition(" ")[0])
    token = [number(functions.routes(KNOWN, rate)[TOKEN]) for rate in RATES]
    text = " ".join(DOCUMENT.read_text().split())
    for sentence in (
        f"Then nothing of the feed until about {shipped[2]} requests a second",
        f"{shipped[1]}, where a deployment makes all readers of the feed start anew",
        f"As shipped the feed allows {shipped[1]} requests a second of the mix",
        f"{shipped[2]} with warm polls (wanted were 50,000; `feed_parts` 24 gives {more[2]},",
        f"up to {spread[1]} requests a second",
        f"{KNOWN.measured['mark_load']:g} µs and {KNOWN.measured['mark_memory']:g} bytes for a mark in a segment",
        f"{KNOWN.measured['entry_load']:g} µs for an entry that is read by itself",
        f"took {KNOWN.measured['poll_at_rest']:g} ms with 264,000 marks in memory",
        f"{feed.marked_bytes()} bytes for each entry instead of 160",
        f"the busiest second of a day has {busiest} writes",
        f"lets {token[1]} a second through",
        f"`throttles`: {token[2]} for the token endpoint",
        f"that is {LOGIN.rate + TOKEN.rate} a second at the page and the token endpoint together, {failures} %",
        f"1,000 a second keep {number(1000 * functions.hashing(KNOWN, 1, 12)[1])} functions at work",
        f"gives the token endpoint more than {1000 - LOGIN.rate}",
        f"a minute of this takes {60 * 1000 // DEFAULTS.network_attempts_free} networks",
        f"only the page is left, with {LOGIN.rate} a second",
        f"the mix writes {number(written)} entries a second at 100,000 requests a second",
        f"A hash at `bcrypt_cost` 12 took {KNOWN.measured['bcrypt_12']:g} ms of CPU",
        f"the {number(functions_together(1))} environments fit".replace("the 6 ", "the six "),
    ):
        assert sentence in text, sentence
    alarm = f"one partition supports the polls of all containers up to {shipped[2]} requests a second"
    assert alarm in " ".join(OPERATIONS.read_text().split())


def functions_together(rate: int) -> int:
    return sum(load.environments for load in functions.loads(KNOWN, rate))


def test_a_table_without_a_place_in_the_document_is_an_error() -> None:
    with pytest.raises(ValueError, match="mix"):
        placed("<!-- used: make scale -->\n<!-- end of used -->", {"mix": "| a |"}, command="make scale")


def test_tables_stand_between_their_markers_and_the_rest_stays() -> None:
    text = "before <!-- a: make scale --> old <!-- end of a --> after"
    assert (
        placed(text, {"a": "new"}, command="make scale")
        == "before <!-- a: make scale -->\n\nnew\n\n<!-- end of a --> after"
    )


def test_the_mix_is_a_thousand_requests_of_operations_that_were_seen() -> None:
    assert sum(KNOWN.mix.values()) == 1000
    assert set(KNOWN.mix) <= set(touches())
    assert set(KNOWN.populations) == set(heat.SECONDS) == set(RATES)
    assert KNOWN.rate_of("refresh", 50) == 6


@pytest.mark.parametrize("operation", cost.read()[1])
def test_what_an_operation_touches_is_its_budget(operation: str) -> None:
    budget, found = cost.read()[1][operation], touches()[operation]
    assert sum(each.units.read for each in found) == budget["read_units"]
    assert sum(each.units.write for each in found) == budget["write_units"]


def test_a_refresh_reads_the_app_the_grant_and_the_account_and_writes_the_grant() -> None:
    assert touches()["refresh"] == (
        touch("apps", "app", read=1),
        touch("tokens", "user", read=1),
        touch("accounts", "user", read=1),
        touch("tokens", "user", write=1),
    )


def test_a_wrong_password_writes_three_counters_and_the_lists_of_the_day_and_the_user() -> None:
    assert [each for each in touches()["wrong password"] if each.units.write] == [
        touch("accounts", "attempts of a name", write=1),
        touch("accounts", "attempts of an account", write=1),
        touch("accounts", "attempts of a network", write=1),
        touch("audit", "day", write=1),
        touch("audit", "user", write=1),
    ]


def test_the_first_use_on_a_day_writes_the_app_and_both_indexes() -> None:
    assert note_of_use() == Touch(table="apps", kind="app", units=Units(write=3, index=2))


@pytest.mark.parametrize(("n", "skew"), [(2, 1.0), (3, 1.0), (3, 0.6), (5, 2.0)])
def test_ranks_come_as_often_as_zipf_says(n: int, skew: float) -> None:
    ranks = Zipf(n, skew, Random(1))
    drawn = Counter(ranks.draw() for _ in range(40_000))
    whole = sum(k**-skew for k in range(1, n + 1))
    for k in range(1, n + 1):
        assert drawn[k] / 40_000 == pytest.approx(k**-skew / whole, abs=0.01)


def test_the_busiest_of_a_hundred_million_is_drawn_as_often_as_its_share() -> None:
    ranks = Zipf(100_000_000, 1.0, Random(1))
    found = sum(ranks.draw() == 1 for _ in range(100_000))
    share = 1 / (math.log(1e8) + 0.5772)  # the harmonic number
    assert found / 100_000 == pytest.approx(share, rel=0.05)


def test_ten_machine_tokens_a_second_of_one_app_are_ten_reads_of_its_item() -> None:
    (found,) = heat.hottest(touches(), small({"client_credentials": 1}), 10, 5)[5:6]
    assert (found.table, found.kind) == ("apps", "app")
    assert (found.reads, found.writes, found.most_reads, found.most_writes) == (10, 0, 10, 0)


def test_within_a_request_everything_is_of_one_user() -> None:
    traffic = {"refresh": [touch("t", "user", read=1), touch("t", "user", read=1), touch("t", "name", write=1)]}
    found = {h.kind: h for h in heat.hottest(traffic, small({"refresh": 1}, users=1_000_000), 10, 1)}
    assert (found["user"].most_reads, found["name"].most_writes) == (2, 1)


def test_the_most_is_that_of_the_worst_second_not_of_the_last() -> None:
    traffic = {"client_credentials": [touch("apps", "app", read=1)]}
    seconds = [
        heat.hottest(traffic, small({"client_credentials": 1}, apps=2), 10, played)[0].most_reads
        for played in range(1, 30)
    ]
    assert seconds == sorted(seconds)
    assert seconds[0] < seconds[-1] == 10


def test_a_key_that_is_met_once_is_not_hot() -> None:
    traffic = {"introspect, access token": touches()["introspect, access token"]}
    found = heat.hottest(traffic, small({"introspect, access token": 1}), 10, 1)
    assert ("tokens", "token") not in {(h.table, h.kind) for h in found}


def test_totals_are_the_rate_times_the_units() -> None:
    mixed = small({"client_credentials": 3, "revoke, refresh token": 1})
    assert heat.totals(touches(), mixed, 8) == {"apps": (8, 0), "tokens": (2, 8)}


def test_what_an_index_takes_is_not_taken_of_the_key() -> None:
    traffic = {"client_credentials": [note_of_use()]}
    alone = small({"client_credentials": 1})
    (found,) = heat.hottest(traffic, alone, 10, 2)
    assert (found.kind, found.writes) == ("app", 10)
    assert heat.totals(traffic, alone, 10) == {"apps": (0, 10)}


def noted(apps: int, delay: float) -> int:
    given = {
        "limits": KNOWN._limits,
        "assumptions": {**KNOWN.assumed, "note_delay": delay},
        "measured": KNOWN.measured,
        "populations": {"1000": {"apps": apps}},
        "mix": {"client_credentials": 1},
    }
    return heat.noted_uses({"client_credentials": touches()["client_credentials"]}, Given(given), 1000)


def test_an_app_is_noted_once_a_day_and_again_by_requests_that_read_it_before_that() -> None:
    assert noted(apps=1, delay=0.0) == 1
    assert noted(apps=1, delay=0.5) == 501


def test_the_first_uses_of_many_apps_are_spread_over_the_day() -> None:
    # 86,400 apps in as many seconds: a second has one on average, and the fullest one about eight (Poisson)
    assert 7 <= noted(apps=86_400, delay=0.0) <= 10
