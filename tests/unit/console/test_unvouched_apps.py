"""What pages show of an app that nobody here vouches for (S224, S360)."""

from __future__ import annotations

from dataclasses import replace

from gatepost.console.unvouched_apps import shown_name, stranger
from gatepost.model.records import DOCUMENTS, REGISTERED
from tests.unit.console.rendered import page
from tests.unit.console.samples_admin import ADMIN_APP
from tests.unit.console.states import BY_DOCUMENT, STRANGER, html
from tests.unit.world import SETTINGS, web_app

ANYBODY = "Any program on your computer can claim to be this app."
HERE = ("http://localhost/callback", "http://127.0.0.1:3030/callback", "com.example.app:/cb")
OWN_WORDS = ("Calls itself", web_app().name)


def test_s224_an_app_with_an_owner_is_no_stranger() -> None:
    assert stranger(web_app(), SETTINGS) is None
    assert shown_name(web_app(), SETTINGS) == web_app().name
    assert "vouches" not in page("consent.html").text("main")


def test_s224_where_one_would_go_comes_first_and_the_rest_is_claimed() -> None:
    text = page("consent.html", stranger=STRANGER, implicit=False).text("main")

    assert text.startswith(
        "An app wants to use your Example account You’ll be sent to callback.example.test "
        "Calls itself Claude not checked Claims to be from app.example.test not checked "
        "Example has not checked this app and does not vouch for it"
    )
    assert text.count("callback.example.test") == 1
    assert "App website" not in text


def test_s224_anybody_on_the_computer_can_be_an_app_with_no_other_redirect() -> None:
    app = replace(web_app(), owner=DOCUMENTS, document_url="https://app.example.test/c", redirect_uris=HERE)
    mixed = replace(app, redirect_uris=(*HERE, "https://app.example.test/cb"))
    claims = (OWN_WORDS, ("Claims to be from", "app.example.test"))

    assert stranger(app, SETTINGS) == ("127.0.0.1:3030, com.example.app:, localhost", claims, True)
    assert stranger(mixed, SETTINGS) == (
        "127.0.0.1:3030, app.example.test, com.example.app:, localhost",
        claims,
        False,
    )
    assert ANYBODY in page("consent.html", stranger=STRANGER).text("main")
    assert ANYBODY not in page("consent.html", stranger={**STRANGER, "only_here": False}).text("main")


def test_an_address_on_this_computer_is_warned_of_once() -> None:
    here = "This address is on your own computer"

    assert here not in page("consent.html", stranger=STRANGER, notice="loopback").text("main")
    other = {**STRANGER, "only_here": False}
    assert here in page("consent.html", stranger=other, notice="loopback").text("main")
    assert "This opens an app on your device" in page("consent.html", stranger=STRANGER, notice="native").text("main")


def test_s360_the_website_of_a_registration_is_a_claim_and_none_need_be_there() -> None:
    app = replace(web_app(), owner=REGISTERED, redirect_uris=("https://elsewhere.example.test/cb",))

    assert stranger(app, SETTINGS) == (
        "elsewhere.example.test",
        (OWN_WORDS, ("Claims to be from", "client.example.test")),
        False,
    )
    assert stranger(replace(app, url=""), SETTINGS) == ("elsewhere.example.test", (OWN_WORDS,), False)
    assert shown_name(app, SETTINGS) == f"elsewhere.example.test (not checked: “{app.name}”)"
    nowhere = stranger(replace(app, url="", redirect_uris=()), SETTINGS)
    assert nowhere is not None
    assert nowhere.hosts == "No address"


def test_administrators_see_the_document_and_no_owner_of_an_app_that_came_by_itself() -> None:
    shown = html("admin_app.html", app={**ADMIN_APP["app"], **BY_DOCUMENT})

    assert BY_DOCUMENT["document_url"] in shown
    assert "Nobody: it uses its own metadata document" in shown
    assert "Delete app" in shown
    assert "Transfer" not in shown
