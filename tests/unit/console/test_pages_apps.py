"""Fields, links and buttons of the pages about a user's apps and their secrets."""

from __future__ import annotations

from tests.unit.console.samples import ID
from tests.unit.console.samples_apps import APP_FORM, LISTED_APP
from tests.unit.console.states import html, page

SECRETS = f"/developer/apps/{ID}/secrets"


def test_the_frame_says_where_one_is_and_who_one_is() -> None:
    parsed = page("apps.html")

    links = [a for a in parsed.all("a") if (a["href"] or "") in {"/developer/apps", "/developer/grants"}]
    assert [a.get("aria-current") for a in links] == ["page", None]
    assert page("app.html").one("a", **{"aria-current": "true"})["href"] == "/developer/apps"  # a page below it
    assert parsed.text("nav") == "My apps Connected apps Account Administration"
    assert "Administration" not in page("apps.html", is_admin=False).text("nav")
    assert parsed.one("form", action="/developer/logout")["method"] == "post"
    assert "alice" in parsed.text("header")


def test_what_was_done_is_said_in_a_live_region() -> None:
    assert page("apps.html").one("div", role="status")["tabindex"] == "-1"
    assert "status" not in [a.get("role") for _, a in page("apps.html", done=None).elements]


def test_rows_have_headings_and_name_their_cells_where_it_is_narrow() -> None:
    parsed = page("apps.html", apps=[LISTED_APP])

    assert [th["scope"] for th in parsed.all("th")] == ["col"] * 5 + ["row"]
    assert [td["data-label"] for td in parsed.all("td")] == ["Status", "Connected", "Last used", "Created"]


def test_an_app_is_created_below_the_limit_only() -> None:
    begin = [a["href"] for a in page("no apps").all("a") if "button-main" in (a.get("class") or "")]

    assert begin == ["/developer/apps/new"]
    assert "/developer/apps/new" not in html("too many apps")


def test_errors_stand_beside_their_fields_and_are_counted_at_the_top() -> None:
    parsed = page("app_form.html")
    errors = APP_FORM["errors"]

    assert "autofocus" in page("app_form.html", errors={"version": "Changed."}).one("div", role="alert")
    for name in ("name", "url", "redirect_uris", "kind", "grant_types", "scope"):
        assert html("app_form.html").count(f'id="{name}-error"') == 1
        assert f"#{name}" in [a["href"] for a in parsed.all("a")]
        assert parsed.text("main").count(errors[name]) == 2
    assert parsed.text("main").count(errors["version"]) == 1


def test_what_was_typed_is_kept() -> None:
    kept = page("app_form.html")
    uris = "https://client.example.test/callback https://client.example.test/other https://client.example.test/bye"

    assert kept.one("input", name="name")["value"] == "Demo web app!"
    assert kept.one("input", name="url")["value"] == "https://client.example.test"
    assert kept.text("textarea") == uris
    ticked = ["read", "confidential", "authorization_code", "refresh_token", "RS256", ""]
    assert [i["value"] for i in kept.all("input") if "checked" in i] == ticked


def test_the_kind_is_chosen_once_and_a_version_is_edited() -> None:
    created, edited = page("a new app"), page("an app is edited")

    assert [i["type"] for i in created.all("input") if i["name"] == "kind"] == ["radio", "radio"]
    assert edited.one("input", name="kind")["type"] == "hidden"
    assert "version" not in [i["name"] for i in created.all("input")]
    assert {each["value"] for each in edited.all("input") if each["name"] == "version"} == {"7"}
    assert created.one("input", name="url")["aria-describedby"] == "url-hint"


def test_a_grant_that_the_server_does_not_offer_can_not_be_ticked() -> None:
    offered = [{**grant, "available": True} for grant in APP_FORM["grants"]]

    assert "disabled" not in html("a new app", grants=offered)
    assert "disabled" in page("a new app").one("input", value="implicit")


def test_snippets_are_radio_buttons_one_of_each_group_is_chosen() -> None:
    radios = [i for i in page("app_try.html").all("input") if i.get("type") == "radio"]

    assert [(i["name"], i["value"], "checked" in i) for i in radios] == [
        ("sign-in", "authlib", True),
        ("sign-in", "curl", False),
        ("snippet", "curl", True),
        ("snippet", "python", False),
        ("snippet", "javascript", False),
    ]
    assert [p["tabindex"] for p in page("app_try.html").all("pre")] == ["0"] * 5


def test_the_addresses_of_the_server_stand_there_to_be_copied() -> None:
    named = [code["data-copy-name"] for code in page("app_try.html").all("code") if "data-copy-name" in code]

    assert named == ["Issuer", "Token"]


def test_an_app_is_deleted_by_typing_its_name() -> None:
    typed = page("app_form.html").one("input", name="confirm_name")

    assert (typed["value"], typed["aria-invalid"]) == ("Demo", "true")


def test_s182_a_secret_leads_to_a_page_that_asks_before_it_ends() -> None:
    links = {a["href"]: a.get("aria-label") for a in page("app_secrets.html").all("a")}

    assert links[f"{SECRETS}/one"] == "Relabel or end … secret Staging"
    assert links[f"{SECRETS}/two"] == "Label … secret created 2 hours ago"
    assert not [f for f in page("app_secrets.html").all("form") if (f.get("action") or "").endswith("/end")]
    assert page("app_secret_end.html").one("form", action=f"{SECRETS}/one/end")["method"] == "post"


def test_s182_the_only_secret_is_labelled_and_not_ended_and_a_third_is_not_offered() -> None:
    assert [f["action"] for f in page("the only secret").all("form")][1:] == [f"{SECRETS}/two"]
    assert SECRETS in [f.get("action") for f in page("app_secrets.html").all("form")]
    assert SECRETS not in [f.get("action") for f in page("app_secrets.html", can_add_secret=False).all("form")]


def test_a_label_is_kept_when_it_is_refused() -> None:
    assert page("app_secrets.html").one("input", name="label")["value"] == "Production"
    assert page("app_secret_end.html").one("input", name="label")["value"] == "Stag"


def test_the_tabs_of_an_app_say_where_one_is_and_an_app_without_a_secret_has_no_tab_for_them() -> None:
    here = {"app.html": "", "app_problems.html": "/problems", "app_form.html": "/edit", "app_secrets.html": "/secrets"}
    for template, tab in {**here, "app_try.html": "/try"}.items():
        tabs = [a for a in page(template).all("a") if (a["href"] or "").startswith(f"/developer/apps/{ID}")]
        assert f"/developer/apps/{ID}{tab}" in [a["href"] for a in tabs if a.get("aria-current") == "page"]
    assert SECRETS not in [a["href"] for a in page("a public app that waits").all("a")]


def test_restricted_scopes_are_folded_until_one_is_ticked() -> None:
    ticked = page("a new app", values={**APP_FORM["values"], "scope": ["write"]})

    assert [("open" in each) for each in page("a new app").all("details")] == [True, False, False, False]
    assert [("open" in each) for each in ticked.all("details")] == [True, True, False, False]
    assert ["open" in each for each in page("an app is edited").all("details")] == [False] * 6
