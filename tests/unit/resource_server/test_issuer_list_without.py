"""Revocations by the issuer's URL: lists that are missing, old or refused count as none (S310)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatepost.resource_server.issuer_keys import IssuerWatch
from tests.unit.resource_server.issuing_web import ANOTHER, METADATA, URL, Web, new_watch, opens, polled
from tests.unit.world import ISSUER, NOW


def test_s310_without_the_issuer_it_goes_on_for_the_longest_time_and_then_denies(web: Web, watch: IssuerWatch) -> None:
    opens(watch, web)
    web.changes[URL] = None

    assert list(polled(watch, web, 62)) == [True] * 60 + [None] * 2
    web.changes.clear()
    assert list(polled(watch, web, 5))[-1] is True


def test_s310_who_starts_without_the_list_denies(web: Web, watch: IssuerWatch) -> None:
    web.changes[URL] = None
    assert list(polled(watch, web, 9)) == [None] * 9
    assert web.asked.count(URL) == 2

    web.changes.clear()
    assert list(polled(watch, web, 5))[-1] is True


@pytest.mark.parametrize("etags", [True, False])
def test_s310_a_list_that_is_not_renewed_counts_as_none(web: Web, watch: IssuerWatch, etags: bool) -> None:
    """The feed can't be read, or something on the way keeps the list for too long."""
    web.etags = etags
    opens(watch, web)
    web.feed.down = True

    assert list(polled(watch, web, 62)) == [True] * 60 + [None] * 2


def test_s310_an_old_list_is_not_begun_with(web: Web) -> None:
    web.listed.head(NOW)
    web.feed.down = True

    watch = new_watch(web)
    assert opens(watch, web, after=90) is True  # 60 and 30 of leeway between two clocks
    assert opens(watch, web, after=1) is None
    assert opens(new_watch(web), web) is None


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other.example.test"},
        {"time": NOW - 0.001},
        {"time": NOW + 99},
        {"marks": "AAAA"},
        {"marks": None},
    ],
    ids=["issuer", "older", "future", "truncated", "malformed"],
)
def test_s310_a_head_that_is_refused_counts_as_none(web: Web, watch: IssuerWatch, change: dict[str, Any]) -> None:
    opens(watch, web)
    web.revoke("jti", "the-jti")
    web.changes[URL] = change

    assert list(polled(watch, web, 62)) == [True] * 60 + [None] * 2
    web.changes.clear()
    assert list(polled(watch, web, 5))[-1] is False


@pytest.mark.parametrize("change", [None, {"contents": "AAAAAAAAAAA"}, {"contents": "AAAA"}, {"contents": None}])
def test_s310_a_segment_that_is_missing_or_another_is_not_done_without(web: Web, change: dict[str, Any] | None) -> None:
    web.revoke("jti", "the-jti", NOW - 40)
    web.compact()
    (segment,) = json.loads(web.listed.head(NOW).body)["segments"]
    web.changes[f"{URL}/{segment['name']}"] = change
    watch = new_watch(web)

    assert list(polled(watch, web, 9)) == [None] * 9
    web.changes.clear()
    assert list(polled(watch, web, 5))[-1] is False


def test_s310_metadata_without_the_list_ends_nothing(web: Web, watch: IssuerWatch) -> None:
    opens(watch, web)
    web.announced = False
    web.revoke("jti", "the-jti")
    assert opens(watch, web, after=400) is False

    web.changes[URL] = None
    assert opens(watch, web, ANOTHER, after=61) is None


def test_the_list_itself_says_that_there_is_none_any_more(web: Web, watch: IssuerWatch) -> None:
    web.revoke("jti", "the-jti")
    opens(watch, web)
    web.announced = False
    web.listed._settings = web.listed._settings._replace(published_revocations=False)
    assert opens(watch, web, after=5) is True
    asked = web.asked.count(URL)
    assert list(polled(watch, web, 9)) == [True] * 9
    assert web.asked.count(URL) == asked


@pytest.mark.parametrize("change", [{"published": False, "time": NOW - 1}, None])
def test_s310_but_no_older_document_takes_it_back(web: Web, watch: IssuerWatch, change: dict[str, Any] | None) -> None:
    before = json.loads(web.listed.head(NOW).body)
    web.revoke("jti", "the-jti")
    assert opens(watch, web, after=2) is False
    web.changes[URL] = change or before

    assert list(polled(watch, web, 9)) == [False] * 9


@pytest.mark.parametrize("elsewhere", ["https://evil.test/list", f"{ISSUER}.evil.test/list", 7, ISSUER])
def test_s310_a_list_that_lies_elsewhere_is_not_fetched_and_nothing_accepted(web: Web, elsewhere: object) -> None:
    web.changes[METADATA] = {"revocation_list_uri": elsewhere}

    assert opens(new_watch(web), web) is None
    assert web.asked == [METADATA]


def test_a_clock_that_goes_back_makes_nothing_fresher(web: Web, watch: IssuerWatch) -> None:
    opens(watch, web)
    web.changes[URL] = None

    assert opens(watch, web, after=-20) is True
    assert opens(watch, web, after=-41) is None
