"""/consumer/account, /consumer/grant and /consumer/scope, and the parts in which lists come."""

from __future__ import annotations

import pytest

from gatepost.model.records import Approval, Grant, User
from gatepost.scope import Scope
from gatepost.stores.record_keys import GrantKey
from tests.unit.consumer.api import ALICE, MALLORY, NOWHERE, PROBLEM, Api
from tests.unit.world import LIVING, READ_WRITE

FOREVER = 9_000_000_000


def connect(api: Api, client_id: str, user: User = ALICE, *, since: int = 1_750_000_000, used: int = 0) -> str:
    """An approval and a living grant; returns the grant's id."""
    grant_id = f"{user.user_id}.{client_id}"
    living = LIVING._replace(idle_expires_at=FOREVER, expires_at=FOREVER, last_used_at=used)
    approval = Approval(user_id=user.user_id, client_id=client_id, scope=Scope.of("read"), approved_at=since)
    granted = living._replace(grant_id=grant_id, client_id=client_id, scope=READ_WRITE, created_at=since)
    api.store.approve(granted, user=user, code=None, approval=approval)
    return grant_id


def grant(api: Api, grant_id: str) -> Grant:
    (found,) = api.store.read(GrantKey(grant_id))
    assert isinstance(found, Grant)
    return found


def test_the_account_is_shown(api: Api) -> None:
    read = api.call("GET", "/consumer/account")

    assert read.status == 200
    assert read.json == {
        "user_id": "alice-id",
        "user_name": "alice",
        "email": "alice@example.test",
        "email_confirmed": False,
        "scope": None,
        "role": "user",
        "created_at": "2023-11-14T22:13:20Z",
    }
    assert api.call("GET", "/consumer/account", if_none_match=read.headers["etag"]).status == 304


def test_a_restricted_account_sees_what_it_may_grant(api: Api) -> None:
    api.store.set_user_rights("alice-id", role="administrator", scope=Scope.of("write", "read"))
    read = api.call("GET", "/consumer/account")

    assert (read.json["scope"], read.json["role"]) == (["read", "write"], "administrator")


def test_connected_apps_are_listed_the_latest_first(api: Api) -> None:
    old, new = api.created(user=MALLORY), api.created(user=MALLORY, name="New", url="https://new.example.test:8443")
    connect(api, old.json["client_id"])
    connect(api, new.json["client_id"], since=1_760_000_000, used=1_770_000_000)
    connect(api, old.json["client_id"], MALLORY)

    both = {"checked": True, "scope": ["read", "write"], "resources": [{"resource": None, "scope": ["read", "write"]}]}
    latest = {"app_name": "New", "host": "new.example.test:8443", "since": "2025-10-09T08:53:20Z"}
    first = {"app_name": "Weather", "host": "weather.example.test", "since": "2025-06-15T15:06:40Z"}
    assert api.call("GET", "/consumer/grant").json == {
        "items": [
            {**both, **latest, "client_id": new.json["client_id"], "last_used_at": "2026-02-02T02:40:00Z"},
            {**both, **first, "client_id": old.json["client_id"], "last_used_at": None},
        ],
        "next": None,
    }


def test_an_ended_grant_is_revoked_and_asked_for_again(api: Api) -> None:
    client_id = api.created(user=MALLORY).json["client_id"]
    mine, other = connect(api, client_id), connect(api, client_id, MALLORY)
    ended = api.call("DELETE", f"/consumer/grant/{client_id}")

    assert (ended.status, ended.text) == (204, "")
    assert grant(api, mine).revoked_at
    assert not grant(api, other).revoked_at
    assert [approval.user_id for approval in api.store._all(Approval)] == ["mallory-id"]
    assert api.call("GET", "/consumer/grant").json["items"] == []
    assert api.call("DELETE", f"/consumer/grant/{client_id}").status == 404
    entry = api.store._audit[-1]
    assert (entry.event, entry.actor, entry.client_id, entry.subject) == (
        "disconnected", "alice-id", client_id, "Weather",
    )  # fmt: skip


@pytest.mark.parametrize("odd", ["{theirs}", NOWHERE, "%00", "%23", "x" * 3000, "%2F"])
def test_s89_a_grant_that_is_not_ones_own_is_not_found(api: Api, odd: str) -> None:
    client_id = api.created(user=MALLORY).json["client_id"]
    theirs = connect(api, client_id, MALLORY)
    refused = api.call("DELETE", f"/consumer/grant/{odd.format(theirs=client_id)}")

    assert refused.status == 404
    assert refused.json["detail"] == "You have no such resource."
    assert not grant(api, theirs).revoked_at
    assert [entry.event for entry in api.store._audit] == ["app_created"]


def test_scopes_are_listed_by_name_with_who_may_have_them(api: Api) -> None:
    shown = {"client_credentials": "approved", "restricted": False, "resources": [], "without_resource": True}

    assert api.call("GET", "/consumer/scope").json == {
        "items": [
            {**shown, "name": "consumer", "description": "Manage your apps", "restricted": True},
            {**shown, "name": "read", "description": "Read your data"},
            {**shown, "name": "write", "description": "Change your data"},
        ],
        "next": None,
    }


# Lists


LISTS = {"app": "client_id", "grant": "client_id", "scope": "name"}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_comes_in_parts_of_twenty_unless_said_that_hold_everything_once(api: Api, name: str) -> None:
    api.set(apps_per_user=21, scopes={"read": "Read"} | {f"s{number}": "" for number in range(20)})
    made = [api.created(name=f"App {number}").json["client_id"] for number in range(21)]
    for client_id in made:
        connect(api, client_id)

    for limit, sizes in (("", [20, 1]), ("limit=8&", [8, 8, 5])):
        found, parts, cursor = [], [], ""
        while cursor is not None:
            part = api.call("GET", f"/consumer/{name}?{limit}{cursor and f'cursor={cursor}'}").json
            parts.append(len(part["items"]))
            found += [item[LISTS[name]] for item in part["items"]]
            cursor = part["next"]
        assert parts == sizes
        assert sorted(found) == sorted(made if name != "scope" else api.settings.scopes)


def test_a_cursor_of_another_user_shows_only_ones_own(api: Api) -> None:
    for number in range(2):
        api.created(name=f"A{number}")
        api.created(name=f"M{number}", user=MALLORY)
    cursor = api.call("GET", "/consumer/app?limit=1").json["next"]
    shown = api.call("GET", f"/consumer/app?cursor={cursor}", user=MALLORY).json["items"]

    assert {app["name"] for app in shown} <= {"M0", "M1"}
    assert api.call("GET", "/consumer/app?limit=100&other=&limits=").status == 200


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
