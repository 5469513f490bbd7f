"""The validity of a code when it is issued, redeemed and replayed (S120, S137, S140, S141, S354)."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from gatepost.clients.registration import update_app
from gatepost.routes import ADMIN_CHANGE_USER, ADMIN_USER_PAGE, CONSENT, METADATA
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, UserKey
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER, assert_error, assert_page, assert_sent_back, redeem
from tests.browsing import Browser, answer_of, form_of, post
from tests.people import CALLBACK, Client, Person, entered, get, new_administrator
from tests.unit.world import details_of

OTHER = "https://client.example.test/other"


def changed(client: Client, **changes: Any) -> None:
    """The app's owner saves the form, with `changes`."""
    deployment, app = client.deployment, client.deployment.store.read(AppKey(client.app.client_id))[0]
    assert app is not None
    (owner,) = deployment.store.read(UserKey(app.owner))
    assert owner is not None
    details = details_of(app, **changes)
    update_app(deployment.store, deployment.settings, app, details, owner=owner, now=time.time())


def test_s120_a_code_is_redeemed_without_what_the_app_lost_meanwhile(client: Client, person: Person) -> None:
    code = client.code(person, scope="read write")
    changed(client, scope=Scope.of("read"))

    answer = redeem(client, code).json()

    assert answer["scope"] == "read"
    assert client.introspect(answer["access_token"]).json()["scope"] == "read"


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


def test_s120_a_code_of_which_nothing_is_left_opens_nothing(client: Client, person: Person) -> None:
    code = client.code(person, scope="write")
    changed(client, scope=Scope.of("read"))

    assert_error(redeem(client, code))
    changed(client, scope=Scope.of("read", "write"))
    assert_error(redeem(client, code))


def test_s120_a_code_for_a_redirect_uri_that_was_removed_opens_nothing(client: Client, person: Person) -> None:
    code, unnamed = client.code(person), client.code(person, redirect_uri=None)
    changed(client, redirect_uris=(OTHER,))

    assert_error(redeem(client, code))
    assert_error(client.token(grant_type="authorization_code", code=unnamed))


def test_s120_an_open_page_sends_nothing_to_a_redirect_uri_that_was_removed(signed_in: Browser, client: Client) -> None:
    page, unnamed = (signed_in.get(client.authorize_path(redirect_uri=each)) for each in (CALLBACK, None))
    denied = signed_in.get(client.authorize_path())
    changed(client, redirect_uris=(OTHER,))

    for shown, decision in ((page, "allow"), (unnamed, "allow"), (denied, "deny")):
        assert_page(signed_in.decide(shown, decision))


def test_s120_an_open_page_grants_what_the_app_still_may_have(signed_in: Browser, client: Client) -> None:
    page, lost = (
        signed_in.get(client.authorize_path(scope="read write")),
        signed_in.get(client.authorize_path(scope="write")),
    )
    changed(client, scope=Scope.of("read"))

    code = answer_of(signed_in.decide(page, "allow"))["code"]
    assert redeem(client, code).json()["scope"] == "read"
    assert_sent_back(signed_in.decide(lost, "allow"), "invalid_scope", issuer=signed_in.base_url)


def test_s137_of_allow_and_deny_at_once_exactly_one_counts(signed_in: Browser, client: Client, person: Person) -> None:
    for _ in range(20):
        fields = form_of(signed_in.get(client.authorize_path(prompt="consent")), CONSENT.path).fields

        def press(decision: str, fields: dict[str, str] = fields) -> requests.Response:
            return signed_in.post(CONSENT.path, {**fields, "decision": decision})

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(press, ("allow", "deny", "deny", "allow")))

        sent = [answer for answer in answers if answer.is_redirect]
        assert len(sent) == 1, [answer.headers.get("Location") for answer in answers]
        for lost in (answer for answer in answers if answer is not sent[0]):
            assert_page(lost)


def test_s140_a_response_mode_that_is_not_offered_is_refused_in_the_default_mode(
    signed_in: Browser, client: Client
) -> None:
    for mode in ("form-post", "web_message", "jwt", "query.jwt", "Query", "query fragment"):
        answer = signed_in.get(client.authorize_path(response_mode=mode))
        assert_sent_back(answer, "invalid_request", issuer=signed_in.base_url)
        assert urlsplit(answer.headers["Location"]).query
    twice = signed_in.get(client.authorize_path(response_mode="query") + "&response_mode=fragment")
    assert_sent_back(twice, "invalid_request", issuer=signed_in.base_url)
    assert urlsplit(twice.headers["Location"]).query

    for mode in ("query", "form_post"):
        token = signed_in.get(client.authorize_path(response_type="token", response_mode=mode))
        assert_sent_back(token, "invalid_request", issuer=signed_in.base_url)
        assert urlsplit(token.headers["Location"]).fragment


def test_s140_a_code_comes_in_the_mode_that_was_asked_for(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    assert get(deployment, METADATA.path, None).json()["response_modes_supported"] == [
        *("query", "fragment", "form_post"),
    ]
    page = signed_in.get(client.authorize_path(response_mode="fragment"))
    shown, remembered = (
        signed_in.decide(page, "allow"),
        signed_in.get(client.authorize_path(response_mode="fragment")),
    )
    for answer in (shown, remembered):
        assert answer.headers["Location"].startswith(f"{CALLBACK}#code=")
        assert sorted(answer_of(answer)) == ["code", "iss", "state"]
        assert redeem(client, answer_of(answer)["code"]).status_code == 200
    assert (
        signed_in.get(client.authorize_path(response_mode="query")).headers["Location"].startswith(f"{CALLBACK}?code=")
    )
    denied = signed_in.decide(signed_in.get(client.authorize_path(response_mode="fragment", prompt="consent")), "deny")
    assert denied.headers["Location"].startswith(f"{CALLBACK}#error=access_denied")
    nobody = Browser(deployment.base_url).get(client.authorize_path(response_mode="fragment", prompt="none"))
    assert nobody.headers["Location"].startswith(f"{CALLBACK}#error=login_required")
    implicit = signed_in.decide(
        signed_in.get(client.authorize_path(response_type="token", response_mode="fragment")), "allow"
    )
    assert implicit.headers["Location"].startswith(f"{CALLBACK}#access_token=")


def test_s141_a_doubled_callback_leaves_the_tokens_of_the_first_alive(client: Client, person: Person) -> None:
    for _ in range(5):
        code = client.code(person, **PKCE)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _, code=code: redeem(client, code, code_verifier=VERIFIER), range(2)))

        (won,) = [answer.json() for answer in answers if answer.status_code == 200]
        (lost,) = [answer for answer in answers if answer.status_code != 200]
        assert_error(lost)
        assert client.introspect(won["access_token"]).json()["active"] is True
        assert client.refresh(won["refresh_token"]).status_code == 200


def test_s141_without_pkce_a_replay_ends_the_grant_at_once(client: Client, person: Person) -> None:
    code = client.code(person)
    tokens = redeem(client, code).json()

    assert_error(redeem(client, code))

    assert client.introspect(tokens["access_token"]).json() == {"active": False}
    assert_error(client.refresh(tokens["refresh_token"]))
