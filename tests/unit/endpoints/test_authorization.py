"""The logic of the authorization endpoint: requests (S06, S08, S45), consent (S36), responses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from gatepost.endpoints.authorization import AuthorizationRequest, active_app, checked_request, proven_callback
from gatepost.endpoints.decision import needs_consent
from gatepost.errors import (
    ConsentRequired,
    InvalidRequest,
    InvalidScope,
    OAuthError,
    UnauthorizedClient,
    UnsupportedResponseType,
)
from gatepost.model.records import App, Approval, User
from gatepost.oauth.parameters import Parameters
from gatepost.oauth.redirect_uris import Callback
from gatepost.oauth.resource_indicators import Target
from gatepost.scope import Scope
from tests.unit.world import (
    ALICE,
    CALLBACK,
    CHALLENGE,
    NOW,
    READ,
    READ_WRITE,
    SETTINGS,
    WEB,
    WRITE,
    native_app,
    web_app,
)

HERE = Callback(redirect_uri=CALLBACK, sent=True, state="xyz", issuer="https://id.example.test", fragment=False)
PKCE: dict[str, Any] = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def check(app: App | None = None, user: User = ALICE, **parameters: str) -> AuthorizationRequest:
    return checked_request(app or web_app(), user, HERE, {"response_type": "code"} | parameters, SETTINGS)


def approval(scope: Scope, client_id: str = WEB) -> Approval:
    return Approval(user_id="alice-id", client_id=client_id, scope=scope, approved_at=NOW - 100)


# Where the answer goes


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        (None, "unknown app"),
        (web_app(status="pending"), "app is pending"),
        (web_app(status="deactivated"), "app is deactivated"),
        (web_app(owner_stopped=True), "its owner is stopped"),
    ],
)
def test_s03_s21_without_an_active_app_there_is_nobody_to_answer(app: App | None, reason: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        active_app(app, NOW)
    assert caught.value.reason == reason


def test_the_callback_is_proven_and_keeps_the_state() -> None:
    query = Parameters(f"response_type=code&redirect_uri={CALLBACK}&state=xyz")

    assert proven_callback(web_app(), query, SETTINGS) == HERE


def test_the_callback_remembers_that_the_request_did_not_name_it() -> None:
    found = proven_callback(web_app(), Parameters("response_type=token"), SETTINGS)

    assert (found.redirect_uri, found.sent, found.state, found.fragment) == (CALLBACK, False, None, True)


def test_s07_a_redirect_uri_that_is_sent_twice_proves_nothing() -> None:
    with pytest.raises(InvalidRequest):
        proven_callback(web_app(), Parameters(f"redirect_uri={CALLBACK}&redirect_uri={CALLBACK}"), SETTINGS)


@pytest.mark.parametrize("query", ["state=a&state=b", "state=a&state=a"])
def test_s07_a_state_that_is_sent_twice_does_not_come_back(query: str) -> None:
    assert proven_callback(web_app(), Parameters(query), SETTINGS).state is None


# What is asked


def test_a_request_is_for_what_app_and_user_may_have() -> None:
    assert check(scope="read write admin", prompt="login consent", **PKCE) == AuthorizationRequest(
        callback=HERE,
        response_type="code",
        scope=READ_WRITE,
        targets=(Target(audience="https://api.example.test", name="Gatepost", scopes=None, resource=None),),
        code_challenge=CHALLENGE,
        prompts=frozenset({"login", "consent"}),
        dropped=Scope.of("admin"),
    )
    assert check(user=replace(ALICE, scope=WRITE), scope="read,write").scope == WRITE
    assert check().scope == READ


CODE_ONLY, TOKEN_ONLY = web_app(grant_types=("authorization_code",)), web_app(grant_types=("implicit",))
REFUSED: list[tuple[App, dict[str, Any], type[OAuthError]]] = [
    (web_app(), {"response_type": "Code"}, UnsupportedResponseType),
    (web_app(), {"response_type": "code code"}, UnsupportedResponseType),
    (web_app(), {"response_type": "code token"}, UnsupportedResponseType),
    (web_app(), {"response_type": "id_token"}, UnsupportedResponseType),
    (web_app(), {"response_type": "none"}, UnsupportedResponseType),
    (CODE_ONLY, {"response_type": "token"}, UnauthorizedClient),
    (TOKEN_ONLY, {"response_type": "code"}, UnauthorizedClient),
    (web_app(), {"scope": "unknown"}, InvalidScope),
    (web_app(), {"scope": "admin"}, InvalidScope),
    (web_app(), {"scope": 're"ad'}, InvalidScope),
    (web_app(), {"scope": "<script>é"}, InvalidScope),
    (native_app(), {}, InvalidRequest),
    (native_app(), {"code_challenge": CHALLENGE}, InvalidRequest),
    (native_app(), {"code_challenge_method": "S256"}, InvalidRequest),
    (web_app(), PKCE | {"code_challenge_method": "plain"}, InvalidRequest),
    (web_app(), PKCE | {"code_challenge": "short"}, InvalidRequest),
    (web_app(), {"prompt": "create"}, InvalidRequest),
    (web_app(), {"prompt": "none login"}, InvalidRequest),
    (web_app(), {"prompt": "login\u00a0consent"}, InvalidRequest),
    (web_app(), {"prompt": "Consent"}, InvalidRequest),
]


@pytest.mark.parametrize(("app", "parameters", "error"), REFUSED)
def test_s06_s08_s45_s48_a_request_that_can_not_be_granted_is_refused(
    app: App, parameters: dict[str, Any], error: type[OAuthError]
) -> None:
    with pytest.raises(error) as caught:
        check(app, **parameters)
    # S11: characters that an error answer may hold (RFC 6749 §4.1.2.1)
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", caught.value.description)


def test_s06_a_request_without_response_type_is_malformed() -> None:
    with pytest.raises(InvalidRequest, match="response_type is missing"):
        checked_request(web_app(), ALICE, HERE, {}, SETTINGS)


def test_s45_a_public_app_needs_a_challenge_for_a_code_but_not_for_a_token() -> None:
    assert check(native_app(), **PKCE).code_challenge == CHALLENGE
    assert check(native_app(), response_type="token").code_challenge == ""


def test_a_deployment_can_switch_the_implicit_grant_off() -> None:
    with pytest.raises(UnsupportedResponseType):
        checked_request(web_app(), ALICE, HERE, {"response_type": "token"}, replace(SETTINGS, grant_implicit=False))


# Whether to ask


@pytest.mark.parametrize(
    ("app", "remembered", "prompt", "asked"),
    [
        (web_app(), None, "", True),
        (web_app(), READ, "", True),  # for more than was approved
        (web_app(), READ_WRITE, "", False),
        (web_app(), READ_WRITE | Scope.of("admin"), "", False),
        (web_app(), READ_WRITE, "consent", True),
        (web_app(), READ_WRITE, "login", False),
        (web_app(), READ_WRITE, "none", False),
        (native_app(), READ_WRITE, "", True),  # it can't prove who it is
    ],
)
def test_s36_the_user_is_asked_unless_an_app_that_proves_itself_was_allowed_as_much(
    app: App, remembered: Scope | None, prompt: str, asked: bool
) -> None:
    request = check(app, scope="read write", prompt=prompt, **PKCE)

    assert needs_consent(app, request, approval(remembered) if remembered else None, {}) is asked


def test_s36_what_was_allowed_covers_what_it_implies() -> None:
    request = check(web_app(), scope="read", **PKCE)

    assert not needs_consent(web_app(), request, approval(Scope.of("write")), {"write": ["read"]})
    assert needs_consent(web_app(), request, approval(Scope.of("write")), {"read": ["write"]})


@pytest.mark.parametrize(("app", "remembered"), [(web_app(), None), (web_app(), READ), (native_app(), READ_WRITE)])
def test_s13_where_nobody_may_be_asked_the_app_is_told(app: App, remembered: Scope | None) -> None:
    request = check(app, scope="read write", prompt="none", **PKCE)

    with pytest.raises(ConsentRequired):
        needs_consent(app, request, approval(remembered) if remembered else None, {})


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        ("response_type=code", False),
        ("response_type=code&response_mode=query", False),
        ("response_type=code&response_mode=fragment", True),
        ("response_type=code&response_mode=form_post", False),
        ("response_type=code&response_mode=fragment&response_mode=fragment", False),
        ("response_type=token", True),
        ("response_type=token&response_mode=query", True),
        ("response_type=token&response_mode=fragment", True),
        ("response_type=unknown&response_mode=form_post", False),
        ("", False),
    ],
)
def test_s140_an_answer_travels_in_the_mode_that_was_asked_for_if_that_can_be_had(query: str, fragment: bool) -> None:
    assert proven_callback(web_app(), Parameters(query), SETTINGS).fragment is fragment


@pytest.mark.parametrize(
    ("response_type", "response_mode"), [("code", "form_post"), ("code", "FRAGMENT"), ("token", "query")]
)
def test_s140_a_mode_that_can_not_be_had_is_refused(response_type: str, response_mode: str) -> None:
    with pytest.raises(InvalidRequest, match="response_mode"):
        check(response_type=response_type, response_mode=response_mode)


@pytest.mark.parametrize(
    ("response_type", "response_mode"), [("code", "query"), ("code", "fragment"), ("token", "fragment")]
)
def test_s140_and_one_that_can_is_not(response_type: str, response_mode: str) -> None:
    assert check(response_type=response_type, response_mode=response_mode).response_type == response_type
