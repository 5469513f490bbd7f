"""/developer/account and /developer/grants: the user's own account, and approved apps."""

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
from tests.people import CALLBACK, Client, Person, entered, new_client, opens, stops


@pytest.fixture
def signed_in(browser: Browser, person: Person) -> Browser:
    browser.sign_in(person.name, person.password)
    return browser


@pytest.fixture
def elsewhere(deployment: Deployment, person: Person) -> Browser:
    """Another browser of the same person."""
    return entered(deployment, person)


def is_signed_in(browser: Browser) -> bool:
    return browser.get(APPS_PAGE.path).status_code == 200


# --- connected apps


def test_a_connected_app_is_listed_and_revoked(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    tokens, others = client.tokens(person, scope="read"), other.tokens(person)
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


def test_a_code_that_waits_is_taken_back_though_no_page_shows_it(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    code = client.code(person)
    deployment.store.forget_approval(person.user.user_id, client.app.client_id)
    assert client.app.name not in signed_in.get(GRANTS_PAGE.path).text

    post(signed_in, ACCOUNT_PAGE.path, REVOKE_GRANT.at(client_id=client.app.client_id))

    answer = client.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_disconnecting_what_is_no_app_changes_nothing(signed_in: Browser) -> None:
    answer = post(signed_in, ACCOUNT_PAGE.path, REVOKE_GRANT.at(client_id="x" * 1500))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/developer/grants?done=disconnected")


def test_every_connection_is_revoked_at_once(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    tokens = [client.tokens(person), other.tokens(person)]

    post(signed_in, GRANTS_PAGE.path, REVOKE_GRANTS.path)

    page = signed_in.get(GRANTS_PAGE.path).text
    assert client.app.name not in page
    assert other.app.name not in page
    for each in tokens:
        assert stops(deployment, each["access_token"])
    assert is_signed_in(signed_in)


# --- password and sessions


def test_a_new_password_signs_out_every_other_session(
    signed_in: Browser, elsewhere: Browser, client: Client, person: Person
) -> None:
    tokens = client.tokens(person)
    fields = {"current_password": person.password, "new_password": "another password 1"}

    answer = post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **fields)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{ACCOUNT_PAGE.path}?done=password_changed")
    assert is_signed_in(signed_in)
    assert not is_signed_in(elsewhere)
    assert Browser(signed_in.base_url).sign_in(person.name, person.password).status_code == 400
    assert Browser(signed_in.base_url).sign_in(person.name, "another password 1").status_code == 303
    assert client.refresh(tokens["refresh_token"]).status_code == 200


def test_a_new_password_may_end_the_grants_too(signed_in: Browser, client: Client, person: Person) -> None:
    token = client.tokens(person)["refresh_token"]
    fields = {"current_password": person.password, "new_password": "another password 1", "end_grants": "on"}

    post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **fields)

    assert client.refresh(token).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("current", "new", "sentence"),
    [
        ("wrong", "another password 1", "This is not your password."),
        (None, "short", "Use at least 10 characters."),
        (None, "aaaaaaaaaaaaaa", "Use more than three different characters."),
    ],
)
def test_a_refused_password_change_says_why_and_changes_nothing(
    signed_in: Browser, elsewhere: Browser, person: Person, current: str | None, new: str, sentence: str
) -> None:
    fields = {"current_password": current or person.password, "new_password": new}

    page = post(signed_in, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **fields)

    assert page.status_code == 400
    assert sentence in page.text
    assert is_signed_in(elsewhere)


def test_one_session_or_all_of_them_can_be_ended(signed_in: Browser, elsewhere: Browser, person: Person) -> None:
    ids = re.findall(r"/developer/account/sessions/([A-Za-z0-9_-]{43})/end", signed_in.get(ACCOUNT_PAGE.path).text)
    own = next(iter(re.findall(r"sessions/([A-Za-z0-9_-]{43})/end", elsewhere.get(ACCOUNT_PAGE.path).text)))
    assert ids

    post(elsewhere, ACCOUNT_PAGE.path, END_SESSION.at(session_id=own))
    assert not is_signed_in(signed_in)
    assert is_signed_in(elsewhere)

    post(elsewhere, ACCOUNT_PAGE.path, SIGN_OUT_EVERYWHERE.path)
    assert not is_signed_in(elsewhere)


# --- e-mail and the end


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
    assert not is_signed_in(signed_in)
    assert not is_signed_in(elsewhere)
    assert Browser(deployment.base_url).sign_in(person.name, person.password).status_code == 400
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_client"
    assert stops(deployment, tokens["access_token"])
    assert deployment.store.read(UserKey(person.user.user_id)) == (None,)
    assert list(deployment.store.grants_of(person.user.user_id)) == []
    assert list(deployment.store.sessions_of(person.user.user_id)) == []
