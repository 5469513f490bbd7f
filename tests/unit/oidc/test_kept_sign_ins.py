"""Facts of a sign-in that an approval keeps, for ID tokens and for logouts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.endpoints.authorization import checked_request
from gatepost.endpoints.decision import approve
from gatepost.errors import AccessDenied
from gatepost.model.records import App
from gatepost.model.sessions import Session, SignedInto
from gatepost.model.subject import Subject
from gatepost.oauth.parameters import Parameters
from gatepost.oidc.authorization_request import Demand, checked_claims, id_token_facts, signed_into
from gatepost.oidc.claims_request import ClaimsRequest
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.record_keys import AppKey
from tests.answers import PKCE
from tests.unit.oidc.test_openid_requests import APP, HERE, OPENID, SESSION
from tests.unit.world import ALICE, NOW, WEB, World, web_app

WITH_GROUPS = replace(OPENID, groups_claim="groups")
SIGN_IN, READ = Scope.of("openid"), Scope.of("read")


@pytest.mark.parametrize(
    ("scope", "session", "claims", "settings", "kept"),
    [
        (SIGN_IN, SESSION, (), OPENID, None),
        (SIGN_IN, SESSION, ("email",), OPENID, Subject.of(ALICE)),
        (SIGN_IN, SESSION, (), WITH_GROUPS, Subject.of(ALICE)),
        (READ, SESSION, ("email",), OPENID, None),
        (READ, SESSION, (), WITH_GROUPS, Subject.of(ALICE)),
        (SIGN_IN, None, (), WITH_GROUPS, Subject.of(ALICE)),
    ],
)
def test_the_user_is_kept_where_a_token_states_more_than_the_id(
    scope: Scope, session: Session | None, claims: tuple[str, ...], settings: Settings, kept: Subject | None
) -> None:
    facts = id_token_facts(ALICE, scope, "n", claims, session, settings)

    assert facts.get("subject") == kept
    assert ("auth_time" in facts) == (scope == SIGN_IN and session is not None)


def test_a_sign_in_to_an_app_is_noted_with_an_id_token_alone(world: World) -> None:
    grant = replace(world.grant(world.redeem(world.code())), session_id="sid-1")

    assert signed_into(grant, SESSION, NOW) == SignedInto(
        user_id=SESSION.user_id,
        session_id="sid-1",
        client_id=grant.client_id,
        first_at=NOW,
        last_at=NOW,
        ends_at=SESSION.expires_at,
    )
    assert signed_into(grant, None, NOW) is None
    assert signed_into(replace(grant, session_id=""), SESSION, NOW) is None


def approved(world: World, app: App = APP, **asked: str) -> str:
    parameters = {"response_type": "code", "scope": "openid", **PKCE, **asked}
    request = checked_request(app, ALICE, HERE, parameters, world.settings)
    return approve(world.server, app, ALICE, request, None, NOW, session=SESSION).url


def test_where_logouts_are_told_a_session_that_has_ended_signs_in_to_no_app(world: World) -> None:
    world.add_app(APP)
    world.set(openid=True)
    assert "code=" in approved(world)

    world.set(openid=True, backchannel_logout=True)
    with pytest.raises(AccessDenied):
        approved(world)
    world.store.start_session(SESSION)
    assert "code=" in approved(world)


@pytest.mark.parametrize(("response_type", "used_at"), [("code", 0), ("token", NOW)])
def test_an_app_is_noted_as_used_before_its_first_token_and_not_for_a_code(
    world: World, response_type: str, used_at: int
) -> None:
    approved(world, world.add_app(web_app(last_used_at=0)), scope="read", response_type=response_type)

    app = world.stored(AppKey(WEB))
    assert app.last_used_at == used_at


def test_claims_ask_for_nothing_without_openid_or_a_scope() -> None:
    asked = {"claims": '{"userinfo": {"email": null}}'}

    for scope in (None, READ):
        assert checked_claims(scope, asked, OPENID) == (scope, ClaimsRequest())
    assert checked_claims(SIGN_IN, asked, OPENID)[0] == Scope.of("openid", "email")


def test_a_request_without_claims_names_no_user() -> None:
    assert Demand.of(Parameters("scope=openid")).users is None
