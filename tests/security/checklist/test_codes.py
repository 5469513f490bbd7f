"""POST /authorization/token with a code (S39 … S47, S120, S141, S354)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from gatepost.identifiers import digest
from gatepost.routes import ADMIN_CHANGE_USER, ADMIN_USER_PAGE
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import CHALLENGE, PKCE, VERIFIER, assert_error, redeem
from tests.browsing import post
from tests.people import CALLBACK, Client, Person, entered, new_administrator, new_client, opens, stops
from tests.security.checklist.changing import OTHER, changed


def test_s39_s141_without_pkce_a_code_used_again_revokes_all_that_it_produced_and_nothing_else(
    deployment: Deployment, client: Client, person: Person
) -> None:
    others = client.tokens(person)
    code = client.code(person)
    tokens = redeem(client, code).json()
    refreshed = client.refresh(tokens["refresh_token"]).json()

    assert_error(redeem(client, code))

    assert client.introspect(tokens["access_token"]).json() == {"active": False}
    for token in (tokens["access_token"], refreshed["access_token"]):
        assert stops(deployment, token)
    for token in (tokens["refresh_token"], refreshed["refresh_token"]):
        assert_error(client.refresh(token))
    assert opens(deployment, others["access_token"])
    assert client.refresh(others["refresh_token"]).status_code == 200


def test_s40_s141_of_parallel_redemptions_one_gets_tokens_and_with_pkce_they_live(
    client: Client, person: Person
) -> None:
    for pkce, times in ((False, 16), (True, 2), (True, 2)):
        code = client.code(person, **(PKCE if pkce else {}))
        sent = {"code_verifier": VERIFIER} if pkce else {}
        with ThreadPoolExecutor(times) as pool:
            answers = list(pool.map(lambda _, code=code, sent=sent: redeem(client, code, **sent), range(times)))

        won = [answer.json() for answer in answers if answer.status_code == 200]
        for lost in (answer for answer in answers if answer.status_code != 200):
            assert_error(lost)
        assert len(won) == 1 if pkce else len(won) <= 1
        if pkce:
            assert client.introspect(won[0]["access_token"]).json()["active"] is True
            assert client.refresh(won[0]["refresh_token"]).status_code == 200


def test_s41_s42_a_code_of_another_app_or_without_what_it_is_bound_to_changes_nothing(
    deployment: Deployment, client: Client, public_client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    fresh, used = client.code(person, **PKCE), client.code(person, **PKCE)
    tokens = redeem(client, used, code_verifier=VERIFIER).json()

    for code in (fresh, used):
        for thief in (other, public_client):
            assert_error(redeem(thief, code, code_verifier=VERIFIER))
        for uri in ("https://evil.test/cb", f"{CALLBACK}/", CALLBACK.upper()):
            assert_error(redeem(client, code, code_verifier=VERIFIER, redirect_uri=uri))
        assert_error(client.token(grant_type="authorization_code", code=code, code_verifier=VERIFIER))

    assert client.introspect(tokens["access_token"]).json()["active"] is True
    assert client.refresh(tokens["refresh_token"]).status_code == 200
    assert redeem(client, fresh, code_verifier=VERIFIER).status_code == 200
    unnamed = client.code(person, redirect_uri=None)
    assert client.token(grant_type="authorization_code", code=unnamed).status_code == 200


def test_s44_anything_but_the_code_itself_opens_nothing(client: Client, person: Person) -> None:
    code, tokens = client.code(person), client.tokens(person)

    for wrong in (
        *(code[:-1], f"{code}=", code.swapcase(), f"{code},{code}", digest(code), "\u0441" * 43, "x" * 15_000),
        *(tokens["access_token"], tokens["refresh_token"], client.secret),
    ):
        assert_error(redeem(client, wrong))
    for malformed in ("", "a\0b", "a\r\nb", "x" * 30_000):
        assert_error(redeem(client, malformed), 400, "invalid_request")
    assert redeem(client, code).status_code == 200


def test_s46_s47_only_the_verifier_of_the_challenge_redeems_a_code(
    client: Client, public_client: Client, person: Person
) -> None:
    for app in (client, public_client):
        code = app.code(person, **PKCE)
        for sent in (
            {},
            {"code_verifier": ""},
            {"code_verifier": f"{VERIFIER}="},
            {"code_verifier": "\u00fc" * 43},
            {"code_verifier": CHALLENGE, "code_challenge_method": "plain"},
            {"code_verifier": CHALLENGE, "code_challenge": CHALLENGE},
        ):
            assert_error(redeem(app, code, **sent))
        assert redeem(app, code, code_verifier=VERIFIER).status_code == 200
    assert_error(redeem(client, client.code(person), code_verifier=VERIFIER))


def test_s120_a_code_is_redeemed_for_what_the_app_still_may_have_where_it_still_is(
    client: Client, person: Person
) -> None:
    code, lost = client.code(person, scope="read write"), client.code(person, scope="write")
    moved, unnamed = client.code(person), client.code(person, redirect_uri=None)
    changed(client, scope=Scope.of("read"))

    answer = redeem(client, code).json()
    assert answer["scope"] == client.introspect(answer["access_token"]).json()["scope"] == "read"
    assert_error(redeem(client, lost))
    changed(client, scope=Scope.of("read", "write"), redirect_uris=(OTHER,))
    for each in (lost, moved):
        assert_error(redeem(client, each))
    assert_error(client.token(grant_type="authorization_code", code=unnamed))


@pytest.mark.parametrize(
    "fields", [{"action": "scope", "scope_rule": "chosen", "scope": "read"}, {"action": "groups", "groups": ""}]
)
def test_s354_what_an_administrator_takes_away_before_the_exchange_is_in_no_token(
    deployment: Deployment, client: Client, person: Person, fields: dict[str, str]
) -> None:
    deployment.store.set_user_rights(person.user.user_id, groups=("staff",))
    code, at = client.code(person, scope="read write"), {"user_id": person.user.user_id}
    boss = entered(deployment, new_administrator(deployment))

    assert post(boss, ADMIN_USER_PAGE.at(**at), ADMIN_CHANGE_USER.at(**at), **fields).status_code == 303

    assert_error(redeem(client, code))
    after = redeem(client, client.code(person, scope="read write")).json()
    assert after["scope"] == ("read" if fields["action"] == "scope" else "read write")
