"""docs/scale.md has the tables that `make scale` writes, and its parts come to what a hand works out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest

from gatepost.settings import Settings
from infra.functions import FUNCTIONS
from tests.bench import cost
from tests.bench.placed import placed
from tests.bench.scale import feed, functions, heat
from tests.bench.scale.document import DOCUMENT, made
from tests.bench.scale.feed import Keeping, Revoking, Size
from tests.bench.scale.feed_tables import reached
from tests.bench.scale.given import RATES, Given, given
from tests.bench.scale.numbers import number, percent, seconds, size
from tests.bench.scale.touched import Touch, note_of_use, touches
from tests.bench.scale.usage import limits, world
from tests.bench.scale.zipf import Zipf
from tests.bench.units import Units

KNOWN = given()
SETTINGS = Settings(issuer="https://id.example.test")
SHIPPED = Keeping.shipped(SETTINGS, KNOWN)


def small(mix: Mapping[str, int], **numbers: int) -> Given:
    """Limits and assumptions as they stand, with another mix and one rate of 10."""
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


def touch(table: str, kind: str, read: int = 0, write: int = 0) -> Touch:
    return Touch(table=table, kind=kind, units=Units(read=read, write=write))


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
    late, promptly = (
        rows["designs", f"as shipped, {how}"]
        for how in ("expired entries go two days late", "if expired entries went at once")
    )
    noted = rows["used", "the index of apps by status: writes in a day's first second"][-1]
    scale = rows["throttles", "`POST /authorization/token`"]
    assert noted.startswith("**4")
    text = " ".join(DOCUMENT.read_text().split())
    for sentence in (
        f"With the mix this begins at {late[1]} requests a second",
        f"that is {float(late[1]) * KNOWN.mix['revoke, refresh token'] / 1000:.1f} refresh tokens a second",
        f"this one holds until {promptly[0]} requests a second",
        f"Then nothing until about {late[2]} requests a second",
        "it gets four times what it takes",
        f"`throttle_scale` {scale[2].partition(': ')[2]}. It multiplies",
        f"| `throttle_scale` {scale[3].partition(': ')[2]} |",
        f"A hash at `bcrypt_cost` 12 took {KNOWN.measured['bcrypt_12']:g} ms of CPU",
        f"the {number(functions_together(1))} environments fit".replace("the 6 ", "the six "),
    ):
        assert sentence in text, sentence


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


def test_a_wrong_password_writes_two_counters_and_the_list_of_the_day() -> None:
    assert [each for each in touches()["wrong password"] if each.units.write] == [
        touch("accounts", "attempts of a name", write=1),
        touch("accounts", "attempts of a network", write=1),
        touch("audit", "day", write=1),
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
    (found,) = heat.hottest(touches(), small({"client_credentials": 1}), 10, 5)[4:5]
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


def test_one_key_stands_what_its_dearer_unit_allows() -> None:
    indexed = Touch(table="t", kind="user", units=Units(write=4, index=2))
    traffic = {"all": [touch("t", "app", read=2), touch("t", "app", write=1), touch("t", "feed", write=4), indexed]}
    assert heat.ceilings(traffic, KNOWN) == [
        ("all", "t", "app", 1000),
        ("all", "t", "feed", 250),
        ("all", "t", "user", 500),
    ]


def test_what_an_index_takes_is_not_taken_of_the_key() -> None:
    traffic = {"client_credentials": [note_of_use()]}
    alone = small({"client_credentials": 1})
    (found,) = heat.hottest(traffic, alone, 10, 2)
    assert (found.kind, found.writes) == ("app", 10)
    assert heat.totals(traffic, alone, 10) == {"apps": (0, 10)}


def test_every_app_is_noted_at_midnight_and_some_are_noted_twice() -> None:
    traffic = {"client_credentials": touches()["client_credentials"]}
    alone = Given(
        {
            "limits": KNOWN._limits,
            "assumptions": {**KNOWN.assumed, "note_delay": 0.0},
            "measured": KNOWN.measured,
            "populations": {"1000": {"apps": 3}},
            "mix": {"client_credentials": 1},
        }
    )
    assert heat.noted_at_midnight(traffic, alone, 1000) == (3, 1)
    late = Given(
        {
            "limits": KNOWN._limits,
            "assumptions": {**KNOWN.assumed, "note_delay": 1.0},
            "measured": KNOWN.measured,
            "populations": {"1000": {"apps": 3}},
            "mix": {"client_credentials": 1},
        }
    )
    assert heat.noted_at_midnight(traffic, late, 1000)[0] == 1000


def test_an_entry_of_the_feed_weighs_what_its_attributes_do() -> None:
    # pk 2 + 4; sk 2 + "revoked#" 8 + 15 + "#jti#" 5 + 43; kind 4 + 3; subject 7 + 43; revoked_at 10 + 9 (16 digits);
    # expires_at 10 + 6 (10 digits); ttl 3 + 6
    assert feed.entry_bytes("jti") == 6 + 73 + 7 + 50 + 19 + 16 + 9
    # a grant's id has 59 characters and stands twice, its kind has two more letters and stands twice
    assert feed.entry_bytes("grant") == feed.entry_bytes("jti") + 2 * 16 + 2 * 2


def test_as_shipped_a_token_is_kept_for_the_rest_of_its_life_and_a_grant_for_a_day() -> None:
    shipped = Keeping(token_seconds=1800 + 30 + 1, grant_seconds=86700, late=172800, poll=5, overlap=120, shards=1)
    assert shipped == SHIPPED


def test_a_revocation_a_second_for_an_hour_is_3600_entries() -> None:
    keeping = replace(SHIPPED, token_seconds=3600, late=400)
    revoking = Revoking(tokens=1, grants=0)
    assert feed.living(revoking, keeping).entries == 3600
    assert feed.read_cold(revoking, keeping).entries == 4000
    assert feed.cold_units(revoking, keeping) == math.ceil(4000 * feed.entry_bytes("jti") / 4096)
    assert feed.cold_units(revoking, replace(keeping, shards=500)) == 500


def test_a_query_has_a_unit_for_four_kilobytes_and_a_page_for_a_megabyte() -> None:
    assert (Size(0, 0).units(), Size(1, 4096).units(), Size(1, 4097).units()) == (1, 1, 2)
    assert (Size(0, 0).pages(KNOWN), Size(1, 2**20).pages(KNOWN), Size(1, 2**20 + 1).pages(KNOWN)) == (1, 1, 2)


def test_a_poll_reads_the_overlap_again() -> None:
    revoking = Revoking(tokens=4, grants=0)
    assert feed.new(revoking, SHIPPED).entries == 4 * 125
    # 500 entries of 180 bytes are 22 units; 60 containers, each every 5 seconds
    assert feed.poll_units(revoking, SHIPPED) == 22
    assert feed.partition_reads(revoking, SHIPPED, 60) == 264
    assert feed.most_containers(revoking, SHIPPED, KNOWN) == 681
    # in two partitions each poll takes 22 units still, half of them from each
    assert feed.partition_reads(revoking, replace(SHIPPED, shards=2), 60) == 132


def test_the_feed_that_is_played_comes_to_the_size_that_is_worked_out() -> None:
    hour, day, _ = feed.grown(KNOWN, SETTINGS, 1000, (1, 25, 26))
    expected = feed.living(Revoking.at(KNOWN, 1000), SHIPPED)
    assert day.entries == pytest.approx(expected.entries, rel=0.02)
    # in the first hour no grant's entry ends: 3 a second; and of the tokens' about 2 x 1,831 seconds live
    assert hour.entries == pytest.approx(3 * 3600 + 2 * 1831, rel=0.03)


def test_the_feed_grows_a_hundredfold_with_the_rate() -> None:
    (some,), (many,) = (feed.grown(KNOWN, SETTINGS, rate, (1,)) for rate in (1000, 100_000))
    assert many.entries == 100 * some.entries


def test_a_limit_is_reached_where_its_share_comes_to_one() -> None:
    assert reached(lambda rate: rate * rate / 90_000) == pytest.approx(300, rel=0.002)


def test_short_requests_need_an_environment_for_ten_a_second_and_long_ones_for_their_time() -> None:
    found = {load.function: load for load in functions.loads(small({"authorizer, new token": 1}), 1000)}
    assert (found["authorizer"].busy, found["authorizer"].environments) == (5, 100)
    assert found["authorizer"].ramp == 1
    passwords = {load.function: load for load in functions.loads(small({"password, without the hash": 1}), 100)}
    assert passwords["token"].busy == 62
    assert passwords["token"].environments == functions.enough(62, 0.9999) > 62


def test_enough_environments_are_the_quantile_of_a_poisson_distribution() -> None:
    # e^-1 (1 + 1) = 0.736, + 1/2 = 0.920, + 1/6 = 0.981, + 1/24 = 0.996
    assert [functions.enough(1, q) for q in (0.7, 0.9, 0.95, 0.99)] == [1, 2, 3, 4]
    assert functions.enough(0, 0.9999) == 1
    assert functions.enough(699, 0.9999) == pytest.approx(functions.enough(701, 0.9999), abs=5)


def test_each_environment_reads_each_of_its_secrets_once_in_five_minutes() -> None:
    load = functions.Load(function="token", requests=1, busy=1, environments=600, ramp=6)
    assert functions.secret_reads([load], SETTINGS) == 600 * 2 / 300
    assert functions.first_secret_reads([load], KNOWN) == 100 * 2
    assert functions.first_secret_reads([replace(load, environments=30)], KNOWN) == 60


def test_a_hash_takes_longer_where_a_function_has_less_than_a_cpu() -> None:
    assert {spec.name: spec.memory for spec in FUNCTIONS}["token"] == 1024
    cpu, wall, busy = functions.hashing(small({"password, without the hash": 1, "wrong password": 1}), 100, 12)
    second = KNOWN.measured["bcrypt_12"] / 1000
    assert cpu == pytest.approx(100 * second)
    assert wall == pytest.approx(second * 1769 / 1024)
    assert busy == pytest.approx(100 * wall)
    assert functions.hashing(KNOWN, 100, 13)[1] == pytest.approx(2 * wall)


def test_throttle_scale_is_the_next_whole_number() -> None:
    token = functions.ROUTES[0]
    assert (token.key, token.rate) == ("POST /authorization/token", 100)
    assert [functions.throttle_scale(token, each) for each in (1, 100, 101, 27_500)] == [1, 1, 2, 275]


def test_what_limits_first_at_a_thousand_a_second_is_the_feed_and_then_the_token_route() -> None:
    found = world(KNOWN, touches(), 1000)
    shares = {limit.name: limit.used(found) / limit.value for limit in limits(KNOWN)}
    beyond = sorted((name for name in shares if shares[name] > 1), key=lambda name: -shares[name])
    assert beyond == [
        "the feed: reads while all start anew, within 10 seconds",
        "`POST /authorization/token`, requests a second",
        "the feed: reads of one cold container within 10 seconds",
    ]


def test_numbers_are_short() -> None:
    texts: Sequence[str] = [number(0), number(1234.5), number(0.1234), number(9.99), number(3.0)]
    assert texts == ["0", "1,234", "0.12", "10", "3"]
    assert [size(512), size(2048), size(3 * 2**30)] == ["512 B", "2 KB", "3 GB"]
    assert [percent(1, 2000), percent(1, 2), percent(2, 1), percent(30, 1)] == ["–", "50 %", "**200 %**", "**30 ×**"]
    assert percent(1001, 1) == "**> 1,000 ×**"
    assert [seconds(0.25), seconds(90), seconds(1800), seconds(7200), seconds(864000)] == [
        "250 ms",
        "90 s",
        "30 min",
        "2 h",
        "10 days",
    ]
