"""The sign-in and the claims that a request demands (OpenID Connect Core §3.1.2.1, §5.5)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from gatepost.endpoints.authorization import AuthorizationRequest
from gatepost.endpoints.pending_request import answered_request, pending_request
from gatepost.errors import InvalidRequest, OAuthError
from gatepost.model.feed import PublicKey
from gatepost.model.sessions import Session
from gatepost.oauth.parameters import Parameters
from gatepost.oidc.authorization_request import Demand, checked_prompts
from gatepost.oidc.claims_request import ClaimsRequest, UnmetAuthenticationRequirements
from gatepost.oidc.id_token import issue_id_token
from gatepost.scope import Scope
from gatepost.tokens.access_token import Signer
from tests.fakes import MemoryStore
from tests.raising import raised
from tests.unit.oidc.requesting import APP, OPENID, checked, kept
from tests.unit.world import ALICE, NOW, OWNER, SETTINGS, WEB, World

SESSION = Session(session_hash="h", user_id="alice-id", created_at=NOW - 100, signed_in_at=NOW - 99.5, expires_at=NOW)


def demand(query: str) -> Demand:
    return Demand.of(Parameters(query))


class NoKeys(MemoryStore):
    """A store whose keys nobody may ask for."""

    def public_keys(self) -> Sequence[PublicKey]:
        raise AssertionError("keys are read only for a hint")


@pytest.mark.parametrize(
    ("query", "silent", "again"),
    [
        ("", False, False),
        ("prompt=none", True, False),
        ("prompt=consent", False, False),
        ("prompt=login", False, True),
        ("prompt=select_account", False, True),
        ("prompt=consent+login", False, True),
        ("prompt=none+login", True, False),
        ("prompt=login&prompt=login", False, False),
        ("prompt=Login", False, False),
    ],
)
def test_prompt_says_whether_to_ask(query: str, silent: bool, again: bool) -> None:
    found = demand(query)

    assert (found.silent, found.again, found.any) == (silent, again, again)
    assert found.asks(SESSION, NOW) is again


@pytest.mark.parametrize(
    ("max_age", "asks"), [("0", True), ("99", True), ("100", False), ("10000", False), ("x", False), ("-1", False)]
)
def test_s206_max_age_is_about_the_sign_in(max_age: str, asks: bool) -> None:
    assert demand(f"max_age={max_age}").asks(SESSION, NOW) is asks


def test_s206_a_session_from_before_it_knew_the_exact_time_counts_from_its_second() -> None:
    assert demand("max_age=99").asks(SESSION._replace(signed_in_at=0), NOW)
    assert not demand("max_age=100").asks(SESSION._replace(signed_in_at=0), NOW)
    for query in ("max_age=0", "max_age=10000", "id_token_hint=x"):  # a demand under a condition is one
        assert demand(query).any


def test_s205_a_hint_means_its_user_alone(signer: Signer, public_key: PublicKey) -> None:
    store = MemoryStore()
    store.publish_key(public_key)
    who: dict[str, Any] = {"sub": "alice-id", "client_id": WEB, "sid": "s", "nonce": ""}
    token = issue_id_token(signer, OPENID, **who, auth_time=NOW, access_token="a", lifetime=60, now=NOW)
    hint = demand(f"id_token_hint={token}")

    assert hint.means(ALICE, WEB, store, OPENID, NOW)
    assert not hint.means(OWNER, WEB, store, OPENID, NOW)
    assert not hint.means(ALICE, "another-app", store, OPENID, NOW)
    assert hint.means(OWNER, WEB, NoKeys(), SETTINGS, NOW)  # without OpenID Connect it is no parameter
    assert not demand("id_token_hint=nonsense").means(ALICE, WEB, store, OPENID, NOW)
    assert not demand(f"id_token_hint={token}").means(ALICE, WEB, MemoryStore(), OPENID, NOW)
    assert demand("prompt=none").means(ALICE, WEB, NoKeys(), SETTINGS, NOW)  # nobody in particular


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "https://client.example.test/r"}, "request_uri_not_supported"),
        ({"request": "x", "request_uri": "y", "prompt": "create"}, "request_not_supported"),
        ({"prompt": "create"}, "invalid_request"),
        *(({"prompt": each}, "invalid_request") for each in ("none consent", "none login", "Consent")),
        *(({"max_age": each}, "invalid_request") for each in ("-1", "1.5", "x", "1" * 10, "\u0663")),
    ],
)
def test_what_the_server_does_not_know_is_refused(parameters: dict[str, str], error: str) -> None:
    assert raised(OAuthError, checked_prompts, parameters).code == error


def test_what_it_knows_is_accepted() -> None:
    assert checked_prompts({}) == frozenset()
    assert checked_prompts({"prompt": "login consent select_account", "max_age": "999999999"}) == {
        *("login", "consent", "select_account")
    }
    assert checked_prompts({"prompt": "none", "max_age": "0"}) == {"none"}


# The parameter `claims`


def asked(claims: Any, **parameters: Any) -> AuthorizationRequest:
    return checked(claims=claims if isinstance(claims, str) else json.dumps(claims), **parameters)


def demand_of(claims: Any, scope: str = "openid+read") -> Demand:
    return Demand.of(Parameters(f"scope={scope}&claims={json.dumps(claims)}"))


@pytest.mark.parametrize(
    ("claims", "scope", "in_id_token"),
    [
        ({"userinfo": {"name": {"essential": True}}}, "openid profile read", ()),
        ({"id_token": {"email": None, "email_verified": None}}, "email openid read", ("email", "email_verified")),
        ({"id_token": {"phone_number": {"essential": True}, "sub": None}, "unknown": 1}, "openid read", ()),
        ({"userinfo": None}, "openid read", ()),
    ],
)
def test_a_claim_is_asked_for_as_the_scope_that_gives_it(claims: Any, scope: str, in_id_token: tuple[str, ...]) -> None:
    request = asked(claims)

    assert (str(request.scope), request.claims) == (scope, in_id_token)


def test_s230_a_claim_whose_scope_the_app_has_not_is_not_given() -> None:
    poor = APP._replace(scope=Scope.of("openid", "read"))

    assert str(checked(app=poor, claims='{"userinfo":{"email":null}}').scope) == "openid read"


def test_without_openid_in_the_scope_nothing_is_asked_for_and_no_user_named() -> None:
    assert str(asked({"userinfo": {"name": None}}, scope="read").scope) == "read"
    assert str(asked("nonsense", scope="read").scope) == "read"
    assert not demand_of({"id_token": {"sub": {"value": "alice-id"}}}, scope="read").any
    assert not demand_of("nonsense").any  # malformed ones are refused behind the sign-in


@pytest.mark.parametrize(
    "claims",
    [
        *("nonsense", "[]", "3", "null", '{"id_token": 3}', '{"id_token": {"email": 3}}', '{"userinfo": []}'),
        *('{"id_token": {"sub": {"values": "x"}}}', '{"id_token": {"acr": {"essential": true, "values": {"1": 1}}}}'),
        *('{"id_token": {"email": "x"}}', "[" * 4000, '{"userinfo": {"name": null}' + " " * 4000 + "}"),
    ],
)
def test_s207_claims_that_are_no_such_object_are_told_to_the_app(claims: str) -> None:
    caught = raised(InvalidRequest, asked, claims)
    assert caught.description == "claims must be a JSON object of requests for claims"


def test_s207_the_longest_parameter_that_is_read_has_4000_characters() -> None:
    assert asked('{"userinfo": {"name": null}}'.ljust(4000)).scope >= Scope.of("profile")
    with pytest.raises(InvalidRequest):
        asked('{"userinfo": {"name": null}}'.ljust(4001))


@pytest.mark.parametrize(
    ("acr", "met"),
    [
        ({"essential": True, "values": ["2", "1"]}, True),
        ({"essential": True, "value": "2"}, False),
        ({"essential": True}, True),
        ({"values": ["2"]}, True),
        (None, True),
    ],
)
def test_an_essential_kind_of_sign_in_that_there_is_not_is_an_error(acr: Any, met: bool) -> None:
    claims = {"id_token": {"acr": acr}}
    if met:
        asked(claims)
    else:
        with pytest.raises(UnmetAuthenticationRequirements):
            asked(claims)


def test_s230_a_user_who_is_named_is_the_only_one_who_is_meant() -> None:
    store = MemoryStore()
    named = demand_of({"id_token": {"sub": {"value": "alice-id"}}})

    assert named.any
    assert named.means(ALICE, APP.client_id, store, OPENID, NOW)
    assert not named.means(OWNER, APP.client_id, store, OPENID, NOW)


@pytest.mark.parametrize(
    ("claims", "users"),
    [
        ({"userinfo": {"sub": {"values": ["a", "b"]}}, "id_token": {"sub": {"value": "a"}}}, {"a"}),
        ({"userinfo": {"sub": {"value": "b"}}, "id_token": {"sub": {"value": "a"}}}, set()),
        ({"userinfo": {"sub": {"values": ["a", "b"]}}}, {"a", "b"}),
        ({"id_token": {"sub": None}}, None),
        ({"id_token": {"sub": {"essential": True}}}, None),
    ],
)
def test_s230_of_users_who_are_named_twice_those_in_both_are_meant(claims: Any, users: set[str] | None) -> None:
    assert ClaimsRequest.of(json.dumps(claims)).users == users


def test_claims_wait_with_the_request_and_the_code_keeps_what_they_are(world: World) -> None:
    request = asked({"id_token": {"email": None}})
    _, pending = pending_request(APP, ALICE, request, session_hash="h", settings=OPENID, now=NOW)
    assert answered_request(pending, OPENID).claims == ("email",)

    code, grant = kept(world, request)
    assert code.claims == grant.claims == ("email",)
    assert (code.user_name, code.email) == ("alice", ALICE.email)

    code, _ = kept(world, asked({"userinfo": {"email": None}}))  # which keeps nothing about the user
    assert (code.claims, code.user_name, code.email) == ((), "", "")
