"""OpenID Connect in authorization requests (Core §3.1.2.1), and the facts of a sign-in that an approval keeps."""

from __future__ import annotations

import pytest

from gatepost.accounts.api_lists import asked_apis
from gatepost.endpoints.decision import needs_consent
from gatepost.endpoints.pending_request import answered_request, pending_request
from gatepost.errors import AccessDenied, InvalidRequest
from gatepost.identifiers import digest
from gatepost.model.sessions import Session, SignedInto
from gatepost.model.subject import Subject
from gatepost.oauth.parameters import Parameters
from gatepost.oidc.authorization_request import Demand, checked_claims, id_token_facts, signed_into
from gatepost.oidc.claims_request import ClaimsRequest
from gatepost.resource import Resource
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.record_keys import ApprovalKey
from tests.browsing import answer_in
from tests.raising import raised
from tests.unit.oidc.requesting import APP, OPENID, SESSION, approved, checked, kept
from tests.unit.world import ALICE, NOW, READ, WEB, World, web_app

REPORTS = "https://reports.example.test"
WITH_GROUPS = OPENID._replace(groups_claim="groups")
SIGN_IN = Scope.of("openid")


def test_scopes_of_openid_connect_are_granted_whatever_the_user_may_grant_if_the_owner_chose_them() -> None:
    assert str(checked(user=ALICE._replace(scope=Scope())).scope) == "openid"
    assert str(checked(scope="offline_access openid read unknown").scope) == "offline_access openid read"
    found = checked(app=web_app())
    assert (str(found.scope), str(found.dropped), found.nonce) == ("read", "openid", "")


def test_s207_a_nonce_is_kept_with_the_request_and_the_code(world: World) -> None:
    request = checked(nonce="n <1>")
    _, pending = pending_request(APP, ALICE, request, session_hash="h", settings=OPENID, now=NOW)
    assert answered_request(pending, OPENID) == request._replace(prompts=frozenset())

    code, grant = kept(world, request)

    assert (code.nonce, code.auth_time, grant.auth_time) == ("n <1>", NOW - 50, NOW - 50)
    assert grant.session_id == digest(f"sid:{SESSION.session_hash}")


def test_s207_a_nonce_that_is_too_long_is_refused() -> None:
    assert checked(nonce="n" * 500).nonce == "n" * 500
    assert raised(InvalidRequest, checked, nonce="n" * 501).description == "nonce is longer than 500 characters"


def test_a_request_without_openid_keeps_nothing_of_it(world: World) -> None:
    code, grant = kept(world, checked(scope="read", nonce="n" * 501))

    assert (code.nonce, code.auth_time, grant.auth_time, grant.session_id) == ("", 0, 0, "")


def test_a_sign_in_beside_an_api_that_has_no_such_scope_is_shown_granted_and_remembered(world: World) -> None:
    assert checked().sign_in == checked(scope="read").sign_in == ()  # a request for the server itself names it once
    world.settings = settings = OPENID._replace(resources={REPORTS: Resource("Reports", {"read": ""}, {})})
    world.add_app(APP)
    request = checked(settings, resource=REPORTS)
    _, pending = pending_request(APP, ALICE, request, session_hash="h", settings=settings, now=NOW)
    assert answered_request(pending, settings).sign_in == request.sign_in

    shown = asked_apis(request.consent, request.scope, None, settings)
    assert [(each["name"], [scope["name"] for scope in each["scopes"]]) for each in shown] == [
        ("Reports", ["read"]),
        ("Gatepost", ["openid"]),
    ]
    code = answer_in(approved(world, request))["code"]
    approval = world.stored(ApprovalKey("alice-id", WEB))
    assert not needs_consent(APP, request, approval, settings.implies)
    assert needs_consent(APP, request, approval._replace(scope=Scope()), settings.implies)

    answer = world.redeem(code)
    assert (str(answer.scope), answer.audience, bool(answer.id_token)) == ("read", REPORTS, True)


# What an approval keeps


@pytest.mark.parametrize(
    ("scope", "session", "claims", "settings", "user"),
    [
        (SIGN_IN, SESSION, (), OPENID, None),
        (SIGN_IN, SESSION, ("email",), OPENID, Subject.of(ALICE)),
        (SIGN_IN, SESSION, (), WITH_GROUPS, Subject.of(ALICE)),
        (SIGN_IN, None, (), OPENID, None),
        (SIGN_IN, None, (), WITH_GROUPS, Subject.of(ALICE)),
        (READ, SESSION, ("email",), OPENID, None),
        (READ, SESSION, (), WITH_GROUPS, Subject.of(ALICE)),
    ],
)
def test_the_user_is_kept_where_a_token_states_more_than_the_id(
    scope: Scope, session: Session | None, claims: tuple[str, ...], settings: Settings, user: Subject | None
) -> None:
    facts = id_token_facts(ALICE, scope, "n", claims, session, settings)

    assert facts.get("subject") == user
    assert ("auth_time" in facts) == ("nonce" in facts) == (scope == SIGN_IN and session is not None)


def test_a_sign_in_to_an_app_is_noted_with_an_id_token_alone(world: World) -> None:
    grant = world.grant(world.redeem(world.code()))._replace(session_id="sid-1")

    assert signed_into(grant, SESSION, NOW) == SignedInto(
        user_id=SESSION.user_id,
        session_id="sid-1",
        client_id=grant.client_id,
        first_at=NOW,
        last_at=NOW,
        ends_at=SESSION.expires_at,
    )
    assert signed_into(grant, None, NOW) is None
    assert signed_into(grant._replace(session_id=""), SESSION, NOW) is None


def test_where_logouts_are_told_a_session_that_has_ended_signs_in_to_no_app(world: World) -> None:
    world.add_app(APP)
    world.set(openid=True)
    assert "code=" in approved(world, checked())

    world.set(openid=True, backchannel_logout=True)
    with pytest.raises(AccessDenied):
        approved(world, checked())
    world.store.start_session(SESSION)
    assert "code=" in approved(world, checked())


@pytest.mark.parametrize(("response_type", "used_at"), [("code", 0), ("token", NOW)])
def test_an_app_is_noted_as_used_for_a_token_and_not_for_a_code(world: World, response_type: str, used_at: int) -> None:
    app = world.add_app(web_app(last_used_at=0))
    approved(world, checked(world.settings, app=app, scope="read", response_type=response_type), app)

    assert world.app().last_used_at == used_at


def test_claims_ask_for_nothing_without_openid_or_a_scope() -> None:
    asked = {"claims": '{"userinfo": {"email": null}}'}

    for scope in (None, READ):
        assert checked_claims(scope, asked, OPENID) == (scope, ClaimsRequest())
    assert checked_claims(SIGN_IN, asked, OPENID)[0] == Scope.of("openid", "email")
    assert Demand.of(Parameters("scope=openid")).users is None
