"""Texts and fields of the pages about a user's apps."""

from __future__ import annotations

import pytest

from tests.unit.console.samples_apps import APP, APP_FORM, LISTED_APP
from tests.unit.console.states import html, page

# The frame


def test_the_frame_says_where_one_is_and_who_one_is() -> None:
    parsed = page("apps.html")

    links = [a for a in parsed.all("a") if (a["href"] or "") in {"/developer/apps", "/developer/grants"}]
    assert [a.get("aria-current") for a in links] == ["page", None]
    assert parsed.text("nav") == "My apps Connected apps Account Administration"
    assert parsed.one("form", action="/developer/logout")["method"] == "post"
    assert "alice" in parsed.text("header")


def test_a_page_below_another_marks_its_section_but_is_not_the_page_itself() -> None:
    assert page("app.html").one("a", **{"aria-current": "true"})["href"] == "/developer/apps"


def test_only_administrators_see_the_administration() -> None:
    assert "Administration" not in page("apps.html", is_admin=False).text("nav")


def test_what_was_done_is_said_in_a_live_region() -> None:
    assert page("apps.html").one("div", role="status")["tabindex"] == "-1"
    assert "The app is deleted." in page("apps.html").text("main")
    assert "status" not in [a.get("role") for _, a in page("apps.html", done=None).elements]


# My apps


def test_apps_show_status_use_and_connections() -> None:
    shown = page("apps.html").text("table")

    assert "Demo web app Web app or job with a secret Active 3 2 hours ago 3 days ago" in shown
    assert "Photo printer Browser or native app Pending 3 Not used yet 3 days ago" in shown
    assert "Newsletter Web app or job with a secret Deactivated It asked for too much." in shown


def test_rows_have_headings_and_name_their_cells_where_it_is_narrow() -> None:
    parsed = page("apps.html", apps=[LISTED_APP])

    assert [th["scope"] for th in parsed.all("th")] == ["col"] * 5 + ["row"]
    assert [td["data-label"] for td in parsed.all("td")] == ["Status", "Connected", "Last used", "Created"]


def test_without_apps_the_page_says_what_one_is_and_how_to_begin() -> None:
    parsed = page("no apps")

    assert "An app is a website or program" in parsed.text("main")
    assert [a["href"] for a in parsed.all("a") if "button-main" in (a.get("class") or "")] == ["/developer/apps/new"]


def test_at_the_limit_there_is_no_way_to_create_another() -> None:
    assert "/developer/apps/new" not in html("too many apps")
    assert "You have 16 apps, which is the most you can have." in page("too many apps").text("main")


# Create and edit


def test_errors_stand_beside_their_fields_and_are_counted_at_the_top() -> None:
    parsed = page("app_form.html")
    errors = APP_FORM["errors"]

    assert "7 fields need your attention" in parsed.text("main")
    assert "autofocus" in parsed.one("div", role="alert")
    for name in ("name", "url", "redirect_uris", "kind", "grant_types", "scope"):
        assert html("app_form.html").count(f'id="{name}-error"') == 1
        assert f"#{name}" in [a["href"] for a in parsed.all("a")]
        assert parsed.text("main").count(errors[name]) == 2
    assert parsed.text("main").count(errors["version"]) == 1


def test_creating_and_editing_say_what_the_button_does() -> None:
    created, edited = page("a new app"), page("an app is edited")

    assert created.text("h1") == "Create an app"
    assert "Create app" in created.text("button")
    assert "version" not in [i["name"] for i in created.all("input")]
    assert edited.text("h1") == "Edit Demo web app"
    assert "Save changes" in edited.text("button")
    assert edited.one("input", name="version")["value"] == "7"


def test_the_kind_is_chosen_once() -> None:
    assert [i["type"] for i in page("a new app").all("input") if i["name"] == "kind"] == ["radio", "radio"]
    assert page("an app is edited").one("input", name="kind")["type"] == "hidden"


def test_the_seeds_rule_is_explained_at_the_website() -> None:
    parsed = page("a new app")

    assert parsed.one("input", name="url")["aria-describedby"] == "url-hint"
    assert "any address with the same scheme, host and port as the website is accepted." in parsed.text("form")


def test_a_grant_is_warned_of_or_switched_off() -> None:
    offered = [{**grant, "available": True} for grant in APP_FORM["grants"]]

    assert "Use authorization code instead." in page("a new app", grants=offered).text("fieldset")
    assert "disabled" not in html("a new app", grants=offered)
    assert "disabled" in page("a new app").one("input", value="implicit")
    assert "Not available on this server." in page("a new app").text("fieldset")


