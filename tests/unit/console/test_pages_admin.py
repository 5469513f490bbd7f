"""Fields, links and buttons of the administrators' pages."""

from __future__ import annotations

import pytest

from tests.unit.console.samples import CONNECTIONS, ID
from tests.unit.console.samples_admin import REVIEWED_APP, USER
from tests.unit.console.states import page

CLIENTS = [each["client_id"] for each in CONNECTIONS["connections"]]


def test_the_subjects_are_one_click_apart() -> None:
    parsed = page("admin_users.html")

    assert "Users Apps Self-registered apps Audit" in parsed.text("nav")
    assert [a["href"] for a in parsed.all("a") if a.get("aria-current") == "page"] == ["/developer/admin/users"] * 2


def test_a_search_and_its_order_are_in_the_address() -> None:
    parsed = page("admin_users.html")

    assert parsed.one("form", method="get")["action"] == "/developer/admin/users"
    assert parsed.one("input", name="q")["value"] == "b"
    assert parsed.one("a", **{"aria-current": "true", "href": "/developer/admin/users?q=b&order=name"})
    assert parsed.one("input", name="order")["value"] == "name"
    assert "order" not in [i.get("name") for i in page("admin_apps.html").all("input")]
    assert page("no app waits").one("a", **{"aria-current": "true", "href": "/developer/admin/apps?status=pending"})


def test_a_page_of_a_user_ends_sessions_and_grants() -> None:
    at = f"/developer/admin/users/{ID}"
    ends = [b["formaction"] for b in page("admin_user.html").all("button") if "formaction" in b]

    assert ends[:3] == [f"{at}/sessions/one/end", f"{at}/sessions/two/end", f"{at}/sessions/end"]
    assert ends[3:] == [*(f"{at}/grants/{client_id}/revoke" for client_id in CLIENTS), f"{at}/grants/revoke"]
    assert f"{at}#connected" in [a["href"] for a in page("admin_app.html").all("a")]


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        ("admin_user.html", ["deactivate", "role", "scope", "groups", "remove_email"]),
        ("a user who waits", ["approve", "deactivate", "role", "scope", "groups", "remove_email"]),
        ("a user who is deactivated", ["reactivate", "deactivate", "role", "scope", "groups", "remove_email"]),
        ("a user whose apps are stopped", ["reactivate", "role", "scope", "groups", "remove_email"]),
        ("oneself", ["scope", "groups", "remove_email"]),
    ],
)
def test_a_user_can_be_changed_as_their_status_allows(state: str, actions: list[str]) -> None:
    parsed = page(state)
    forms = {f["action"] for f in parsed.all("form") if "action" in f}

    assert [b["value"] for b in parsed.all("button") if b.get("name") == "action"] == actions
    at = f"/developer/admin/users/{ID}"
    assert forms == {at, f"{at}/export", f"{at}/reset", "/developer/logout"}


def test_the_role_and_the_scopes_of_a_user_are_preselected() -> None:
    administrator = page("admin_user.html", user={**USER, "role": "administrator"})

    assert [o["value"] for o in page("admin_user.html").all("option") if "selected" in o] == ["user"]
    assert [o["value"] for o in administrator.all("option") if "selected" in o] == ["administrator"]
    assert [i["value"] for i in page("admin_user.html").all("input") if "checked" in i] == ["chosen", "read"]
    assert "every" in [i["value"] for i in page("oneself").all("input") if "checked" in i]


@pytest.mark.parametrize(
    ("status", "offered"), [("pending", ["approve"]), ("active", []), ("deactivated", ["activate"])]
)
def test_an_app_can_be_changed_as_its_status_allows(status: str, offered: list[str]) -> None:
    parsed = page("admin_apps.html", apps=[{**REVIEWED_APP, "status": status}], opened=None)

    buttons = [b for b in parsed.all("button") if b.get("name") == "action"]
    assert [b["value"] for b in buttons] == offered
    assert {b["formaction"] for b in buttons} <= {f"/developer/admin/apps/{ID}?version=3"}
    deactivate = f"/developer/admin/apps?app={ID}"
    assert (deactivate in [a["href"] for a in parsed.all("a")]) == (status != "deactivated")


def test_an_app_is_deactivated_with_a_reason_that_is_kept_when_it_is_refused() -> None:
    parsed = page("admin_apps.html")

    assert parsed.one("form", action=f"/developer/admin/apps/{ID}")["method"] == "post"
    assert parsed.one("input", name="reason")["value"] == "It"
    assert parsed.one("input", name="reason")["aria-describedby"] == "reason-hint reason-error"
    assert parsed.one("button", value="deactivate")["name"] == "action"
    assert "reason" not in [i.get("name") for i in page("admin_apps.html", opened=None).all("input")]


def test_s119_what_an_app_asks_for_and_gets_is_ticked() -> None:
    parsed = page("admin_app.html")

    ticked = [(i["name"], i["value"]) for i in parsed.all("input") if "checked" in i]
    assert ticked == [("own", "read"), ("own", "free"), ("marked", "read"), ("marked", "people"), ("marked", "free")]
    fixed = [(i["name"], i["value"]) for i in parsed.all("input") if "disabled" in i]
    assert fixed == [("own", "people"), ("own", "free"), ("marked", "read"), ("marked", "free")]
    assert {b["value"] for b in parsed.all("button") if b.get("name") == "action"} == {"scopes", "hand_over"}
    assert [i["value"] for i in parsed.all("input") if i.get("name") == "version"] == ["7", "7"]
    never = page("an app of an active owner without limits")  # for itself
    assert "own" not in [i.get("name") for i in never.all("input")]


def test_days_of_the_audit_list_lead_to_their_neighbours() -> None:
    def neighbours(state: str) -> set[str | None]:
        return {a["rel"] for a in page(state).all("a") if "rel" in a}

    assert neighbours("admin_audit.html") == {"prev", "next"}
    assert neighbours("a day without entries") == {"prev"}
    assert "prev" not in neighbours("several days of the audit list")
    time = page("admin_audit.html").all("time")[0]
    assert time == {"datetime": "2026-11-24T06:02:00Z", "title": "2026-11-24 06:02 UTC", "data-exact": None}
