"""The app that an authorization request names, and the callback of a response by form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.endpoints.authorization import StoppedApp, active_app, checked_request, proven_callback
from gatepost.errors import InvalidRequest
from gatepost.identifiers import app_id
from gatepost.model.records import ACTIVE, DEACTIVATED, DOCUMENTS, PENDING, REGISTERED, App
from gatepost.oauth.parameters import Parameters
from gatepost.oauth.redirect_uris import Callback
from gatepost.scope import Scope
from tests.answers import PKCE
from tests.unit.world import ALICE, CALLBACK, NOW, SETTINGS, WEB, web_app

URL = "https://client.example.test/client.json"
OF_DOCUMENT = web_app(client_id=app_id(URL), owner=DOCUMENTS, document_url=URL)
HERE = Callback(redirect_uri=CALLBACK, sent=True, state=None, issuer=SETTINGS.issuer, fragment=False)


@pytest.mark.parametrize(
    ("app", "description"),
    [
        (replace(OF_DOCUMENT, status=PENDING), "an administrator has to approve this app first"),
        (replace(OF_DOCUMENT, status=DEACTIVATED), "the app is not active"),
        (web_app(status=PENDING), "the app is not active"),
        (web_app(status=DEACTIVATED), "the app is not active"),
    ],
)
def test_only_an_app_that_came_by_itself_waits_for_an_administrator(app: App, description: str) -> None:
    with pytest.raises(StoppedApp) as caught:
        active_app(app, NOW)

    assert (caught.value.description, caught.value.app, caught.value.client_id) == (description, app, app.client_id)


def test_an_app_is_named_by_what_it_is_known_by() -> None:
    assert active_app(OF_DOCUMENT, NOW, named=URL) is OF_DOCUMENT
    assert active_app(web_app(), NOW, named=WEB).client_id == WEB
    for app, named in ((OF_DOCUMENT, OF_DOCUMENT.client_id), (web_app(), URL)):
        with pytest.raises(InvalidRequest) as caught:
            active_app(app, NOW, named=named)
        assert caught.value.reason == "unknown app"


def test_an_app_that_nobody_used_is_unknown_in_the_end() -> None:
    app = web_app(owner=REGISTERED, kept_unused=100, created_at=NOW, last_used_at=0, status=ACTIVE)

    assert active_app(app, NOW + 99) is app
    with pytest.raises(InvalidRequest) as caught:
        active_app(app, NOW + 100, named=WEB)
    assert (caught.value.description, caught.value.reason) == ("client_id is unknown", "app expired unused")


@pytest.mark.parametrize(
    ("query", "fragment", "posted"),
    [
        ("response_type=code&response_mode=fragment", True, False),
        ("response_type=code&response_mode=form_post", False, True),
        ("response_type=token&response_mode=form_post", True, False),
    ],
)
def test_a_callback_knows_how_its_response_travels(query: str, fragment: bool, posted: bool) -> None:
    found = proven_callback(web_app(), Parameters(f"redirect_uri={CALLBACK}&{query}"), SETTINGS)

    assert (found.fragment, found.posted) == (fragment, posted)


def test_a_response_by_form_needs_a_callback_that_takes_one() -> None:
    asked = {"response_type": "code", "response_mode": "form_post", **PKCE}

    assert checked_request(web_app(), ALICE, HERE._replace(posted=True), asked, SETTINGS).response_type == "code"
    with pytest.raises(InvalidRequest, match="form_post needs a redirect_uri of the web"):
        checked_request(web_app(), ALICE, HERE, asked, SETTINGS)


def test_an_app_may_have_a_default_scope_of_its_own() -> None:
    app = web_app(default_scope=Scope.of("write"))

    assert str(checked_request(app, ALICE, HERE, {"response_type": "code"}, SETTINGS).scope) == "write"
    assert str(checked_request(web_app(), ALICE, HERE, {"response_type": "code"}, SETTINGS).scope) == "read"
