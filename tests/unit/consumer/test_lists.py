"""The lists of the consumer API are paginated."""

from __future__ import annotations

import pytest

from gatepost.model.records import Approval
from gatepost.scope import Scope
from gatepost.stores.record_keys import ApprovalKey
from tests.unit.consumer.api import MALLORY, Api

PROBLEM = "application/problem+json"


def test_a_list_comes_in_parts_that_hold_every_app_once(api: Api) -> None:
    api.set(apps_per_user=10)
    made = [api.created(name=f"App {number}").json["client_id"] for number in range(7)]
    found: list[str] = []
    path = "/consumer/app?limit=3"
    sizes = []
    while True:
        part = api.call("GET", path).json
        sizes.append(len(part["items"]))
        found += [app["client_id"] for app in part["items"]]
        if part["next"] is None:
            break
        path = f"/consumer/app?limit=3&cursor={part['next']}"

    assert sizes == [3, 3, 1]
    assert sorted(found) == sorted(made)


def test_a_cursor_of_another_user_shows_only_ones_own(api: Api) -> None:
    for number in range(2):
        api.created(name=f"A{number}")
        api.created(name=f"M{number}", user=MALLORY)
    cursor = api.call("GET", "/consumer/app?limit=1").json["next"]
    shown = api.call("GET", f"/consumer/app?cursor={cursor}", user=MALLORY).json["items"]

    assert {app["name"] for app in shown} <= {"M0", "M1"}


@pytest.mark.parametrize("path", ["/consumer/app", "/consumer/grant", "/consumer/scope"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"), ("limit=101", "limit"), ("limit=-1", "limit"), ("limit=x", "limit"),
        ("limit=1,2", "limit"), ("limit=1.5", "limit"), ("limit=1e400", "limit"), (f"limit={'9' * 5000}", "limit"),
        ("cursor=%00", None), ("cursor=!", "cursor"), ("cursor=YWJj=", "cursor"), ("cursor=AA", "cursor"),
        ("cursor=_w", "cursor"), ("cursor=8J-Ypg", "cursor"), (f"cursor={'YWFh' * 100}", "cursor"),
        ("cursor=YWJjZ", "cursor"), ("cursor=YQ,YQ", "cursor"), ("cursor=YR", "cursor"), ("cursor=%ff", None),
        ("limit=", "limit"), ("limit", "limit"), ("limit=+", "limit"), ("cursor=", "cursor"), ("cursor", "cursor"),
        ("cursor=+", "cursor"), ("limit=1&limit=2", None), ("limit=&limit=", None), ("%ff=1", None),
    ],
)  # fmt: skip
def test_a_malformed_query_is_400(api: Api, path: str, query: str, field: str | None) -> None:
    refused = api.call("GET", f"{path}?{query}")

    assert (refused.status, refused.headers["content-type"]) == (400, PROBLEM)
    if field:
        assert refused.fields == [field]


@pytest.mark.parametrize("query", ["limit=1", "limit=100", "other=1", "other=", "limits="])
def test_a_well_formed_query_is_answered(api: Api, query: str) -> None:
    assert api.call("GET", f"/consumer/app?{query}").status == 200


@pytest.mark.parametrize("path", ["/consumer/app", "/consumer/grant", "/consumer/scope"])
def test_a_part_holds_twenty_unless_said(api: Api, path: str) -> None:
    api.set(apps_per_user=21, scopes={"read": "Read"} | {f"s{number}": "" for number in range(20)})
    for number in range(21):
        client_id = api.created(name=f"App {number}").json["client_id"]
        approval = Approval(user_id="alice-id", client_id=client_id, scope=Scope.of("read"), approved_at=1)
        api.store._records[ApprovalKey("alice-id", client_id)] = approval

    first = api.call("GET", path)
    rest = api.call("GET", f"{path}?cursor={first.json['next']}")

    assert (first.status, len(first.json["items"])) == (200, 20)
    assert (rest.status, len(rest.json["items"]), rest.json["next"]) == (200, 1, None)
