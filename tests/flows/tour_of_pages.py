"""Stories of the tour that happen on pages: accounts, apps, connections and administration."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import quote, urlencode

from gatepost import routes as r
from gatepost.identifiers import new_secret
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.flows.tour_steps import asleep, counted, hashed_anew, link_to, long_signed_in, posted, refused
from tests.people import Client, Person, entered, new_administrator, new_client, new_person, stops, ungranted_client

NEW_PASSWORD = "another password 1"


def signing_in_and_out(deployment: Deployment) -> None:
    """The sign-in page: wrong, right by name and by address, again, out."""
    person = new_person(deployment)
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    client = new_client(deployment, person)
    browser = Browser(deployment.base_url)
    assert browser.sign_in(person.name, "wrong").status_code == 400
    hashed_anew(deployment, person)
    assert browser.sign_in(person.name, person.password, client.authorize_path()).status_code == 303
    assert browser.sign_in(f"{person.name}@example.test", person.password).status_code == 303
    page = browser.get(r.ACCOUNT_PAGE.path)
    assert browser.submit(page, r.LOGOUT.path).status_code == 303


def registering(deployment: Deployment) -> None:
    """A new account by mail, from an app's page; an address that is known; a new address."""
    client = new_client(deployment, new_person(deployment))
    browser, email = Browser(deployment.base_url), f"{new_secret()[:10].lower()}@example.test"
    fields = {"user_name": f"n{new_secret()[:10].replace('_', 'x')}", "email": email, "password": NEW_PASSWORD}
    for _ in range(2):
        page = browser.get(f"{r.REGISTER_PAGE.path}?next={quote(client.authorize_path(), safe='')}")
        assert browser.submit(page, r.REGISTER.path, **fields).status_code == 200
    confirmed = browser.submit(browser.get(link_to(deployment, email)), r.CONFIRM.path)
    assert confirmed.status_code == 303
    page = browser.get(r.REGISTER_PAGE.path)
    known = {**fields, "user_name": f"{fields['user_name']}2"}
    assert browser.submit(page, r.REGISTER.path, **known).status_code == 200
    other = f"other-{email}"
    changed = {"email": other, "current_password": NEW_PASSWORD}
    assert browser.submit(browser.get(r.ACCOUNT_PAGE.path), r.CHANGE_EMAIL.path, **changed).status_code == 303
    assert browser.submit(browser.get(link_to(deployment, other)), r.CONFIRM.path).status_code == 303
    # somebody who is signed in confirms the registration of another
    again = {**fields, "user_name": f"{fields['user_name']}3", "email": f"third-{email}"}
    assert browser.submit(browser.get(r.REGISTER_PAGE.path), r.REGISTER.path, **again).status_code == 200
    assert browser.submit(browser.get(link_to(deployment, f"third-{email}")), r.CONFIRM.path).status_code == 303


def forgotten_passwords(deployment: Deployment) -> None:
    """A new password by mail, for a user with sessions and failed sign-ins."""
    person, email = new_person(deployment), f"{new_secret()[:10].lower()}@example.test"
    deployment.store.change_email(person.user, email, confirmed=True)
    browser, client = entered(deployment, person), new_client(deployment, person)
    tokens = client.tokens(person)
    client.code(person)
    for account in (email, "nobody@example.test"):
        page = browser.get(r.FORGOTTEN_PAGE.path)
        assert browser.submit(page, r.FORGOTTEN.path, account=account).status_code == 200
    page = browser.get(link_to(deployment, email))
    assert browser.submit(page, r.RESET.path, new_password=NEW_PASSWORD).status_code == 303
    assert stops(deployment, tokens["access_token"])


