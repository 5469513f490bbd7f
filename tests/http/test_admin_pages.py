"""/developer/admin: users, apps and the audit log, for administrators only."""

from __future__ import annotations

import html
import re

import requests
from markupsafe import escape

from gatepost.identifiers import new_id
from gatepost.model.records import Login, User
from gatepost.routes import (
    ACCOUNT_PAGE,
    ADMIN_APPS_PAGE,
    ADMIN_AUDIT_PAGE,
    ADMIN_CHANGE_APP,
    ADMIN_CHANGE_USER,
    ADMIN_DISCONNECT,
    ADMIN_DISCONNECT_ALL,
    ADMIN_END_SESSION,
    ADMIN_END_SESSIONS,
    ADMIN_USER_PAGE,
    ADMIN_USERS_PAGE,
    APP_PAGE,
    ROUTES,
)
from gatepost.stores.record_keys import UserKey
from infra.local.deployment import Deployment
from tests.answers import text_of
from tests.browsing import Browser
from tests.browsing import post as post_of
from tests.people import Client, Person, entered, new_client, new_person, stops


def post(browser: Browser, path: str, **fields: object) -> requests.Response:
    return post_of(browser, ACCOUNT_PAGE.path, path, **fields)


def test_s218_only_administrators_see_or_do_anything(browser: Browser, person: Person, client: Client) -> None:
    browser.sign_in(person.name, person.password)
    known = {"user_id": person.user.user_id, "client_id": client.app.client_id, "session_id": "x" * 43}
    routes = [route for route in ROUTES if route.function == "admin"]
    assert len(routes) == 21

    for route in routes:
        path = route.at(**known)
        fields = {"action": "role", "role": "administrator"}
        answer = browser.get(path) if route.method == "GET" else post(browser, path, **fields)
        assert answer.status_code == 403, route.key
    assert ADMIN_USERS_PAGE.path not in browser.get(ACCOUNT_PAGE.path).text


def test_a_deactivated_user_is_out_until_reactivated(
    deployment: Deployment, admin: Browser, client: Client, person: Person
) -> None:
    tokens = client.tokens(person)
    path = ADMIN_CHANGE_USER.at(user_id=person.user.user_id)

    post(admin, path, action="deactivate")
    assert Browser(deployment.base_url).sign_in(person.name, person.password).status_code == 400
    assert stops(deployment, tokens["access_token"])

    post(admin, path, action="reactivate")
    assert Browser(deployment.base_url).sign_in(person.name, person.password).status_code == 303
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_role_scopes_and_groups_of_a_user_are_changed_and_the_audit_list_says_from_what_to_what(
    deployment: Deployment, admin: Browser, client: Client, person: Person
) -> None:
    path = ADMIN_CHANGE_USER.at(user_id=person.user.user_id)
    ask = {"grant_type": "password", "username": person.name, "password": person.password, "scope": "read write"}
    post(admin, path, action="scope", scope_rule="chosen", scope=["write"])
    assert client.token(**ask).json()["scope"] == "write"
    post(admin, path, action="scope", scope_rule="every")
    assert client.token(**ask).json()["scope"] == "read write"

    answer = post(admin, path, action="groups", groups="staff\r\neditors\r\n")
    shown = admin.get(answer.headers["Location"]).text
    assert "The account was changed." in shown
    assert ">\neditors\nstaff</textarea>" in shown
    post(admin, path, action="groups", groups="board staff")
    post(admin, path, action="role", role="administrator")

    user = user_of(deployment, person)
    assert (user.role, user.scope, user.groups) == ("administrator", None, ("board", "staff"))
    listed = text_of(admin.get(f"{ADMIN_AUDIT_PAGE.path}?user={person.name}"))
    assert "changed the groups of" in listed
    for change in ("role: user → administrator", "scopes: every scope → write", "group: editors → none"):
        assert change in listed


