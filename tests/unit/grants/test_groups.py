"""The groups of a user in tokens, at userinfo and at introspection."""

from __future__ import annotations

import sys

import pytest

from gatepost.grants.implicit import new_token
from gatepost.grants.token_response import TokenAnswer
from gatepost.identifiers import digest
from gatepost.oauth.resource_indicators import default_target
from gatepost.oidc.userinfo import more_about
from gatepost.scope import Scope
from gatepost.stores.record_keys import CodeKey
from tests.unit.grants.stated import OPENID_READ, SIGN_IN, alice, approved, payload
from tests.unit.world import NOW, PASSWORD, READ, WEB, World, web_app


def groups(answer: TokenAnswer) -> tuple[object, object]:
    """Return the groups in the access token and in the ID token, None for none."""
    return payload(answer.access_token).get("groups"), payload(answer.id_token).get("groups")


def test_the_tokens_of_a_code_carry_the_groups_of_its_user(grouped: World) -> None:
    assert groups(grouped.redeem(approved(grouped))) == (["editors", "staff"], ["editors", "staff"])


def test_a_user_in_no_group_has_no_such_claim(grouped: World) -> None:
    grouped.store.set_user_rights("alice-id", groups=())

    assert groups(grouped.redeem(approved(grouped))) == (None, None)


def test_s218_a_refreshed_token_carries_the_groups_of_then(grouped: World) -> None:
    first = grouped.redeem(approved(grouped))
    grouped.store.set_user_rights("alice-id", groups=("board",))
    second = grouped.refresh(first.refresh_token)
    grouped.store.set_user_rights("alice-id", groups=())

    assert groups(second) == (["board"], ["board"])
    assert groups(grouped.refresh(second.refresh_token)) == (None, None)


def test_a_code_carries_the_groups_of_the_approval(grouped: World) -> None:
    code = approved(grouped)
    grouped.store.set_user_rights("alice-id", groups=())

    assert groups(grouped.redeem(code))[0] == ["editors", "staff"]


def test_a_code_from_before_the_setting_reads_the_account(grouped: World) -> None:
    assert groups(grouped.redeem(grouped.code(scope=OPENID_READ, **SIGN_IN))) == (
        ["editors", "staff"],
        ["editors", "staff"],
    )


def test_the_password_grant_and_the_implicit_grant_carry_them(grouped: World) -> None:
    answer = grouped.send(grouped.web, grant_type="password", username="alice", password=PASSWORD)
    target = default_target(grouped.settings)
    implicit, _ = new_token(grouped.server, app=grouped.web, user=alice(grouped), scope=READ, target=target, now=NOW)

    assert payload(answer.access_token)["groups"] == ["editors", "staff"]
    assert payload(implicit.access_token)["groups"] == ["editors", "staff"]


def test_a_token_of_an_app_itself_carries_none(grouped: World) -> None:
    assert "groups" not in payload(grouped.send(grouped.web, grant_type="client_credentials").access_token)


def test_userinfo_has_them_too(grouped: World) -> None:
    assert more_about(alice(grouped), Scope.of("openid"), WEB, grouped.settings) == {"groups": ["editors", "staff"]}


def test_introspection_has_them_too(grouped: World) -> None:
    token = grouped.redeem(approved(grouped)).access_token

    found = grouped.introspect(token)
    assert (found["active"], found["sub"], found["groups"]) == (True, "alice-id", ["editors", "staff"])


def test_without_the_settings_neither_a_code_nor_a_token_says_anything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "gatepost.tokens.custom_claims", raising=False)
    world.store.set_user_rights("alice-id", groups=("staff",))
    answer = world.redeem(world.code())

    assert "groups" not in payload(answer.access_token)
    assert more_about(alice(world), Scope.of("openid"), WEB, world.settings) == {}
    assert world.claims(answer.access_token).more == {}
    assert "gatepost.tokens.custom_claims" not in sys.modules  # nor does it cost an import


def test_a_code_keeps_its_subject(grouped: World) -> None:
    (code,) = grouped.store.read(CodeKey(digest(approved(grouped))))

    assert code is not None
    assert (code.user_name, code.groups, code.scope) == ("alice", ("editors", "staff"), OPENID_READ)


def test_claims_that_an_app_asked_for_stand_beside_them(grouped: World) -> None:
    grouped.web = grouped.add_app(web_app(scope=Scope.of("openid", "profile", "read")))
    code = approved(grouped, scope=Scope.of("openid", "profile"), claims=("preferred_username",))

    found = payload(grouped.redeem(code).id_token)
    assert (found["preferred_username"], found["groups"]) == ("alice", ["editors", "staff"])
    assert "name" not in found
