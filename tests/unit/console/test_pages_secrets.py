"""The pages of an app's secrets: created, shown once, labelled and ended."""

from __future__ import annotations

from tests.unit.console.samples import ID
from tests.unit.console.states import page


def test_s182_a_secret_leads_to_a_page_that_asks_before_it_ends() -> None:
    links = {a["href"]: a.get("aria-label") for a in page("app.html").all("a")}
    at = f"/developer/apps/{ID}/secrets"

    assert links[f"{at}/one"] == "Relabel or end … secret Staging"
    assert links[f"{at}/two"] == "Label … secret created 2 hours ago"
    assert not [f for f in page("app.html").all("form") if (f.get("action") or "").endswith("/end")]
    assert page("app_secret_end.html").one("form", action=f"{at}/one/end")["method"] == "post"
    assert "Last used 2 hours ago" in page("app_secret_end.html").text("main")
    assert "Anything that still uses it stops working." in page("app_secret_end.html").text("main")
    assert "It has never been used." in page("a secret that was never used").text("main")


def test_s182_the_only_secret_is_labelled_and_not_ended() -> None:
    parsed = page("the only secret")

    assert [f["action"] for f in parsed.all("form")][1:] == [f"/developer/apps/{ID}/secrets/two"]
    assert "Secret without a label" in parsed.text("main")


def test_a_label_is_typed_for_a_new_secret_and_kept_when_it_is_refused() -> None:
    assert page("app.html").one("input", name="label")["value"] == "Production"
    assert page("app_secret_end.html").one("input", name="label")["value"] == "Stag"
    assert "“Staging”" in page("app_secret_end.html").text("h1")


def test_a_third_secret_is_not_offered() -> None:
    target = f"/developer/apps/{ID}/secrets"

    assert target in [f.get("action") for f in page("app.html").all("form")]
    assert target not in [f.get("action") for f in page("app.html", can_add_secret=False).all("form")]
    assert "End one to create another." in page("app.html", can_add_secret=False).text("main")


def test_a_secret_is_shown_with_the_word_that_it_will_not_be_again() -> None:
    shown = page("a new web app").text("main")

    assert "It will not be shown again." in shown
    assert "Zt8vXqJm2W0c5n1uYb7kR4eH9sLpA3dGfTiNoQxVwKE" in shown
    assert "The old secret keeps" not in shown
    assert "The old secret keeps working until you end it." in page("app_secret.html").text("main")


def test_a_public_app_has_a_key_and_no_secret() -> None:
    shown = page("a new public app").text("main")

    assert ID in shown
    assert "This app has no secret." in shown
    assert "again" not in shown
