"""The sign-in that a request demands: prompt, max_age and id_token_hint (OpenID Connect Core §3.1.2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gatepost.errors import OAuthError
from gatepost.model.feed import PublicKey
from gatepost.model.sessions import Session
from gatepost.oauth.parameters import Parameters
from gatepost.oidc.authorization_request import Demand, checked_prompts
from gatepost.oidc.id_token import issue_id_token
from gatepost.tokens.access_token import Signer
from tests.fakes import MemoryStore
from tests.unit.oidc.requesting import OPENID
from tests.unit.world import ALICE, NOW, OWNER, SETTINGS, WEB

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
    assert demand("max_age=99").asks(replace(SESSION, signed_in_at=0), NOW)
    assert not demand("max_age=100").asks(replace(SESSION, signed_in_at=0), NOW)
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
    with pytest.raises(OAuthError) as raised:
        checked_prompts(parameters)
    assert raised.value.code == error


def test_what_it_knows_is_accepted() -> None:
    assert checked_prompts({}) == frozenset()
    assert checked_prompts({"prompt": "login consent select_account", "max_age": "999999999"}) == {
        *("login", "consent", "select_account"),
    }
    assert checked_prompts({"prompt": "none", "max_age": "0"}) == {"none"}
