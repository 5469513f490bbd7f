"""The consent page's warnings about an app that nobody here vouches for (S224)."""

from __future__ import annotations

from dataclasses import replace

from gatepost.console.strangers import stranger
from gatepost.model.records import DOCUMENTS, REGISTERED
from tests.unit.console.rendered import page
from tests.unit.console.samples_admin import ADMIN_APP
from tests.unit.console.states import BY_DOCUMENT, STRANGER, html
from tests.unit.world import web_app

ANYBODY = "Any program on your computer can claim to be this app."
HERE = ("http://localhost/callback", "http://127.0.0.1:3030/callback", "com.example.app:/cb")


def test_s224_an_app_with_an_owner_is_no_stranger() -> None:
    assert stranger(web_app()) is None
    assert "vouches" not in page("consent.html").text("main")


def test_s224_the_host_of_the_redirect_and_that_of_the_document_come_first_for_a_stranger() -> None:
    text = page("consent.html", stranger=STRANGER, implicit=False).text("main")

    assert text.startswith(
        "Demo web app wants to use your Example account You would go to callback.example.test "
        "The app says that it is from app.example.test Nobody at Example has checked this app or vouches for it"
    )
    assert text.count("callback.example.test") == 1


def test_s224_anybody_on_the_computer_can_be_an_app_with_no_other_redirect() -> None:
    app = replace(web_app(), owner=DOCUMENTS, document_url="https://app.example.test/c", redirect_uris=HERE)
    mixed = replace(app, redirect_uris=(*HERE, "https://app.example.test/cb"))

    assert stranger(app) == ("app.example.test", True)
    assert stranger(mixed) == ("app.example.test", False)
    assert ANYBODY in page("consent.html", stranger=STRANGER).text("main")
    assert ANYBODY not in page("consent.html", stranger={**STRANGER, "only_here": False}).text("main")


def test_an_address_on_this_computer_is_warned_of_once() -> None:
    here = "This address is on the computer in front of you"

    assert here not in page("consent.html", stranger=STRANGER, notice="loopback").text("main")
    other = {**STRANGER, "only_here": False}
    assert here in page("consent.html", stranger=other, notice="loopback").text("main")
    assert "This opens an app on your device" in page("consent.html", stranger=STRANGER, notice="native").text("main")


def test_s224_an_app_that_registered_itself_has_no_document_to_name() -> None:
    app = replace(web_app(), owner=REGISTERED)

    assert stranger(app) == ("", False)
    assert "says that it is from" not in page("consent.html", stranger={**STRANGER, "document_host": ""}).text("main")


def test_administrators_see_the_document_and_no_owner_of_an_app_that_came_by_itself() -> None:
    shown = html("admin_app.html", app={**ADMIN_APP["app"], **BY_DOCUMENT})

    assert BY_DOCUMENT["document_url"] in shown
    assert "Nobody: it came by its own document" in shown
    assert "Delete app" in shown
    assert "Hand over" not in shown
