"""/developer/admin: users, apps and the audit log, for administrators only."""

import requests
from markupsafe import escape

from gatepost.model.records import User
from gatepost.routes import (
    ACCOUNT_PAGE,
    ADMIN_APPS_PAGE,
    ADMIN_AUDIT_PAGE,
    ADMIN_CHANGE_APP,
    ADMIN_CHANGE_USER,
    ADMIN_USER_PAGE,
    ADMIN_USERS_PAGE,
    APP_PAGE,
    ROUTES,
)
from gatepost.stores.record_keys import AppKey, UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.browsing import post as post_of
from tests.people import Client, Person, entered, new_client, stops


def post(browser: Browser, path: str, **fields: object) -> requests.Response:
    return post_of(browser, ACCOUNT_PAGE.path, path, **fields)


def test_s218_only_administrators_see_or_do_anything(browser: Browser, person: Person, client: Client) -> None:
    browser.sign_in(person.name, person.password)
    known = {"user_id": person.user.user_id, "client_id": client.app.client_id, "session_id": "x" * 43}
    routes = [route for route in ROUTES if route.function == "admin"]
    assert len(routes) == 16

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


def test_role_and_scopes_of_a_user_are_changed(
    deployment: Deployment, admin: Browser, client: Client, person: Person
) -> None:
    path = ADMIN_CHANGE_USER.at(user_id=person.user.user_id)
    ask = {"grant_type": "password", "username": person.name, "password": person.password, "scope": "read write"}

    post(admin, path, action="scope", scope_rule="chosen", scope=["write"])
    assert client.token(**ask).json()["scope"] == "write"
    post(admin, path, action="scope", scope_rule="every")
    assert client.token(**ask).json()["scope"] == "read write"
    answer = post(admin, path, action="role", role="administrator")

    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert user is not None
    assert (user.role, user.scope) == ("administrator", None)
    assert "The account was changed." in admin.get(answer.headers["Location"]).text


def test_an_account_is_put_into_groups_which_the_audit_list_names(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    path = ADMIN_CHANGE_USER.at(user_id=person.user.user_id)

    answer = post(admin, path, action="groups", groups="staff\r\neditors\r\n")
    assert groups_of(deployment, person) == ("editors", "staff")
    shown = admin.get(answer.headers["Location"]).text
    assert "The account was changed." in shown
    assert ">\neditors\nstaff</textarea>" in shown

    post(admin, path, action="groups", groups="board staff")
    assert groups_of(deployment, person) == ("board", "staff")
    listed = admin.get(f"{ADMIN_AUDIT_PAGE.path}?user={person.name}").text
    assert "changed the groups of" in listed
    assert "group: <bdi>editors</bdi> → <bdi>none</bdi>" in listed
    assert "group: <bdi>none</bdi> → <bdi>board</bdi>" in listed

    post(admin, path, action="groups", groups="")
    assert groups_of(deployment, person) == ()
    post(admin, path, action="scope", scope_rule="chosen", scope="read")
    listed = admin.get(f"{ADMIN_AUDIT_PAGE.path}?user={person.name}").text
    assert "scopes: <bdi>every scope</bdi> → <bdi>read</bdi>" in listed


def test_s218_a_malformed_group_changes_nothing_and_is_shown_again_as_text(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    path = ADMIN_CHANGE_USER.at(user_id=person.user.user_id)
    deployment.store.set_user_rights(person.user.user_id, groups=("staff",))

    for typed in ('staff","role":"admin', "<b>x</b>"):
        answer = post(admin, path, action="groups", groups=typed)
        assert answer.status_code == 400
        assert f">\n{escape(typed)}</textarea>" in answer.text
    assert groups_of(deployment, person) == ("staff",)


def groups_of(deployment: Deployment, person: Person) -> tuple[str, ...]:
    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert isinstance(user, User)
    return user.groups


def test_nobody_changes_their_own_role_or_status(deployment: Deployment, admin: Browser, boss: Person) -> None:
    path = ADMIN_CHANGE_USER.at(user_id=boss.user.user_id)

    assert post(admin, path, action="deactivate").status_code == 400
    assert post(admin, path, action="role", role="user").status_code == 400

    (user,) = deployment.store.read(UserKey(boss.user.user_id))
    assert user is not None
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

    (app,) = deployment.store.read(AppKey(client.app.client_id))
    assert app is not None
    assert app.status == "active"
    assert client.token(grant_type="client_credentials").status_code == 200


def test_an_odd_period_of_the_audit_list_is_no_failure(admin: Browser) -> None:
    for odd in ("2020-01-01", "0001-01-01", "nonsense", "2020-13-01", "9999-12-31", "%00"):
        assert admin.get(f"{ADMIN_AUDIT_PAGE.path}?from={odd}&to={odd}&cursor={odd}").status_code in (200, 400)


def test_what_does_not_exist_is_404(admin: Browser) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    for path in (ADMIN_USER_PAGE.at(user_id=nobody), ADMIN_USER_PAGE.at(user_id="x" * 900)):
        assert admin.get(path).status_code == 404
    assert post(admin, ADMIN_CHANGE_APP.at(client_id=nobody), action="approve").status_code == 404
    assert post(admin, ADMIN_CHANGE_USER.at(user_id=nobody), action="approve").status_code == 404