def ones_apps(deployment: Deployment) -> None:
    """My apps: create, list, look at, change, rename, a second secret and the end of the first, delete."""
    browser = long_signed_in(deployment, new_person(deployment))
    assert browser.get(r.APPS_PAGE.path).status_code == 200
    fields: dict[str, Any] = {
        "name": "Toured",
        "url": "https://my.example.test/",
        "redirect_uris": "https://my.example.test/cb",
        "kind": "confidential",
        "grant_types": ["authorization_code"],
        "scope": ["read"],
    }
    made = posted(browser, r.CREATE_APP, **fields)
    found = re.search(r"/developer/apps/([0-9a-f-]{36})", made.text)
    assert (made.status_code, bool(found)) == (200, True)
    assert found
    client_id = found[1]
    assert "Toured" in browser.get(r.APPS_PAGE.path).text
    assert browser.get(r.APP_PAGE.at(client_id=client_id)).status_code == 200
    elsewhere = {"response_type": "code", "client_id": client_id, "redirect_uri": "https://my.example.test/other"}
    dead = browser.get(f"{r.AUTHORIZE.path}?{urlencode(elsewhere)}")
    assert (dead.status_code, r.EDIT_APP_PAGE.at(client_id=client_id) in dead.text) == (400, True)
    refused(deployment, client_id)
    edit = browser.get(r.EDIT_APP_PAGE.at(client_id=client_id))
    change = browser.submit(edit, r.UPDATE_APP.at(client_id=client_id), **{**fields, "name": "Renamed"})
    assert change.status_code == 303
    assert posted(browser, r.NEW_SECRET, client_id=client_id).status_code == 200
    page = browser.get(r.APP_PAGE.at(client_id=client_id)).text
    secret = re.search(r"/secrets/([0-9a-f-]{36})\"", page)
    assert secret
    at = {"client_id": client_id, "secret_id": secret[1]}
    assert browser.get(r.SECRET_PAGE.at(**at)).status_code == 200
    assert posted(browser, r.LABEL_SECRET, label="Old", **at).status_code == 303
    assert posted(browser, r.END_SECRET, client_id=client_id, secret_id=secret[1]).status_code == 303
    (app,) = deployment.store.read(AppKey(client_id))
    assert app is not None
    assert deployment.store.touch_app(app, secret_id="", now=int(time.time()))
    assert posted(browser, r.DELETE_APP, client_id=client_id, confirm_name="Renamed").status_code == 303


def connected_apps(deployment: Deployment) -> None:
    """Connected apps: one disconnected, then all."""
    person = new_person(deployment)
    clients = [new_client(deployment, person) for _ in range(2)]
    browser = long_signed_in(deployment, person)
    tokens = []
    for client in clients:
        tokens.append(client.tokens(person))
        assert client.app.name in browser.get(r.GRANTS_PAGE.path).text
    clients[1].code(person)  # a grant that waits for its redemption
    assert posted(browser, r.REVOKE_GRANT, client_id=clients[0].app.client_id).status_code == 303
    assert posted(browser, r.REVOKE_GRANTS).status_code == 303
    for each in tokens:
        assert stops(deployment, each["access_token"])
    refreshable = clients[0].tokens(person)["refresh_token"]
    asleep(deployment, person)
    assert posted(browser, r.REVOKE_GRANT, client_id=clients[0].app.client_id).status_code == 303
    assert clients[0].refresh(refreshable).json()["error"] == "invalid_grant"


def ones_account(deployment: Deployment) -> None:
    """The account: address, a wrong password, a new one with the end of grants, sessions, the end."""
    person = new_person(deployment)
    client = new_client(deployment, person)
    client.tokens(person)
    client.code(person, scope="write")
    browser, elsewhere = long_signed_in(deployment, person), entered(deployment, person)
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    address = {"email": f"new-{person.name}@example.test", "current_password": person.password}
    assert posted(browser, r.CHANGE_EMAIL, **address).status_code == 303
    change = {"new_password": NEW_PASSWORD, "end_grants": "on"}
    assert posted(browser, r.CHANGE_PASSWORD, current_password="wrong", **change).status_code == 400
    assert posted(browser, r.CHANGE_PASSWORD, current_password=person.password, **change).status_code == 303
    assert elsewhere.get(r.ACCOUNT_PAGE.path).status_code == 303
    elsewhere.sign_in(person.name, NEW_PASSWORD)
    ids = re.findall(r"/account/sessions/([A-Za-z0-9_-]{43})/end", browser.get(r.ACCOUNT_PAGE.path).text)
    assert posted(browser, r.END_SESSION, session_id=ids[0]).status_code == 303
    assert posted(browser, r.SIGN_OUT_EVERYWHERE).status_code == 303
    time.sleep(1.1)  # what was signed in in the same second is out, too
    browser.sign_in(person.name, NEW_PASSWORD)
    client.tokens(Person(user=person.user, password=NEW_PASSWORD))
    for each in (person, new_person(deployment)):
        deployment.store.set_user_rights(each.user.user_id, role="administrator")
    refused(deployment, client.app.client_id)
    going = {"confirm_name": person.name, "current_password": NEW_PASSWORD}
    with counted(deployment, person):
        assert posted(browser, r.DELETE_ACCOUNT, **going).status_code == 503
    browser.sign_in(person.name, NEW_PASSWORD)
    assert posted(browser, r.DELETE_ACCOUNT, **going).status_code == 303
    assert browser.get(r.ACCOUNT_PAGE.path).status_code == 303