def test_s218_a_malformed_group_changes_nothing_and_is_shown_again_as_text(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    path = ADMIN_CHANGE_USER.at(user_id=person.user.user_id)
    deployment.store.set_user_rights(person.user.user_id, groups=("staff",))

    for typed in ('staff","role":"admin', "<b>x</b>"):
        answer = post(admin, path, action="groups", groups=typed)
        assert answer.status_code == 400
        assert f">\n{escape(typed)}</textarea>" in answer.text
    assert user_of(deployment, person).groups == ("staff",)


def user_of(deployment: Deployment, person: Person) -> User:
    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert isinstance(user, User)
    return user


def test_nobody_changes_their_own_role_or_status(deployment: Deployment, admin: Browser, boss: Person) -> None:
    path = ADMIN_CHANGE_USER.at(user_id=boss.user.user_id)

    assert post(admin, path, action="deactivate").status_code == 400
    assert post(admin, path, action="role", role="user").status_code == 400

    user = user_of(deployment, boss)
    assert (user.role, user.status) == ("administrator", "active")


def test_an_app_is_deactivated_with_a_reason_that_its_owner_reads(
    deployment: Deployment, admin: Browser, client: Client, person: Person
) -> None:
    tokens = client.tokens(person)
    path = ADMIN_CHANGE_APP.at(client_id=client.app.client_id)

    assert post(admin, path, action="deactivate", reason="").status_code == 400
    assert post(admin, path, action="deactivate", reason="It sends <spam>.").status_code == 303

    owner = entered(deployment, person)
    assert "It sends &lt;spam&gt;." in owner.get(APP_PAGE.at(client_id=client.app.client_id)).text
    assert client.token(grant_type="client_credentials").status_code == 401

    post(admin, path, action="activate", version=client.version)
    assert client.token(grant_type="client_credentials").status_code == 200
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_pending_app_stands_in_the_list_and_works_once_approved(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    client = new_client(deployment, person, name="Waiting app")
    deployment.store.set_app_status(client.app.client_id, "pending", reason="", grants_valid_from=0)

    assert "Waiting app" in admin.get(f"{ADMIN_APPS_PAGE.path}?status=pending").text
    assert client.token(grant_type="client_credentials").status_code == 401
    post(admin, ADMIN_CHANGE_APP.at(client_id=client.app.client_id), action="approve", version=client.version)
    assert client.token(grant_type="client_credentials").status_code == 200


def test_s180_what_does_not_exist_is_404_and_an_odd_period_is_no_failure(admin: Browser) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    at = {"user_id": nobody, "session_id": "x", "client_id": nobody}
    for path in (ADMIN_USER_PAGE.at(user_id=nobody), ADMIN_USER_PAGE.at(user_id="x" * 900)):
        assert admin.get(path).status_code == 404
    endings = (ADMIN_END_SESSION, ADMIN_END_SESSIONS, ADMIN_DISCONNECT, ADMIN_DISCONNECT_ALL)
    for route in (ADMIN_CHANGE_APP, ADMIN_CHANGE_USER, *endings):
        assert post(admin, route.at(**at), action="approve").status_code == 404
    for odd in ("2020-01-01", "0001-01-01", "nonsense", "2020-13-01", "9999-12-31", "%00"):
        assert admin.get(f"{ADMIN_AUDIT_PAGE.path}?from={odd}&to={odd}&cursor={odd}").status_code in (200, 400)


# Searches


def test_users_are_found_by_any_part_of_what_is_theirs_filtered_and_counted_newest_first(
    deployment: Deployment, admin: Browser
) -> None:
    word, path = f"z{new_id()[:6]}", ADMIN_USERS_PAGE.path
    for number in range(22):
        user = User(
            user_id=new_id(),
            user_name=f"a{number:02}-{word}",
            email=f"{number}@{word.upper()}.test",
            email_confirmed=number == 3,
            status="pending" if number < 2 else "active",
            created_at=1_700_000_000 + number // 2,
        )
        deployment.store.create_user(user, Login(user_id=user.user_id, password_hash="h"))
    for typed in (word[1:].upper(), f"@{word}", f"3@{word}.test", user.user_id[9:]):
        assert f"a{3 if typed[0] == '3' else 21:02}-{word}" in text_of(admin.get(f"{path}?q={typed}")), typed
    for typed in ("nobody@example.test", "00000000-0000-4000-8000-000000000000", "@@"):
        assert "No users match" in text_of(admin.get(f"{path}?q={typed}"))
    assert "2 users found: 2 pending" in text_of(admin.get(f"{path}?q={word}&status=pending&sign_in=none&role=user"))
    assert "22 users found: 20 active, 2 pending" in text_of(admin.get(f"{path}?q={word}"))

    for order in ("", "&order=oldest", "&order=name"):
        first = admin.get(f"{path}?q={word}{order}").text
        link = re.search(r'rel="next" href="([^"]+)"', first)
        assert link is not None
        second = admin.get(html.unescape(link[1])).text
        found = re.findall(rf"<bdi>a(\d\d)-{word}", first + second)
        assert sorted(found) == [f"{number:02}" for number in range(22)]
        ages = [int(each) // 2 for each in found]
        assert ages == sorted(ages, reverse=not order)


def test_the_last_sign_in_is_shown(deployment: Deployment, admin: Browser, person: Person) -> None:
    entered(deployment, person)

    assert f"{person.name} Active today" in text_of(admin.get(f"{ADMIN_USERS_PAGE.path}?q={person.name}"))
    found = text_of(admin.get(f"/developer/admin?q={person.name}&sign_in=quarter"))
    assert "No users match" in found


def test_apps_are_found_by_key_and_by_a_part_of_their_name_from_page_to_page(
    deployment: Deployment, admin: Browser, client: Client
) -> None:
    path, owner = ADMIN_APPS_PAGE.path, new_person(deployment)
    assert client.app.name in text_of(admin.get(f"{path}?q={client.app.client_id}"))
    assert "No apps match" in text_of(admin.get(f"{path}?q=no-such-name&order=oldest"))
    word = f"paged{owner.name[-6:]}"
    wanted = [f"{word} <{number}>" for number in range(20)]
    for number, name in enumerate([*wanted, "another"]):
        app = client.app._replace(name=name, owner=owner.user.user_id, created_at=1_700_000_000 + number // 2)
        deployment.store.create_app(app._replace(client_id=new_id()), owner=owner.user, limit=100)

    for order in ("", "&order=oldest"):
        found: list[str] = []
        following: str | None = f"{path}?q={word.upper()}{order}"
        while following:
            page = admin.get(following).text
            found += [html.unescape(each) for each in re.findall(rf"<bdi>({word} [^<]+)</bdi></a></h2>", page)]
            link = re.search(r'rel="next" href="([^"]+)"', page)
            following = html.unescape(link[1]) if link else None
        assert len(found) == len(set(found)) == 20
        assert set(found) == set(wanted)
        ages = [wanted.index(name) // 2 for name in found]
        assert ages == sorted(ages, reverse=not order)