# An app


def test_s119_the_form_says_of_each_scope_who_decides_and_what_was_decided() -> None:
    shown = page("app_form.html").text("main")

    for sentence in (
        "Read your data read For the app itself: open.",
        "Restricted: until an administrator grants it to the app, only you can allow it.",
        "write Restricted: until",
        "For the app itself: needs an administrator’s approval. Read names",
        "people Restricted: granted by an administrator, so people can allow it. For the app itself: not available.",
        "Read what is public free For the app itself: granted by an administrator.",
    ):
        assert sentence in shown


def test_s119_the_page_says_of_each_scope_what_the_app_gets() -> None:
    shown = page("app.html").text("main")

    for sentence in (
        "Read your data read For users: open · for itself: granted",
        "write For users: restricted, so only you can allow it. Requested · for itself: requested, waiting for an",
        "Read names people For users: restricted, granted by an administrator · for itself: not available",
        "Read what is public free For users: open · for itself: open",
    ):
        assert sentence in shown


def test_an_app_that_works_has_no_reason_why_not() -> None:
    shown = page("a web app").text("main")

    assert "Web app or job with a secret · Active" in shown
    assert "Requests with its key are refused" not in shown


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (
            "app.html",
            "Deactivated Requests with its key are refused, and everyone who had connected it was disconnected.",
        ),
        ("app.html", "An administrator says: “It asked for too much.”"),
        ("app.html", "Questions? Ask support@example.test"),
        (
            "a public app that waits",
            "Waiting for approval An administrator reviews every new app, and every app whose name,",
        ),
        ("a public app that waits", "This app has no secret."),
        ("a public app that waits", "Any address with the same scheme, host and port as the website"),
    ],
)
def test_an_app_says_why_it_does_not_work(state: str, sentence: str) -> None:
    assert sentence in page(state).text("main")


def test_snippets_are_radio_buttons_one_of_which_is_chosen() -> None:
    radios = [i for i in page("app.html").all("input") if i.get("type") == "radio"]

    assert [i["id"] for i in radios] == ["snippet-curl", "snippet-python", "snippet-javascript"]
    assert ["checked" in i for i in radios] == [True, False, False]
    assert [p["tabindex"] for p in page("app.html").all("pre")] == ["0", "0", "0"]


def test_the_addresses_of_the_server_stand_there_to_be_copied() -> None:
    named = [code["data-copy-name"] for code in page("app.html").all("code") if "data-copy-name" in code]
    shown = page("app.html").text("main")

    assert named == ["Issuer", "Token"]
    assert "Issuer https://auth.example.test Token https://auth.example.test/authorization/token" in shown


@pytest.mark.parametrize("state", ["a public app that waits", "app_secret.html"])
def test_an_app_that_waits_says_so_before_anything_to_try(state: str) -> None:
    shown = page(state).text("main")

    assert shown.index("Waiting for approval") < shown.index("Key") < shown.index("Snippets")


def test_a_job_has_no_website_and_nobody_is_sent_to_it() -> None:
    shown = page("a job").text("main")

    assert "Website None Redirect URIs None. People are never sent to this app" in shown


def test_a_snippet_is_shown_as_it_stands() -> None:
    assert 'aria-label="curl" data-copy="Copy snippet">curl https://auth.example.test/' in html("app.html")
    assert "token \\\n  --user" in html("app.html")
    assert "Try it" not in page("an app that nobody can try").text("main")


def test_an_app_is_deleted_by_typing_its_name() -> None:
    parsed = page("app.html")

    assert parsed.one("input", name="confirm_name")["value"] == "Demo"
    assert parsed.one("input", name="confirm_name")["aria-invalid"] == "true"
    assert "Type Demo web app to confirm" in parsed.text("label")


def test_one_account_is_one() -> None:
    assert "Connected 1 account Last used" in page("a web app", app={**APP["app"], "connected": "1"}).text("dl")


def test_an_owner_is_told_that_the_server_sends_no_logout_tokens() -> None:
    assert "back-channel logout is off" not in page("app_form.html").text("main")
    assert "back-channel logout is off on this server" in page("app_form.html", tells_of_logouts=False).text("main")
    assert "Not sent: back-channel logout is off on this server." in page("app.html").text("main")
