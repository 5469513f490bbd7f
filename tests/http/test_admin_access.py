"""Administrators see the access to an account, and end it, in a minute each."""

from __future__ import annotations

from datetime import UTC, datetime

from gatepost.authentication.sessions import SESSION_COOKIE, session_key
from gatepost.model.audit_entry import AuditEntry
from gatepost.model.sessions import Session
from gatepost.routes import (
    ACCOUNT_PAGE,
    ADMIN_APP_PAGE,
    ADMIN_AUDIT_PAGE,
    ADMIN_DISCONNECT,
    ADMIN_DISCONNECT_ALL,
    ADMIN_END_SESSION,
    ADMIN_END_SESSIONS,
    ADMIN_USER_PAGE,
)
from infra.local.deployment import Deployment
from tests.answers import text_of
from tests.browsing import Browser, post
from tests.people import Client, Person, entered, new_client, new_person


def user_page(person: Person) -> str:
    return ADMIN_USER_PAGE.at(user_id=person.user.user_id)


def sessions(deployment: Deployment, person: Person) -> list[Session]:
    return list(deployment.store.sessions_of(person.user.user_id))


def entries(deployment: Deployment, boss: Person) -> list[AuditEntry]:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    found = deployment.store.entries(today, cursor=None, limit=1000).items
    return [each for each in found if each.actor == boss.user.user_id and each.event != "signed_in"]


def test_a_page_of_a_user_says_which_apps_a_person_has_and_who_is_connected_to_what(
    deployment: Deployment, admin: Browser, client: Client, person: Person
) -> None:
    other = new_person(deployment)
    client.tokens(other)

    assert client.app.name in text_of(admin.get(user_page(person)))
    shown = text_of(admin.get(user_page(other)))
    assert "1 app has access to the account." in shown
    assert client.app.name in shown
    people = text_of(admin.get(ADMIN_APP_PAGE.at(client_id=client.app.client_id)))
    assert "1 account currently allows this app" in people
    assert other.name in people


def test_s180_one_session_or_all_of_another_are_ended_and_audited_once(
    deployment: Deployment, admin: Browser, boss: Person, person: Person
) -> None:
    browsers = [entered(deployment, person) for _ in range(3)]
    key = session_key(browsers[0].cookies[SESSION_COOKIE])
    assert key is not None
    at = {"user_id": person.user.user_id, "session_id": key.session_hash}

    post(admin, user_page(person), ADMIN_END_SESSION.at(**{**at, "user_id": boss.user.user_id}))  # of another account
    assert len(sessions(deployment, person)) == 3
    answer = post(admin, user_page(person), ADMIN_END_SESSION.at(**at))
    assert "The session was ended." in admin.get(answer.headers["Location"]).text
    post(admin, user_page(person), ADMIN_END_SESSION.at(**at))  # which is gone: nothing to audit
    assert [each.get(ACCOUNT_PAGE.path).status_code for each in browsers] == [303, 200, 200]

    answer = post(admin, user_page(person), ADMIN_END_SESSIONS.at(user_id=person.user.user_id))
    assert "All sessions of the account were ended." in admin.get(answer.headers["Location"]).text
    assert sessions(deployment, person) == []
    found = [(each.event, each.subject) for each in entries(deployment, boss)]
    assert found == [("sessions_ended", person.name), ("session_ended", person.name)]


def test_s180_access_of_one_app_or_of_all_ends_as_by_the_users_own_revocation(
    deployment: Deployment, admin: Browser, boss: Person, client: Client, person: Person
) -> None:
    kept, user_id = new_client(deployment, person), person.user.user_id
    tokens, other = client.tokens(person), kept.tokens(person)
    path = ADMIN_DISCONNECT.at(user_id=user_id, client_id=client.app.client_id)

    for _ in range(2):  # the second ends nothing
        post(admin, user_page(person), path)

    assert client.introspect(tokens["access_token"]).json() == {"active": False}
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert [each.client_id for each in deployment.store.approvals_of(user_id)] == [kept.app.client_id]
    assert {(each.event, each.subject, each.client_id) for each in entries(deployment, boss)} == {
        ("access_ended", client.app.name, client.app.client_id),
        ("access_ended_to", person.name, client.app.client_id),
    }

    for _ in range(2):
        post(admin, user_page(person), ADMIN_DISCONNECT_ALL.at(user_id=user_id))
    assert client.introspect(other["access_token"]).json() == {"active": False}
    assert "No apps have access to the account." in text_of(admin.get(user_page(person)))
    assert [each.event for each in entries(deployment, boss)].count("every_access_ended") == 1
    shown = text_of(admin.get(f"{ADMIN_AUDIT_PAGE.path}?user={person.name}"))
    assert "ended the access of all apps to the account of" in shown


def test_s181_a_session_says_browser_and_address_and_a_hostile_header_is_no_text_of_a_page(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    for agent in ("<script>alert(1)</script> Firefox/1", "Mozilla/5.0 (X11; Linux x86_64) Firefox/142.0"):
        browser = Browser(deployment.base_url, user_agent=agent)
        browser.sign_in(person.name, person.password)
    shown = admin.get(user_page(person))

    assert {each.device for each in sessions(deployment, person)} == {"Firefox", "Firefox on Linux"}
    assert "Firefox on Linux" in text_of(shown)
    assert "127.0.0.1" in text_of(shown)
    assert "alert(1)" not in shown.text
