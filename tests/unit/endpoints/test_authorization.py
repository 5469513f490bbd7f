"""The logic of the authorization endpoint: requests (S06, S08, S45), consent (S36), responses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gatepost.endpoints.authorization import AuthorizationRequest, checked_request
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
from gatepost.oauth.resource_indicators import Target
from gatepost.scope import Scope
from tests.raising import raised
from tests.unit.world import ALICE, CHALLENGE, HERE, NOW, READ, READ_WRITE, SETTINGS, WEB, WRITE, native_app, web_app

PKCE: dict[str, Any] = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def check(app: App | None = None, user: User = ALICE, **parameters: str) -> AuthorizationRequest:
    return checked_request(app or web_app(), user, HERE, {"response_type": "code"} | parameters, SETTINGS)


def approval(scope: Scope, client_id: str = WEB) -> Approval:
    return Approval(user_id="alice-id", client_id=client_id, scope=scope, approved_at=NOW - 100)


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
    assert check(user=ALICE._replace(scope=WRITE), scope="read,write").scope == WRITE
    assert check().scope == READ
    assert check(web_app(default_scope=WRITE)).scope == WRITE


CODE_ONLY, TOKEN_ONLY = web_app(grant_types=("authorization_code",)), web_app(grant_types=("implicit",))


@pytest.mark.parametrize(
    ("app", "parameters", "error"),
    [
        *(
            (web_app(), {"response_type": each}, UnsupportedResponseType)
            for each in ("Code", "code code", "code token", "id_token", "none")
        ),
        (CODE_ONLY, {"response_type": "token"}, UnauthorizedClient),
        (TOKEN_ONLY, {"response_type": "code"}, UnauthorizedClient),
        *((web_app(), {"scope": each}, InvalidScope) for each in ("unknown", "admin", 're"ad', "<script>é")),
        (native_app(), {}, InvalidRequest),
        (native_app(), {"code_challenge": CHALLENGE}, InvalidRequest),
        (native_app(), {"code_challenge_method": "S256"}, InvalidRequest),
        (web_app(), PKCE | {"code_challenge_method": "plain"}, InvalidRequest),
        (web_app(), PKCE | {"code_challenge": "short"}, InvalidRequest),
        (web_app(), {"prompt": "login\u00a0consent"}, InvalidRequest),
    ],
)
def test_s06_s08_s45_s48_others_are_refused(app: App, parameters: dict[str, Any], error: type[OAuthError]) -> None:
    caught = raised(error, check, app, **parameters)
    # S11: characters that an error answer may hold (RFC 6749 §4.1.2.1)
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", caught.description)


def test_s06_a_request_without_response_type_is_malformed_and_one_that_was_switched_off_is_unsupported() -> None:
    with pytest.raises(InvalidRequest, match="response_type is missing"):
        checked_request(web_app(), ALICE, HERE, {}, SETTINGS)
    with pytest.raises(UnsupportedResponseType):
        checked_request(web_app(), ALICE, HERE, {"response_type": "token"}, SETTINGS._replace(grant_implicit=False))


def test_s45_a_public_app_needs_a_challenge_for_a_code_but_not_for_a_token() -> None:
    assert check(native_app(), **PKCE).code_challenge == CHALLENGE
    assert check(native_app(), response_type="token").code_challenge == ""


@pytest.mark.parametrize(
    ("response_type", "response_mode", "had"),
    [
        ("code", "query", True),
        ("code", "fragment", True),
        ("token", "fragment", True),
        ("code", "form_post", False),  # of a callback that takes none
        ("code", "FRAGMENT", False),
        ("token", "query", False),
    ],
)
def test_s140_a_mode_that_can_not_be_had_is_refused(response_type: str, response_mode: str, had: bool) -> None:
    parameters: dict[str, Any] = {"response_type": response_type, "response_mode": response_mode}
    if had:
        assert check(**parameters).response_type == response_type
    else:
        with pytest.raises(InvalidRequest, match="response_mode"):
            check(**parameters)
    posted = {"response_type": "code", "response_mode": "form_post"}
    assert checked_request(web_app(), ALICE, HERE._replace(posted=True), posted, SETTINGS).response_type == "code"


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
        (TOKEN_ONLY, READ_WRITE, "", True),  # nor does who asks for an implicit token
    ],
)
def test_s13_s36_the_user_is_asked_unless_as_much_was_allowed(
    app: App, remembered: Scope | None, prompt: str, asked: bool
) -> None:
    response_type = "token" if app is TOKEN_ONLY else "code"
    wanted = {"scope": "read write", "response_type": response_type, **PKCE}
    known = approval(remembered) if remembered else None
    assert needs_consent(app, check(app, prompt=prompt, **wanted), known, {}) is asked
    if asked and not prompt:  # where nobody may be asked, the app is told
        with pytest.raises(ConsentRequired):
            needs_consent(app, check(app, prompt="none", **wanted), known, {})


def test_s36_what_was_allowed_covers_what_it_implies() -> None:
    request = check(web_app(), scope="read", **PKCE)

    assert not needs_consent(web_app(), request, approval(Scope.of("write")), {"write": ["read"]})
    assert needs_consent(web_app(), request, approval(Scope.of("write")), {"read": ["write"]})
