"""The groups of a user, and claims of a deployment's own by its claims.py: in tokens, at userinfo and introspection."""

from __future__ import annotations

import json
import sys

import pytest

from gatepost.grants.implicit import new_token
from gatepost.grants.token_response import TokenAnswer
from gatepost.identifiers import digest
from gatepost.model.subject import Subject
from gatepost.oauth.resource_indicators import default_target
from gatepost.oidc.userinfo import more_about
from gatepost.scope import Scope
from gatepost.stores.record_keys import CodeKey
from gatepost.tokens.access_token import LONGEST as LONGEST_TOKEN
from gatepost.tokens.access_token import issue_access_token
from gatepost.tokens.claims_code import ClaimsFailed
from tests.unit.claims import ClaimsPy
from tests.unit.grants.stated import OPENID_READ, SIGN_IN, alice, approved, payload
from tests.unit.world import ALICE, NOW, PASSWORD, READ, WEB, World, web_app

GOLD = "def token_claims(facts): return {'plan': 'gold'}"
FACTS = """
    from dataclasses import asdict

    def token_claims(facts):
        return {"facts": {**asdict(facts), "scope": sorted(facts.scope)}}
"""


def implicit_token(world: World) -> str:
    target = default_target(world.settings)
    return new_token(world.server, app=world.web, user=alice(world), scope=READ, target=target, now=NOW)[0].access_token


def password_token(world: World) -> str:
    return world.send(world.web, grant_type="password", username="alice", password=PASSWORD).access_token


# Groups


def groups(answer: TokenAnswer) -> tuple[object, object]:
    """Return the groups in the access token and in the ID token, None for none."""
    return payload(answer.access_token).get("groups"), payload(answer.id_token).get("groups")


def test_a_code_and_its_tokens_carry_the_groups_of_the_approval(grouped: World) -> None:
    code = approved(grouped)
    grouped.store.set_user_rights("alice-id", groups=())

    (kept,) = grouped.store.read(CodeKey(digest(code)))
    assert kept is not None
    assert (kept.user_name, kept.groups, kept.scope) == ("alice", ("editors", "staff"), OPENID_READ)
    assert groups(grouped.redeem(code)) == (["editors", "staff"], ["editors", "staff"])
    assert groups(grouped.redeem(approved(grouped))) == (None, None)  # a user in no group has no such claim


def test_s218_a_refreshed_token_carries_the_groups_of_then(grouped: World) -> None:
    first = grouped.redeem(approved(grouped))
    grouped.store.set_user_rights("alice-id", groups=("board",))
    second = grouped.refresh(first.refresh_token)
    grouped.store.set_user_rights("alice-id", groups=())

    assert groups(second) == (["board"], ["board"])
    assert groups(grouped.refresh(second.refresh_token)) == (None, None)


def test_a_code_from_before_the_setting_reads_the_account(grouped: World) -> None:
    code, orphan = (grouped.code(scope=OPENID_READ, **SIGN_IN) for _ in range(2))

    assert groups(grouped.redeem(code)) == (["editors", "staff"], ["editors", "staff"])
    grouped.store.delete_grants("alice-id")
    assert not grouped.redeems(orphan)


def test_every_token_of_a_user_carries_them_and_introspection_and_userinfo_have_them(grouped: World) -> None:
    for token in (password_token(grouped), implicit_token(grouped)):
        assert payload(token)["groups"] == ["editors", "staff"]
    assert "groups" not in payload(grouped.own_token())
    found = grouped.introspect(grouped.redeem(approved(grouped)).access_token)
    assert (found["active"], found["sub"], found["groups"]) == (True, "alice-id", ["editors", "staff"])
    assert more_about(alice(grouped), Scope.of("openid"), WEB, grouped.settings) == {"groups": ["editors", "staff"]}


def test_without_the_settings_neither_code_nor_token_says_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "gatepost.tokens.custom_claims", raising=False)
    world.store.set_user_rights("alice-id", groups=("staff",))
    answer = world.redeem(world.code())

    assert "groups" not in payload(answer.access_token)
    assert more_about(alice(world), Scope.of("openid"), WEB, world.settings) == {}
    assert world.claims(answer.access_token).more == {}
    assert "gatepost.tokens.custom_claims" not in sys.modules  # nor does it cost an import


def test_claims_that_an_app_asked_for_stand_beside_them(grouped: World) -> None:
    grouped.web = grouped.add_app(web_app(scope=Scope.of("openid", "profile", "read")))
    code = approved(grouped, scope=Scope.of("openid", "profile"), claims=("preferred_username",))

    found = payload(grouped.redeem(code).id_token)
    assert (found["preferred_username"], found["groups"], "name" in found) == ("alice", ["editors", "staff"], False)


# claims.py


@pytest.fixture
def own(grouped: World, claims_py: ClaimsPy) -> World:
    """The same server with a claims.py that states the facts it got."""
    claims_py(FACTS)
    grouped.set(custom_claims=True)
    return grouped


