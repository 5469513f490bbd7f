"""OpenID Connect in authorization requests (Core §3.1.2.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.accounts.api_lists import asked_apis
from gatepost.endpoints.authorization import AuthorizationRequest, checked_request
from gatepost.endpoints.decision import approve, needs_consent
from gatepost.endpoints.pending_request import answered_request, pending_request
from gatepost.errors import InvalidRequest
from gatepost.identifiers import digest
from gatepost.model.sessions import Session
from gatepost.oauth.redirect_uris import Callback
from gatepost.oidc.authorization_request import id_token_facts
from gatepost.resource import Resource
from gatepost.scope import Scope
from gatepost.stores.record_keys import ApprovalKey, CodeKey, GrantKey
from tests.answers import PKCE
from tests.browsing import answer_in
from tests.unit.world import ALICE, CALLBACK, NOW, SETTINGS, WEB, World, web_app

OPENID = replace(SETTINGS, openid=True)
REPORTS = "https://reports.example.test"
HERE = Callback(redirect_uri=CALLBACK, sent=True, state="xyz", issuer=SETTINGS.issuer, fragment=False)
APP = web_app(scope=Scope.of("openid", "profile", "email", "offline_access", "read"))
SESSION = Session(
    session_hash=digest("cookie"),
    user_id="alice-id",
    created_at=NOW - 50,
    signed_in_at=NOW - 49.4,
    expires_at=NOW + 9999,
)


def checked(settings: Any = OPENID, user: Any = ALICE, **parameters: str) -> AuthorizationRequest:
    known = {"response_type": "code", "scope": "openid read", **PKCE, **parameters}
    return checked_request(APP, user, HERE, known, settings)


def test_scopes_of_openid_connect_are_granted_whatever_the_user_may_grant() -> None:
    assert str(checked(user=replace(ALICE, scope=Scope())).scope) == "openid"
    assert str(checked(scope="offline_access openid read unknown").scope) == "offline_access openid read"


def test_an_app_whose_owner_did_not_choose_them_gets_none() -> None:
    found = checked_request(web_app(), ALICE, HERE, {"response_type": "code", "scope": "openid read", **PKCE}, OPENID)

    assert (str(found.scope), str(found.dropped), found.nonce) == ("read", "openid", "")


def test_s207_a_nonce_is_kept_with_the_request_and_the_code(world: World) -> None:
    world.set(openid=True)
    world.add_app(APP)
    request = checked(nonce="n <1>")
    _, pending = pending_request(APP, ALICE, request, session_hash="h", settings=OPENID, now=NOW)
    assert answered_request(pending, OPENID) == request._replace(prompts=frozenset())

    location = approve(world.server, APP, ALICE, request, None, NOW, session=SESSION).url
    (code,) = world.store.read(CodeKey(digest(answer_in(location)["code"])))
    (grant,) = world.store.read(GrantKey(code.grant_id))

    assert (code.nonce, code.auth_time, grant.auth_time) == ("n <1>", NOW - 50, NOW - 50)
    assert grant.session_id == digest(f"sid:{SESSION.session_hash}")


def test_s207_a_nonce_that_is_too_long_is_refused() -> None:
    assert checked(nonce="n" * 500).nonce == "n" * 500
    with pytest.raises(InvalidRequest) as raised:
        checked(nonce="n" * 501)
    assert raised.value.description == "nonce is longer than 500 characters"


def test_the_server_is_named_once_where_the_request_is_for_itself() -> None:
    assert checked().sign_in == ()
    assert checked(scope="read").sign_in == ()


def test_without_a_session_there_is_no_sign_in_to_tell_of() -> None:
    assert id_token_facts(ALICE, Scope.of("openid"), "n", (), None, OPENID) == {}


def test_a_request_without_openid_keeps_nothing_of_it(world: World) -> None:
    world.set(openid=True)
    world.add_app(APP)
    request = checked(scope="read", nonce="n" * 501)

    location = approve(world.server, APP, ALICE, request, None, NOW, session=SESSION).url
    (code,) = world.store.read(CodeKey(digest(answer_in(location)["code"])))
    (grant,) = world.store.read(GrantKey(code.grant_id))

    assert (code.nonce, code.auth_time, grant.auth_time, grant.session_id) == ("", 0, 0, "")


def test_a_sign_in_beside_an_api_that_has_no_such_scope_is_shown_granted_and_remembered(world: World) -> None:
    settings = replace(OPENID, resources={REPORTS: Resource("Reports", {"read": ""}, {})})
    world.settings = settings
    world.add_app(APP)
    request = checked(settings, resource=REPORTS)
    _, pending = pending_request(APP, ALICE, request, session_hash="h", settings=settings, now=NOW)
    assert answered_request(pending, settings).sign_in == request.sign_in

    shown = asked_apis(request.consent, request.scope, None, settings)
    assert [(each["name"], [scope["name"] for scope in each["scopes"]]) for each in shown] == [
        ("Reports", ["read"]),
        ("Gatepost", ["openid"]),
    ]
    code = answer_in(approve(world.server, APP, ALICE, request, None, NOW, session=SESSION).url)["code"]
    (approval,) = world.store.read(ApprovalKey("alice-id", WEB))
    assert not needs_consent(APP, request, approval, settings.implies)
    only_api = replace(approval, scope=Scope())
    assert needs_consent(APP, request, only_api, settings.implies)

    answer = world.redeem(code)
    assert (str(answer.scope), answer.audience, bool(answer.id_token)) == ("read", REPORTS, True)
