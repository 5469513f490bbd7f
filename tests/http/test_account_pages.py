"""/developer/account and /developer/grants: the user's own account, and approved apps."""

from __future__ import annotations

import re

import pytest

from gatepost.routes import (
    ACCOUNT_PAGE,
    APPS_PAGE,
    CHANGE_EMAIL,
    CHANGE_PASSWORD,
    DELETE_ACCOUNT,
    END_SESSION,
    GOODBYE,
    GRANTS_PAGE,
    REVOKE_GRANT,
    REVOKE_GRANTS,
    SIGN_OUT_EVERYWHERE,
)
from gatepost.stores.record_keys import UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, post
from tests.people import Client, Person, entered, new_client, opens, stops


@pytest.fixture
def elsewhere(deployment: Deployment, person: Person) -> Browser:
    """Another browser of the same person."""
    return entered(deployment, person)


def is_signed_in(browser: Browser) -> bool:
    return browser.get(APPS_PAGE.path).status_code == 200


def test_a_connected_app_is_listed_and_revoked_alone_or_with_all_others(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    other, third = new_client(deployment, person), new_client(deployment, person)
    tokens, others = client.tokens(person, scope="read"), other.tokens(person)
    third.tokens(person)
    page = signed_in.get(GRANTS_PAGE.path).text
    for text in (client.app.name, other.app.name, "client.example.test", "Read your demo data"):
        assert text in page

    answer = post(signed_in, GRANTS_PAGE.path, REVOKE_GRANT.at(client_id=client.app.client_id))

    after = signed_in.get(answer.headers["Location"]).text
    assert client.app.name not in after
    assert "The app was disconnected." in after
    assert stops(deployment, tokens["access_token"])
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert signed_in.get(client.authorize_path(scope="read")).status_code == 200  # asked again
    assert opens(deployment, others["access_token"])
    nothing = post(signed_in, ACCOUNT_PAGE.path, REVOKE_GRANT.at(client_id="x" * 1500))
    assert (nothing.status_code, nothing.headers["Location"]) == (303, "/developer/grants?done=disconnected")

    post(signed_in, GRANTS_PAGE.path, REVOKE_GRANTS.path)
    page = signed_in.get(GRANTS_PAGE.path).text
    assert not any(each.app.name in page for each in (other, third))
    assert client.introspect(others["access_token"]).json() == {"active": False}
    assert is_signed_in(signed_in)


def test_a_new_password_signs_out_every_other_session_and_may_end_the_grants(
    signed_in: Browser, elsewhere: Browser, client: Client, person: Person
) -> None:
    token, chosen = client.tokens(person)["refresh_token"], "another password 1"
    for current, new, sentence in (
        ("wrong", chosen, "This is not your password."),
        (person.password, "short", "Use at least 10 characters."),
    ):
        fields = {"current_password": current, "new_password": new}
        refused = post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **fields)
        assert (refused.status_code, sentence in refused.text) == (400, True)
    assert is_signed_in(elsewhere)

    fields = {"current_password": person.password, "new_password": chosen}
    answer = post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **fields)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{ACCOUNT_PAGE.path}?done=password_changed")
    assert (is_signed_in(signed_in), is_signed_in(elsewhere)) == (True, False)
    tried = [Browser(signed_in.base_url).sign_in(person.name, each).status_code for each in (person.password, chosen)]
    assert tried == [400, 303]
    token = client.refresh(token).json()["refresh_token"]
    fields = {"current_password": chosen, "new_password": "a third password", "end_grants": "on"}
    post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **fields)
    assert client.refresh(token).json()["error"] == "invalid_grant"


def test_one_session_or_all_of_them_can_be_ended(signed_in: Browser, elsewhere: Browser) -> None:
    other = re.search(r"sessions/([A-Za-z0-9_-]{43})/end", elsewhere.get(ACCOUNT_PAGE.path).text)
    assert other

    post(elsewhere, ACCOUNT_PAGE.path, END_SESSION.at(session_id=other[1]))
    assert (is_signed_in(signed_in), is_signed_in(elsewhere)) == (False, True)

    post(elsewhere, ACCOUNT_PAGE.path, SIGN_OUT_EVERYWHERE.path)
    assert not is_signed_in(elsewhere)


def test_without_a_mail_sender_the_address_is_changed_at_once(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    proof = {"current_password": person.password}
    bad = post(signed_in, ACCOUNT_PAGE.path, CHANGE_EMAIL.path, email="nonsense", **proof)
    post(signed_in, ACCOUNT_PAGE.path, CHANGE_EMAIL.path, email="me@example.test", **proof)

    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert bad.status_code == 400
    assert user is not None
    assert (user.email, user.email_confirmed) == ("me@example.test", False)


def test_deleting_the_account_ends_apps_grants_and_sessions(
    deployment: Deployment, signed_in: Browser, elsewhere: Browser, client: Client, person: Person
) -> None:
    tokens = client.tokens(person)
    wrong = post(signed_in, ACCOUNT_PAGE.path, DELETE_ACCOUNT.path, confirm_name=person.name, current_password="wrong")
    assert wrong.status_code == 400
    assert is_signed_in(elsewhere)

    fields = {"confirm_name": person.name, "current_password": person.password}
    answer = post(signed_in, ACCOUNT_PAGE.path, DELETE_ACCOUNT.path, **fields)

    assert (answer.status_code, answer.headers["Location"]) == (303, GOODBYE.path)
    assert "Your account has been deleted" in signed_in.get(GOODBYE.path).text
    assert (is_signed_in(signed_in), is_signed_in(elsewhere)) == (False, False)
    assert Browser(deployment.base_url).sign_in(person.name, person.password).status_code == 400
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_client"
    assert stops(deployment, tokens["access_token"])
    assert deployment.store.read(UserKey(person.user.user_id)) == (None,)
    assert list(deployment.store.grants_of(person.user.user_id)) == []
    assert list(deployment.store.sessions_of(person.user.user_id)) == []
