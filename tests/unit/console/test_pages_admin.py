"""Texts and fields of the administrators' pages."""

from __future__ import annotations

import pytest

from tests.unit.console.samples import CONNECTIONS, ID
from tests.unit.console.samples_admin import REVIEWED_APP, USER
from tests.unit.console.states import html, page

CLIENTS = [each["client_id"] for each in CONNECTIONS["connections"]]


def test_the_three_subjects_are_one_click_apart() -> None:
    parsed = page("admin_users.html")

    assert "Users Apps Self-registered apps Audit" in parsed.text("nav")
    assert [a["href"] for a in parsed.all("a") if a.get("aria-current") == "page"] == [
        "/developer/admin",
        "/developer/admin",
    ]


# Users


def test_users_are_found_by_the_beginning_of_their_name() -> None:
    parsed = page("admin_users.html")

    assert parsed.one("form", method="get")["action"] == "/developer/admin"
    assert parsed.one("input", name="q")["value"] == "b"
    assert "bob bob@example.test Active User 3 days ago carol Deactivated Administrator" in parsed.text("table")
    assert "No users match “b”." in page("nobody is found").text("main")


def test_a_search_and_its_order_are_in_the_address() -> None:
    parsed = page("admin_users.html")

    assert parsed.one("a", **{"aria-current": "true", "href": "/developer/admin?q=b&order=z-a"})
    assert parsed.one("input", name="order")["value"] == "z-a"
    assert "order" not in [i.get("name") for i in page("admin_apps.html").all("input")]
    assert "No apps match “shop”." in page("no app is found").text("main")


def test_a_page_of_a_user_says_why_a_sign_in_fails_and_what_ends_access() -> None:
    parsed = page("admin_user.html")
    shown = parsed.text("main")

    for sentence in (
        "Last sign-in 2 hours ago · Firefox on Linux",
        "Failed attempts since 7, the last 2 hours ago",
        "Wait before next attempt 4 seconds",
        "12 apps have access to the account.",
        "And 2 more.",
    ):
        assert sentence in shown
    at = f"/developer/admin/users/{ID}"
    ends = [b["formaction"] for b in parsed.all("button") if "formaction" in b]
    assert ends[:3] == [f"{at}/sessions/one/end", f"{at}/sessions/two/end", f"{at}/sessions/end"]
    assert ends[3:] == [*(f"{at}/grants/{client_id}/revoke" for client_id in CLIENTS), f"{at}/grants/revoke"]
    nothing = page("a user without access").text("main")
    for sentence in ("No current session", "is not signed in anywhere", "No apps have access"):
        assert sentence in nothing
    assert "The account is deactivated, so every sign-in is refused" in page("a user who is deactivated").text("main")


def test_an_app_says_who_is_connected_to_it_and_what_that_counts() -> None:
    parsed = page("admin_app.html")
    shown = parsed.text("main")

    assert "100+ accounts currently allow this app." in shown
    assert "bob read write" in shown
    assert "Deleted account – Will be asked again" in shown
    assert f"/developer/admin/users/{ID}#connected" in [a["href"] for a in parsed.all("a")]
    assert "No accounts have allowed this app." in page("an app of an active owner without limits").text("main")


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        ("admin_user.html", ["remove_email", "deactivate", "role", "scope", "groups"]),
        ("a user who waits", ["remove_email", "approve", "deactivate", "role", "scope", "groups"]),
        ("a user who is deactivated", ["remove_email", "reactivate", "deactivate", "role", "scope", "groups"]),
        ("a user whose apps are stopped", ["remove_email", "reactivate", "role", "scope", "groups"]),
        ("oneself", ["remove_email", "scope", "groups"]),
    ],
)
def test_a_user_can_be_changed_as_their_status_allows(state: str, actions: list[str]) -> None:
    parsed = page(state)

    assert [b["value"] for b in parsed.all("button") if b.get("name") == "action"] == actions
    assert {f["action"] for f in parsed.all("form") if "action" in f} == {
        f"/developer/admin/users/{ID}",
        "/developer/logout",
    }


def test_consequences_are_said_before_the_button() -> None:
    assert "Signs bob out everywhere and disconnects all connected apps." in page("admin_user.html").text("main")
    assert "Apps stay disconnected until they are allowed again." in page("a user who is deactivated").text("main")


def test_the_role_and_the_scopes_of_a_user_are_preselected() -> None:
    administrator = page("admin_user.html", user={**USER, "role": "administrator"})

    assert [o["value"] for o in page("admin_user.html").all("option") if "selected" in o] == ["user"]
    assert [o["value"] for o in administrator.all("option") if "selected" in o] == ["administrator"]
    assert [i["value"] for i in page("admin_user.html").all("input") if "checked" in i] == ["chosen", "read"]
    assert "every" in [i["value"] for i in page("oneself").all("input") if "checked" in i]


# Apps


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


def test_an_app_is_reviewed_with_its_owner_and_where_people_go() -> None:
    shown = page("admin_apps.html").text("ul")

    assert "Sends people to client.example.test, 127.0.0.1" in shown
    assert "Web app or job with a secret · owner: bob · created 3 days ago" in shown
    assert "Deactivated · It asked for too much." in shown