def administration(deployment: Deployment) -> None:
    """Users and apps stopped and started, rights, scopes granted, an app handed over, access ended, the audit list."""
    boss, person = new_administrator(deployment), new_person(deployment)
    client, restricted = (
        new_client(deployment, person),
        ungranted_client(deployment, person, scope=Scope.of("consumer")),
    )
    client.code(person)
    admin = long_signed_in(deployment, boss)
    pages = (
        r.ADMIN_OVERVIEW_PAGE,
        r.ADMIN_USERS_PAGE,
        r.ADMIN_USER_PAGE,
        r.ADMIN_APPS_PAGE,
        r.ADMIN_APP_PAGE,
        r.ADMIN_AUDIT_PAGE,
    )
    for page in pages:
        path = page.at(user_id=person.user.user_id, client_id=client.app.client_id)
        assert admin.get(path).status_code == 200
    user, app = {"user_id": person.user.user_id}, {"client_id": client.app.client_id}
    access_of_others(deployment, admin, client, person)
    for query in ({"user": person.name}, {"app": client.app.client_id}):
        assert admin.get(r.ADMIN_AUDIT_PAGE.path, params=query).status_code == 200
    assert admin.get(r.ADMIN_AUDIT_PARTS_PAGE.path).status_code == 200
    assert posted(admin, r.ADMIN_AUDIT_FILE, format="csv").status_code == 200
    client.token(grant_type="password", username=person.name, password=person.password)
    (standing,) = deployment.store.read(UserKey(person.user.user_id))
    assert standing is not None
    deployment.store.change_email(standing, f"{person.name}@example.test", confirmed=True)
    rights = (
        {"action": "role", "role": "administrator"},
        {"action": "role", "role": "user"},
        {"action": "scope", "scope": "read"},
        {"action": "groups", "groups": "staff"},
    )
    for fields in ({"action": "remove_email"}, *rights, {"action": "deactivate"}, {"action": "reactivate"}):
        assert posted(admin, r.ADMIN_CHANGE_USER, **user, **fields).status_code == 303
    for fields in ({"action": "deactivate", "reason": "A tour."}, {"action": "activate", "version": "2"}):
        assert posted(admin, r.ADMIN_CHANGE_APP, **app, **fields).status_code == 303
    all_of_it = sorted(deployment.settings.reach(Scope.of("consumer")))
    for version, own in ((1, all_of_it), (2, [])):
        decided = {"client_id": restricted.app.client_id, "action": "scopes", "version": version, "own": own}
        assert posted(admin, r.ADMIN_CHANGE_APP, **decided).status_code == 303
    handed = {"client_id": restricted.app.client_id, "action": "hand_over", "version": 3, "owner": boss.name}
    assert posted(admin, r.ADMIN_CHANGE_APP, **handed).status_code == 303


def access_of_others(deployment: Deployment, admin: Browser, client: Client, person: Person) -> None:
    """People and apps found, sessions and access ended."""
    assert admin.get(f"{r.ADMIN_USERS_PAGE.path}?q={person.name}@example.test").status_code == 200
    assert admin.get(f"{r.ADMIN_APPS_PAGE.path}?q={client.app.client_id}").status_code == 200
    user, app = {"user_id": person.user.user_id}, {"client_id": client.app.client_id}
    session, *_ = deployment.store.sessions_of(person.user.user_id)
    assert posted(admin, r.ADMIN_END_SESSION, session_id=session.session_hash, **user).status_code == 303
    client.tokens(person)
    asleep(deployment, person)
    assert posted(admin, r.ADMIN_DISCONNECT, **user, **app).status_code == 303
    client.tokens(person)
    assert posted(admin, r.ADMIN_DISCONNECT_ALL, **user).status_code == 303
    assert posted(admin, r.ADMIN_END_SESSIONS, **user).status_code == 303
