"""ETags of the consumer API: only the version that was read is changed."""

from __future__ import annotations

import re

import pytest

from gatepost.clients.lifecycle import deactivate_app
from gatepost.consumer.etags import etag_of
from tests.unit.consumer.api import CHANGE, PROBLEM, Api
from tests.unit.meanwhile import meanwhile


def test_a_change_without_if_match_is_428(api: Api) -> None:
    made = api.created()
    refused = api.call("PUT", made.headers["location"], {**CHANGE, "name": "Storm"})

    assert (refused.status, refused.json["detail"]) == (428, "Send the ETag of what you read as If-Match.")
    assert api.app(made.json["client_id"]).name == "Weather"


def test_a_stale_change_is_412(api: Api) -> None:
    made = api.created()
    path, etag = made.headers["location"], made.headers["etag"]
    api.call("PUT", path, {**CHANGE, "name": "Storm"}, if_match=etag)
    late = api.call("PUT", path, {**CHANGE, "name": "Rain"}, if_match=etag)

    assert (late.status, late.headers["content-type"]) == (412, PROBLEM)
    assert api.app(made.json["client_id"]).name == "Storm"


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ("{etag}", 200), (" * ", 200), ('"a,b" ,{etag}', 200), ("W/{etag}", 412), ('"other"', 412), ('"*"', 412),
        ("{bare}", 412), (' ,, "x",\t{etag} ,', 200), ("\u00a0*", 412), ("{etag}\u00a0", 412),
        ('"x",\u2000{etag}', 412), ('"x" {etag}', 412), ("x{etag}", 412),
    ],
)  # fmt: skip
def test_if_match_is_compared_strongly(api: Api, if_match: str, status: int) -> None:
    made = api.created()
    header = if_match.format(etag=made.headers["etag"], bare=made.headers["etag"].strip('"'))

    assert api.call("PUT", made.headers["location"], CHANGE, if_match=header).status == status


@pytest.mark.parametrize(
    ("if_none_match", "status"),
    [
        ("{etag}", 304), ("W/{etag}", 304), ("*", 304), ('"x", {etag}', 304), ('"x"', 200), ("{bare}", 200),
        ("{etag}\u0085", 200), ("\u0085*", 200),
    ],
)  # fmt: skip
def test_what_the_client_has_is_not_sent_again(api: Api, if_none_match: str, status: int) -> None:
    made = api.created()
    header = if_none_match.format(etag=made.headers["etag"], bare=made.headers["etag"].strip('"'))
    read = api.call("GET", made.headers["location"], if_none_match=header)

    assert read.status == status
    assert read.headers["etag"] == made.headers["etag"]
    assert (read.text == "") == (status == 304)


def test_an_etag_is_strong_and_says_nothing_of_what_it_stands_for() -> None:
    assert re.fullmatch(r'"[A-Za-z0-9_-]{22}"', etag_of("x"))
    assert len({etag_of("x"), etag_of("x", 1), etag_of("x", 2), etag_of("y")}) == 4


def test_a_new_status_is_another_etag(api: Api) -> None:
    made = api.created()
    deactivate_app(api.store, api.app(made.json["client_id"]), reason="Spam.", now=1_800_000_000)
    read = api.call("GET", made.headers["location"], if_none_match=made.headers["etag"])

    assert (read.status, read.json["status"], read.json["status_reason"]) == (200, "deactivated", "Spam.")


def test_a_change_there_and_back_is_another_etag(api: Api) -> None:
    made = api.created()
    for name in ("Storm", "Weather"):
        back = api.call("PUT", made.headers["location"], {**CHANGE, "name": name}, if_match="*")

    assert back.json["name"] == "Weather"
    assert back.headers["etag"] != made.headers["etag"]


def test_a_change_that_overtakes_this_one_between_its_read_and_its_write_wins(api: Api) -> None:
    made, store = api.created(), api.store
    before = api.app(made.json["client_id"])
    after = before._replace(name="Overtaker", version=before.version + 1)
    api.store = meanwhile(store, lambda: store.update_app(after, before=before), "update_app", times=1)
    late = api.call("PUT", made.headers["location"], CHANGE, if_match="*")
    assert (late.status, api.app(before.client_id).name) == (412, "Overtaker")


def test_a_deletion_may_name_what_it_deletes(api: Api) -> None:
    made = api.created()

    assert api.call("DELETE", made.headers["location"], if_match='"x"').status == 412
    assert api.call("DELETE", made.headers["location"], if_match=made.headers["etag"]).status == 204