def test_claims_py_gets_the_facts_of_each_token_of_a_code(own: World) -> None:
    answer = own.redeem(approved(own))
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
    access = {**facts, "kind": "access_token", "audience": "https://api.example.test"}

    assert payload(answer.access_token)["facts"] == access
    assert payload(answer.access_token)["groups"] == ["editors", "staff"]  # beside its claims
    assert payload(answer.id_token)["facts"] == {**facts, "kind": "id_token", "audience": WEB}


@pytest.mark.parametrize("grant_type", ["refresh_token", "password", "client_credentials", "implicit"])
def test_and_of_every_other_grant(own: World, grant_type: str) -> None:
    first = own.redeem(approved(own))
    token = {
        "refresh_token": lambda: own.refresh(first.refresh_token, scope="read").access_token,
        "password": lambda: password_token(own),
        "client_credentials": lambda: own.own_token(scope=None),
        "implicit": lambda: implicit_token(own),
    }[grant_type]()

    facts = payload(token)["facts"]
    user = ("", "", []) if grant_type == "client_credentials" else ("alice-id", "alice", ["editors", "staff"])
    assert (facts["user_id"], facts["user_name"], facts["groups"]) == user
    assert (facts["grant_type"], facts["kind"], facts["scope"]) == (grant_type, "access_token", ["read"])


@pytest.mark.parametrize(
    "source",
    [
        "def token_claims(facts): raise ValueError",
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

    claims_py(GOLD)
    assert payload(own.redeem(code).access_token)["plan"] == "gold"


def test_s215_a_failure_rotates_nothing_and_grants_nothing_for_a_password(own: World, claims_py: ClaimsPy) -> None:
    first = own.redeem(approved(own))
    before = own.store.grants_of("alice-id")
    claims_py("def token_claims(facts): return {'exp': 9999999999}")
    with pytest.raises(ClaimsFailed):
        own.refresh(first.refresh_token)
    with pytest.raises(ClaimsFailed):
        password_token(own)
    assert own.store.grants_of("alice-id") == before

    claims_py(GOLD)
    assert payload(own.refresh(first.refresh_token).access_token)["plan"] == "gold"


def test_s215_a_failure_is_logged_by_its_place_alone(
    own: World, claims_py: ClaimsPy, capsys: pytest.CaptureFixture[str]
) -> None:
    claims_py("def token_claims(facts): raise ValueError(facts.user_name)")
    with pytest.raises(ClaimsFailed):
        own.redeem(approved(own))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [each for each in lines if each["message"] == "claims.failed"]
    known = [line[name] for name in ("level", "function", "client_id", "user_id", "reason", "detail")]
    assert known == [*("ERROR", "token_claims", WEB, "alice-id", "claims.py raised", "ValueError at claims.py:1")]


def test_s215_no_claim_replaces_one_of_the_servers_whoever_hands_it_over(world: World) -> None:
    evil = {"iss": "x", "sub": "x", "aud": "x", "client_id": "x", "scope": "admin", "exp": 1, "grant_id": "x", "a": 1}
    access = issue_access_token(
        *(world.keys.signing, world.settings, evil),
        sub="alice-id",
        client_id=WEB,
        grant_id="alice-id.g",
        audience=world.settings.audience,
        scope=READ,
        lifetime=60,
        now=NOW,
    )

    claims = world.claims(access)
    assert (claims.sub, claims.client_id, claims.scope, claims.exp) == ("alice-id", WEB, READ, NOW + 60)
    assert (claims.grant_id, claims.more) == ("alice-id.g", {"a": 1})


@pytest.mark.parametrize("text", ['","role":"admin', '\\",\\"role\\":\\"admin', "\0\n\r\t", "</script>", "€" * 10])
def test_s215_a_name_in_a_claim_stays_a_text(own: World, claims_py: ClaimsPy, text: str) -> None:
    claims_py("def token_claims(facts): return {'who': facts.user_name, 'mine': [facts.app_name, *facts.groups]}")
    subject = Subject.of(ALICE)._replace(user_name=text, groups=(text,))

    found = payload(own.redeem(approved(own, subject=subject)).access_token)
    assert (found["who"], found["mine"], found["groups"]) == (text, ["Web", text], [text])
    assert ("role" in found, found["sub"]) == (False, "alice-id")


def test_the_largest_claims_and_groups_fit_into_a_token(own: World, claims_py: ClaimsPy) -> None:
    claims_py("def token_claims(facts): return {'a': 'x' * 1990}")
    own.store.set_user_rights("alice-id", groups=tuple(f"{number:02}".ljust(20, "g") for number in range(50)))
    token = own.redeem(approved(own)).access_token
    assert own.opens(token)
    assert len(token) < LONGEST_TOKEN * 0.75


def test_with_a_claims_py_alone_the_groups_are_stated_by_it_alone(own: World) -> None:
    own.set(groups_claim="")
    found = payload(own.redeem(approved(own)).access_token)
    assert found["facts"]["groups"] == ["editors", "staff"]
    assert sorted(found) == ["aud", "client_id", "exp", "facts", "grant_id", "iat", "iss", "jti", "scope", "sub"]
