"""Claims of a deployment's own in tokens, by its claims.py."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gatepost.errors import InvalidGrant
from gatepost.grants.implicit import new_token
from gatepost.model.subject import Subject
from gatepost.oauth.resource_indicators import default_target
from gatepost.oidc.id_token import issue_id_token
from gatepost.scope import Scope
from gatepost.tokens.access_token import LONGEST as LONGEST_TOKEN
from gatepost.tokens.access_token import issue_access_token
from gatepost.tokens.claims_code import ClaimsFailed
from tests.unit.claims import ClaimsPy
from tests.unit.grants.stated import OPENID_READ, SIGN_IN, alice, approved, payload
from tests.unit.world import ALICE, NOW, PASSWORD, READ, WEB, World

FACTS = """
    from dataclasses import asdict

    def token_claims(facts):
        return {"facts": {**asdict(facts), "scope": sorted(facts.scope)}}
"""


@pytest.fixture
def own(grouped: World, claims_py: ClaimsPy) -> World:
    """The same server with a claims.py that states the facts it got."""
    claims_py(FACTS)
    grouped.set(custom_claims=True)
    return grouped


def test_claims_py_gets_the_facts_of_each_token_of_a_code(own: World) -> None:
    answer = own.redeem(approved(own, scope=Scope.of("openid", "read")))
    facts = {
        "version": 1,
        "user_id": "alice-id",
        "user_name": "alice",
        "email": "",
        "email_verified": False,
        "groups": ["editors", "staff"],
        "client_id": WEB,
        "app_name": "Web",
        "scope": ["openid", "read"],
        "grant_type": "authorization_code",
    }

    assert payload(answer.access_token)["facts"] == {
        **facts,
        "kind": "access_token",
        "audience": "https://api.example.test",
    }
    assert payload(answer.id_token)["facts"] == {**facts, "kind": "id_token", "audience": WEB}


@pytest.mark.parametrize("grant_type", ["refresh_token", "password", "client_credentials", "implicit"])
def test_and_of_every_other_grant(own: World, grant_type: str) -> None:
    first = own.redeem(approved(own))
    if grant_type == "refresh_token":
        token = own.refresh(first.refresh_token, scope="read").access_token
    elif grant_type == "implicit":
        target = default_target(own.settings)
        answer, _ = new_token(own.server, app=own.web, user=alice(own), scope=READ, target=target, now=NOW)
        token = answer.access_token
    else:
        token = own.send(own.web, grant_type=grant_type, username="alice", password=PASSWORD).access_token

    facts = payload(token)["facts"]
    user = ("", "", []) if grant_type == "client_credentials" else ("alice-id", "alice", ["editors", "staff"])
    assert (facts["user_id"], facts["user_name"], facts["groups"]) == user
    assert (facts["grant_type"], facts["kind"], facts["scope"]) == (grant_type, "access_token", ["read"])


def test_the_groups_stand_beside_its_claims(own: World) -> None:
    assert payload(own.redeem(approved(own)).access_token)["groups"] == ["editors", "staff"]


@pytest.mark.parametrize(
    "source",
    [
        "def token_claims(facts): raise ValueError",
        "def token_claims(facts): return {'sub': 'root'}",
        "def token_claims(facts): return {'groups': ['root']}",
        "import time\ndef token_claims(facts): time.sleep(9)",
        "def token_claims(facts): return {'sub': 'root'} if facts.kind == 'id_token' else {}",
    ],
)
def test_s215_a_failure_uses_no_code_up(own: World, claims_py: ClaimsPy, source: str) -> None:
    code = approved(own)
    claims_py(source)
    with pytest.raises(ClaimsFailed):
        own.redeem(code)

    claims_py("def token_claims(facts): return {'plan': 'gold'}")
    assert payload(own.redeem(code).access_token)["plan"] == "gold"


def test_s215_a_failure_rotates_no_refresh_token(own: World, claims_py: ClaimsPy) -> None:
    first = own.redeem(approved(own))
    before = own.grant(first)
    claims_py("def token_claims(facts): return {'exp': 9999999999}")
    with pytest.raises(ClaimsFailed):
        own.refresh(first.refresh_token)
    assert own.grant(first) == before

    claims_py("def token_claims(facts): return {'plan': 'gold'}")
    assert payload(own.refresh(first.refresh_token).access_token)["plan"] == "gold"


def test_s215_a_failure_grants_nothing_for_a_password(own: World, claims_py: ClaimsPy) -> None:
    claims_py("def token_claims(facts): return {'aud': 'elsewhere'}")
    grants = len(own.store.grants_of("alice-id"))

    with pytest.raises(ClaimsFailed):
        own.send(own.web, grant_type="password", username="alice", password=PASSWORD)
    assert len(own.store.grants_of("alice-id")) == grants


def test_s215_a_failure_is_logged_by_its_place_alone(
    own: World, claims_py: ClaimsPy, capsys: pytest.CaptureFixture[str]
) -> None:
    claims_py("def token_claims(facts): raise ValueError(facts.user_name)")
    code = approved(own)
    with pytest.raises(ClaimsFailed):
        own.redeem(code)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [each for each in lines if each["message"] == "claims.failed"]
    assert {name: line[name] for name in ("level", "function", "client_id", "user_id", "reason", "detail")} == {
        "level": "ERROR",
        "function": "token_claims",
        "client_id": WEB,
        "user_id": "alice-id",
        "reason": "claims.py raised",
        "detail": "ValueError at claims.py:1",
    }


def test_s215_no_claim_replaces_one_of_the_servers_whoever_hands_it_over(world: World) -> None:
    evil = {"iss": "x", "sub": "x", "aud": "x", "client_id": "x", "scope": "admin", "exp": 1, "grant_id": "x", "a": 1}
    access = issue_access_token(
        *(world.keys.signing, world.settings, evil),
        sub="alice-id",
        client_id=WEB,
        scope=READ,
        grant_id="alice-id.g",
        lifetime=60,
        now=NOW,
        audience=world.settings.audience,
    )
    of_id = issue_id_token(
        world.keys.signing,
        world.settings,
        about={**evil, "auth_time": 1, "amr": ["x"], "acr": "x", "sid": "x", "at_hash": "x"},
        sub="alice-id",
        client_id=WEB,
        auth_time=NOW,
        sid="s",
        nonce="n",
        access_token=access,
        lifetime=60,
        now=NOW,
    )

    claims = world.claims(access)
    assert (claims.sub, claims.client_id, claims.scope, claims.exp) == ("alice-id", WEB, READ, NOW + 60)
    assert (claims.grant_id, claims.more) == ("alice-id.g", {"a": 1})
    found = payload(of_id)
    assert (found["iss"], found["sub"], found["aud"], found["exp"]) == (
        world.settings.issuer,
        "alice-id",
        WEB,
        NOW + 60,
    )
    assert (found["auth_time"], found["amr"], found["acr"], found["sid"]) == (NOW, ["pwd"], "1", "s")


@pytest.mark.parametrize("text", ['","role":"admin', '\\",\\"role\\":\\"admin', "\0\n\r\t", "</script>", "€" * 10])
def test_s215_a_name_in_a_claim_stays_a_text(own: World, claims_py: ClaimsPy, text: str) -> None:
    claims_py("def token_claims(facts): return {'who': facts.user_name, 'mine': [facts.app_name, *facts.groups]}")
    subject = replace(Subject.of(ALICE), user_name=text, groups=(text,))

    found = payload(own.redeem(approved(own, subject=subject)).access_token)
    assert (found["who"], found["mine"], found["groups"]) == (text, ["Web", text], [text])
    assert "role" not in found
    assert found["sub"] == "alice-id"


def test_the_largest_claims_and_groups_fit_into_a_token(own: World, claims_py: ClaimsPy) -> None:
    claims_py("def token_claims(facts): return {'a': 'x' * 1990}")
    own.store.set_user_rights("alice-id", groups=tuple(f"{number:02}".ljust(20, "g") for number in range(50)))

    token = own.redeem(approved(own)).access_token
    assert own.opens(token)
    assert len(token) < LONGEST_TOKEN * 0.75


def test_a_code_whose_account_and_grant_are_gone_is_not_valid(own: World) -> None:
    code = own.code(scope=OPENID_READ, **SIGN_IN)
    own.store.delete_grants("alice-id")

    with pytest.raises(InvalidGrant):
        own.redeem(code)


def test_with_a_claims_py_alone_the_groups_are_stated_by_it_alone(own: World) -> None:
    own.set(groups_claim="")

    found = payload(own.redeem(approved(own)).access_token)
    assert found["facts"]["groups"] == ["editors", "staff"]
    assert sorted(found) == ["aud", "client_id", "exp", "facts", "grant_id", "iat", "iss", "jti", "scope", "sub"]
