"""Who asks, where the answer goes, and its parameters (S03, S07, S09 to S11, S64, S140); a guarded one (S357)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from gatepost.endpoints.authorization import StoppedApp, active_app, proven_callback
from gatepost.endpoints.guarded_callback import guarded
from gatepost.errors import AnswerError, InvalidRequest, InvalidScope
from gatepost.identifiers import app_id
from gatepost.model.records import DOCUMENTS, REGISTERED, App, Approval
from gatepost.oauth.parameters import Parameters
from gatepost.oauth.redirect_uris import Callback, answering
from tests.raising import raised
from tests.unit.world import ALICE, CALLBACK, NOW, READ, SETTINGS, WEB, web_app

URL = "https://client.example.test/client.json"
OF_DOCUMENT = web_app(client_id=app_id(URL), owner=DOCUMENTS, document_url=URL)


def callback(uri: str = CALLBACK, *, state: str | None = None, fragment: bool = False) -> Callback:
    return Callback(redirect_uri=uri, sent=True, state=state, issuer="https://id.example.test", fragment=fragment)


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        (CALLBACK, "https://client.example.test/cb?code=abc&iss=https%3A%2F%2Fid.example.test"),
        (
            "https://client.example.test/cb2?tenant=7",
            "https://client.example.test/cb2?tenant=7&code=abc&iss=https%3A%2F%2Fid.example.test",
        ),
        ("com.example.app:/cb", "com.example.app:/cb?code=abc&iss=https%3A%2F%2Fid.example.test"),
        ("http://127.0.0.1:5/cb", "http://127.0.0.1:5/cb?code=abc&iss=https%3A%2F%2Fid.example.test"),
    ],
)
def test_s10_an_answer_travels_in_the_query_and_names_the_issuer(uri: str, location: str) -> None:
    assert callback(uri).location({"code": "abc"}) == location


def test_s64_an_answer_of_the_implicit_grant_travels_in_the_fragment() -> None:
    location = callback("https://client.example.test/cb2?tenant=7", state="s", fragment=True).location({"token": "t"})

    assert location == "https://client.example.test/cb2?tenant=7#token=t&state=s&iss=https%3A%2F%2Fid.example.test"


@pytest.mark.parametrize(
    "state",
    [
        *("abc", "YWJj+/=", "a+b", "two words", " ", "%zz", "100%25", "zoë ☃ 😀", "x" * 1500),
        *("https://client.example.test/?a=b&c=d#e", '{"a":["b",1]}', "'\"<script>"),
        *("a\r\nLocation: https://evil.test", "&code=evil"),
    ],
)
@pytest.mark.parametrize("fragment", [False, True])
def test_s09_the_state_comes_back_byte_for_byte(state: str, fragment: bool) -> None:
    location = callback(state=state, fragment=fragment).location({"code": "abc"})
    parts = urlsplit(location)

    assert location.isascii()
    assert parse_qs(parts.fragment if fragment else parts.query, strict_parsing=True) == {
        "code": ["abc"],
        "state": [state],
        "iss": ["https://id.example.test"],
    }


def test_s09_where_there_was_no_state_none_comes_back() -> None:
    assert "state" not in callback().location({"code": "abc"})


def test_s11_an_error_reaches_the_app_with_its_code_and_its_public_text_only() -> None:
    with pytest.raises(AnswerError) as caught, answering(callback(state="s")):
        raise InvalidScope("none of the requested scope can be granted", reason="secret reason")

    assert caught.value.error.code == "invalid_scope"
    assert caught.value.location == (
        "https://client.example.test/cb?error=invalid_scope"
        "&error_description=none%20of%20the%20requested%20scope%20can%20be%20granted"
        "&state=s&iss=https%3A%2F%2Fid.example.test"
    )


def test_s11_what_is_no_error_of_the_protocol_is_not_sent_to_the_app() -> None:
    with pytest.raises(ZeroDivisionError), answering(callback()):
        raise ZeroDivisionError


# Who asks, and where the answer goes


@pytest.mark.parametrize(
    ("app", "reason", "description"),
    [
        (None, "unknown app", "client_id is unknown"),
        (web_app(status="pending"), "app is pending", "the app is not active"),
        (web_app(status="deactivated"), "app is deactivated", "the app is not active"),
        (web_app(owner_stopped=True), "its owner is stopped", "the app is not active"),
        # only an app that came by itself waits for an administrator
        (OF_DOCUMENT._replace(status="pending"), "app is pending", "an administrator has to approve this app first"),
        (OF_DOCUMENT._replace(status="deactivated"), "app is deactivated", "the app is not active"),
    ],
)
def test_s03_s21_without_an_active_app_nobody_is_answered(app: App | None, reason: str, description: str) -> None:
    caught = raised(InvalidRequest, active_app, app, NOW)
    assert (caught.reason, caught.description) == (reason, description)
    if app:
        assert isinstance(caught, StoppedApp)
        assert (caught.app, caught.client_id) == (app, app.client_id)


def test_an_app_is_named_by_what_it_is_known_by() -> None:
    assert active_app(OF_DOCUMENT, NOW, named=URL) is OF_DOCUMENT
    assert active_app(web_app(), NOW, named=WEB).client_id == WEB
    for app, named in ((OF_DOCUMENT, OF_DOCUMENT.client_id), (web_app(), URL)):
        assert raised(InvalidRequest, active_app, app, NOW, named=named).reason == "unknown app"


def test_an_app_that_nobody_used_is_unknown_in_the_end() -> None:
    app = web_app(owner=REGISTERED, kept_unused=100, created_at=NOW, last_used_at=0)

    assert active_app(app, NOW + 99) is app
    caught = raised(InvalidRequest, active_app, app, NOW + 100, named=WEB)
    assert (caught.description, caught.reason) == ("client_id is unknown", "app expired unused")


def test_the_callback_is_proven_and_keeps_the_state() -> None:
    query = Parameters(f"response_type=code&redirect_uri={CALLBACK}&state=xyz")

    assert proven_callback(web_app(), query, SETTINGS) == callback(state="xyz")


def test_the_callback_remembers_that_the_request_did_not_name_it() -> None:
    found = proven_callback(web_app(), Parameters("response_type=token"), SETTINGS)

    assert (found.redirect_uri, found.sent, found.state, found.fragment) == (CALLBACK, False, None, True)


def test_s07_a_redirect_uri_that_is_sent_twice_proves_nothing_and_such_a_state_does_not_come_back() -> None:
    with pytest.raises(InvalidRequest):
        proven_callback(web_app(), Parameters(f"redirect_uri={CALLBACK}&redirect_uri={CALLBACK}"), SETTINGS)
    for state in ("state=a&state=b", "state=a&state=a"):
        assert proven_callback(web_app(), Parameters(state), SETTINGS).state is None


@pytest.mark.parametrize(
    ("query", "fragment", "posted"),
    [
        ("", False, False),
        ("response_type=code", False, False),
        ("response_type=code&response_mode=query", False, False),
        ("response_type=code&response_mode=fragment", True, False),
        ("response_type=code&response_mode=form_post", False, True),
        ("response_type=code&response_mode=fragment&response_mode=fragment", False, False),
        ("response_type=token", True, False),
        ("response_type=token&response_mode=query", True, False),
        ("response_type=token&response_mode=form_post", True, False),
        ("response_type=unknown&response_mode=fragment", True, False),
    ],
)
def test_s140_an_answer_travels_in_the_mode_that_was_asked_for(query: str, fragment: bool, posted: bool) -> None:
    found = proven_callback(web_app(), Parameters(f"redirect_uri={CALLBACK}&{query}"), SETTINGS)

    assert (found.fragment, found.posted) == (fragment, posted)


# The callback of an app that nobody vouches for

HERE = callback(state="xyz")
STRANGER = web_app()._replace(owner=REGISTERED)
APPROVED = Approval(user_id=ALICE.user_id, client_id=WEB, scope=READ, approved_at=NOW)


@pytest.mark.parametrize("silent", [True, False])
@pytest.mark.parametrize("approval", [None, APPROVED])
def test_an_app_with_an_owner_is_sent_every_error(silent: bool, approval: Approval | None) -> None:
    assert guarded(HERE, web_app(), approval, SETTINGS, silent=silent, proven=False) is HERE


@pytest.mark.parametrize("approval", [None, APPROVED])
def test_s357_an_error_of_an_open_request_waits_for_a_press(approval: Approval | None) -> None:
    callback = guarded(HERE, STRANGER, approval, SETTINGS, silent=False, proven=False)

    with pytest.raises(AnswerError) as caught, answering(callback):
        raise InvalidScope("it is not known")
    assert caught.value.by_press
    assert "error=invalid_scope" in caught.value.location


def test_s357_a_silent_request_is_answered_where_the_user_has_allowed_the_app() -> None:
    assert guarded(HERE, STRANGER, APPROVED, SETTINGS, silent=True, proven=False) is HERE

    caught = raised(AnswerError, guarded, HERE, STRANGER, None, SETTINGS, silent=True, proven=False)
    assert (caught.by_press, caught.error.code) == (True, "interaction_required")
    assert caught.error.client_id == WEB
