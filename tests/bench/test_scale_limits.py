"""The feed, the environments and the other limits agree with calculation by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from gatepost.routes import TOKEN
from infra.stack.function_table import FUNCTIONS
from tests.bench.scale import feed, functions
from tests.bench.scale.app_cache import app_reads
from tests.bench.scale.feed import Keeping, Revoking, Size
from tests.bench.scale.feed_tables import reached
from tests.bench.scale.numbers import number, percent, seconds, size
from tests.bench.scale.touched import touches
from tests.bench.scale.usage import limits, world
from tests.bench.scale_world import KNOWN, SETTINGS, SHIPPED, small


def test_an_entry_of_the_feed_weighs_what_its_attributes_do() -> None:
    # pk 2 + 4; sk 2 + "revoked#" 8 + 15 + "#" 1 + 16; kind 4 + 3; subject 7 + 43; revoked_at 10 + 9 (16 digits);
    # expires_at 10 + 6 (10 digits); ttl 3 + 6
    assert feed.entry_bytes("jti") == 6 + 42 + 7 + 50 + 19 + 16 + 9
    assert feed.entry_bytes("grant") == feed.entry_bytes("jti") + 16 + 2  # its id has 59 characters
    # pk 2 + "feed#1" 6; sk 2 + 11 + "#" 1 + 11; ttl 3 + 6
    assert feed.marked_bytes() == 8 + 25 + 9


def test_as_shipped_a_token_is_kept_for_the_rest_of_its_life_and_a_grant_for_a_whole_one() -> None:
    shipped = Keeping(
        token_seconds=1800 + 300, grant_seconds=3600 + 300, late=172800, poll=5, overlap=20 + 400 / 60, waste=1.24
    )
    assert shipped == SHIPPED


def test_a_revocation_a_second_for_an_hour_is_3600_entries() -> None:
    keeping = replace(SHIPPED, token_seconds=3600, waste=1.5)
    revoking = Revoking(tokens=1, grants=0)
    assert feed.living(revoking, keeping).entries == 3600


def test_a_cold_container_reads_segments_and_the_entries_that_are_in_none() -> None:
    keeping = replace(SHIPPED, token_seconds=3600, waste=1.5)
    revoking = Revoking(tokens=1, grants=0)
    assert feed.tail(revoking, keeping).entries == 256 + 20 + 5
    assert feed.segments(revoking, keeping).entries == 3600 * 1.5
    # 5,400 marks of 8 bytes in base64 are 57,600 bytes, 15 units or, without consistency, 8; 281 entries of 149 are 11
    assert feed.cold_units(revoking, keeping) == 1 + 8 + math.ceil(281 * 149 / 4096)
    assert feed.hottest_cold(revoking, keeping) == 11
    spread = replace(keeping, parts=8)
    assert feed.cold_units(revoking, spread) == 1 + 8 + 8
    assert feed.hottest_cold(revoking, spread) == 57_600 / 4096 / 2


def test_without_segments_it_reads_a_day_and_what_was_removed_late() -> None:
    keeping = replace(SHIPPED, grant_seconds=3900, late=100, waste=0)
    assert feed.tail(Revoking(tokens=1, grants=0), keeping).entries == 4000
    assert feed.tail(Revoking(tokens=1, grants=0), replace(keeping, late=172_800)).entries == 86_720
    assert feed.segments(Revoking(tokens=0, grants=0.001), SHIPPED).entries == 0


def test_a_query_has_a_unit_for_four_kilobytes_and_a_page_for_a_megabyte() -> None:
    assert (Size(0, 0).units(), Size(1, 4096).units(), Size(1, 4097).units()) == (1, 1, 2)
    assert (Size(0, 0).pages(KNOWN), Size(1, 2**20).pages(KNOWN), Size(1, 2**20 + 1).pages(KNOWN)) == (1, 1, 2)


def test_a_poll_reads_the_overlap_again() -> None:
    revoking = Revoking(tokens=4, grants=0)
    keeping = replace(SHIPPED, overlap=20)
    assert feed.new(revoking, keeping).entries == 4 * 25
    # 100 entries of 149 bytes are 4 units; 60 containers, each every 5 seconds
    assert feed.poll_units(revoking, keeping) == 4
    assert feed.partition_reads(revoking, keeping, 60) == 48
    # two other partitions take a unit each, and the first one takes one
    spread = replace(keeping, parts=2)
    assert feed.poll_units(revoking, spread) == 3
    assert (feed.partition_reads(revoking, spread, 60), feed.table_reads(revoking, spread, 60)) == (12, 36)


def test_a_poll_in_sixty_looks_back_seven_minutes_and_at_longer_intervals_more_of_them() -> None:
    assert (feed.overlap(5), feed.overlap(30), feed.overlap(300)) == (20 + 400 / 60, 60, 420)


def test_a_container_holds_eight_bytes_a_mark_and_more_for_those_that_came_later() -> None:
    revoking = Revoking(tokens=0, grants=100)
    marks = 390_000 * 1.24
    assert feed.memory(revoking, SHIPPED, KNOWN) == marks * 8 + marks / 4 * 70


def test_the_feed_that_is_played_comes_to_the_size_that_is_worked_out() -> None:
    hour, day, _ = feed.grown(KNOWN, SETTINGS, 1000, (1, 25, 26))
    expected = feed.living(Revoking.at(KNOWN, 1000), SHIPPED)
    assert day.entries == pytest.approx(expected.entries, rel=0.02)
    # in the first hour no grant's entry ends: 3 a second; and of the tokens' about 2 x 2,100 seconds live
    assert hour.entries == pytest.approx(3 * 3600 + 2 * 2100, rel=0.03)


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


def test_a_route_gets_the_requests_of_its_function() -> None:
    assert [functions.routes(KNOWN, rate)[TOKEN] for rate in (1, 1000)] == pytest.approx([0.275, 275])


def test_what_limits_first_at_a_thousand_a_second_is_the_token_route_and_nothing_else() -> None:
    found = world(KNOWN, touches(), 1000)
    shares = {limit.name: limit.used(found) / limit.value for limit in limits(KNOWN)}
    beyond = sorted((name for name in shares if shares[name] > 1), key=lambda name: -shares[name])
    assert beyond == ["`POST /authorization/token`, requests a second"]


def test_a_kept_app_is_read_once_in_its_seconds_by_each_container_unless_it_is_used_more_rarely() -> None:
    mixed = small({"client_credentials": 6, "password, without the hash": 1, "introspect, access token": 3}, apps=1)
    some = [
        functions.Load(function=name, requests=1, busy=1, environments=4, ramp=1) for name in ("token", "introspect")
    ]

    def reads(seconds: int) -> float:
        return app_reads(touches(), mixed, 10, some, seconds)

    # 6 requests that keep the app, a password, and the app of three introspected tokens
    assert [reads(0), reads(1), reads(2)] == [10, 4 + 1 + 3, 2 + 1 + 3]
    assert app_reads(touches(), small({"introspect, refresh token": 1}), 10, some, 2) == 2
    assert app_reads(touches(), small({"revoke, access token": 1}), 10, some, 2) == 10
    assert app_reads(touches(), small({"client_credentials": 1}, apps=2), 10, some, 0) == pytest.approx(20 / 3)
    assert app_reads(touches(), small({"client_credentials": 1}, apps=10_000), 10, some, 1) == pytest.approx(
        1.0217, rel=0.01
    )


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