def test_an_app_is_deactivated_with_a_reason_that_is_kept_when_it_is_refused() -> None:
    parsed = page("admin_apps.html")

    assert parsed.one("form", action=f"/developer/admin/apps/{ID}")["method"] == "post"
    assert parsed.one("input", name="reason")["value"] == "It"
    assert parsed.one("input", name="reason")["aria-describedby"] == "reason-hint reason-error"
    assert parsed.one("button", value="deactivate")["name"] == "action"
    assert "reason" not in [i.get("name") for i in page("admin_apps.html", opened=None).all("input")]


def test_the_filter_is_in_the_address() -> None:
    parsed = page("no app waits")

    assert parsed.one("a", **{"aria-current": "true", "href": "/developer/admin/apps?status=pending"})
    assert "No apps are waiting for approval." in parsed.text("main")


def test_s119_what_an_app_asks_for_and_gets_is_ticked_and_said() -> None:
    parsed = page("admin_app.html")

    ticked = [(i["name"], i["value"]) for i in parsed.all("input") if "checked" in i]
    assert ticked == [("own", "read"), ("own", "free"), ("marked", "read"), ("marked", "people"), ("marked", "free")]
    fixed = [(i["name"], i["value"]) for i in parsed.all("input") if "disabled" in i]
    assert fixed == [("own", "people"), ("own", "free"), ("marked", "read"), ("marked", "free")]
    shown = parsed.text("main")
    for sentence in (
        "Its owner is not active",
        "Limited: the app’s tokens hold no more than read.",
        "What is ticked under “For the app itself” was granted by the upgrade",
        "Change your data write Requested.",
        "Read names people Not available to apps themselves.",
        "Read names people Restricted. Granted.",
        "There is no account of this name.",
    ):
        assert sentence in shown
    assert {b["value"] for b in parsed.all("button") if b.get("name") == "action"} == {"scopes", "hand_over"}
    assert [i["value"] for i in parsed.all("input") if i.get("name") == "version"] == ["7", "7"]


def test_s119_of_an_app_that_never_acts_for_itself_there_is_less_to_decide() -> None:
    parsed = page("an app of an active owner without limits")

    assert "own" not in [i.get("name") for i in parsed.all("input")]
    assert "Its owner is not active" not in parsed.text("main")
    assert "hold no more than nothing." in page("an app whose owner may nothing").text("main")


def test_s119_a_page_of_a_user_says_which_apps_a_deactivation_stops() -> None:
    shown = page("admin_user.html").text("main")

    assert "The account’s own apps, listed below, get no tokens until then" in shown
    assert "deleted when it is deleted or erased. Demo web app · stopped with its owner" in shown
    assert "And 3 more." in shown
    assert "bob has no apps." in page("a user without an app").text("main")
    assert "Stop the apps that still work" in page("a user who is deactivated").text("main")
    assert "Stop the apps that still work" not in page("a user whose apps are stopped").text("main")


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("no app asks", "No apps are requesting scopes that you have to grant."),
        ("no app asks so far", "No matches so far. There are more apps to search. Search more apps"),
        ("no app was granted by the update", "No apps have scopes of their own that were granted by the upgrade."),
        ("apps that were granted by the update", "Open each one to confirm its scopes or remove them."),
    ],
)
def test_s119_apps_are_listed_by_what_waits_for_a_decision(state: str, sentence: str) -> None:
    assert sentence in page(state).text("main")


# Audit


def test_the_audit_list_says_who_did_what_when_and_from_where() -> None:
    shown = page("admin_audit.html").text("table")

    assert "06:02:00 alice approved the app Printer for https://reports.example.test" in shown
    assert "status: pending → active" in shown
    assert "redirect URI: none → https://new.example.test/cb 192.0.2.7" in shown
    assert "08:54:12 Nobody failed to sign in as bob: wrong password –" in shown
    assert 'title="2026-11-24 06:02 UTC"' in html("admin_audit.html")


def test_days_lead_to_their_neighbours() -> None:
    assert {"prev", "next"} == {a["rel"] for a in page("admin_audit.html").all("a") if "rel" in a}
    assert {a["rel"] for a in page("a day without entries").all("a") if "rel" in a} == {"prev"}
    assert "No entries for this day." in page("a day without entries").text("main")
    assert not [a for a in page("several days of the audit list").all("a") if a.get("rel") == "prev"]


def test_entries_of_several_days_have_their_date() -> None:
    assert "2026-11-24 06:02:00 alice" in page("several days of the audit list").text("table")


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("nothing found in the audit list", "No entries in this period match."),
        (
            "nothing found so far in the audit list",
            "No entries found so far. 2000 entries searched, back to 2026-11-24 06:02 UTC.",
        ),
        ("admin_audit.html", "These are from the user’s own log"),
        ("admin_audit_export.html", "There are more entries after these parts."),
        ("an export without entries", "Part 2 – – 0"),
        ("an export without entries", "There are no more entries."),
    ],
)
def test_the_audit_list_says_how_much_was_looked_at(state: str, sentence: str) -> None:
    assert sentence in page(state).text("main")
