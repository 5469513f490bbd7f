"""A tour of everything that the functions do, story by story; each fails if a function lacks a permission."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import requests

from gatepost import routes as r
from gatepost.authentication.passwords import hash_password
from gatepost.identifiers import digest, new_secret
from gatepost.routes import Route
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, LoginKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.http.consumer import CHANGE, Consumer
from tests.people import CALLBACK, Client, Person, get, new_client, new_person, opens, stops, ungranted_client

Story = Callable[[Deployment], None]
SETTINGS: dict[str, Any] = {"mail_sender": "gatepost@mail.example.com"}
NEW_PASSWORD = "another password 1"


def codes_and_approvals(deployment: Deployment) -> None:
    """Sign in on the way to an app, allow, exchange; then a remembered approval, and one that it implies."""
    person = new_person(deployment)
    client = new_client(deployment, person, scope=Scope.of("read", "consumer", "consumer.apps"))
    tokens = client.tokens(person, scope="consumer")
    browser = signed_in(deployment, person)
    assert "code" in answer_of(browser.get(client.authorize_path(scope="consumer")))
    assert "code" in answer_of(browser.get(client.authorize_path(scope="consumer.apps")))
    denied = answer_of(browser.decide(browser.get(client.authorize_path(scope="read")), "deny"))
    assert denied["error"] == "access_denied"
    other = new_client(deployment, person)  # whose first use this is
    implicit = answer_of(browser.decide(browser.get(other.authorize_path(response_type="token")), "allow"))
    for token in (tokens["access_token"], implicit["access_token"]):
        assert opens(deployment, token)
    assert opens(deployment, implicit["access_token"], r.DEMO_READ.path)


def every_grant(deployment: Deployment) -> None:
    """The token endpoint: each grant, an app of an older release, passwords, reuse of a code and a refresh token."""
    person = new_person(deployment)
    client = new_client(deployment, person)
    verifier = new_secret()
    code = client.code(person, code_challenge=digest(verifier), code_challenge_method="S256")
    redeem = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": verifier,
    }
    first = client.token(**redeem)
    assert first.status_code == 200
    assert client.refresh(first.json()["refresh_token"]).status_code == 200
    plain = {"grant_type": "authorization_code", "code": client.code(person), "redirect_uri": CALLBACK}
    assert client.token(**plain).status_code == 200
    for once_more in (redeem, plain):  # the second ends the grant
        assert client.token(**once_more).json()["error"] == "invalid_grant"
    made_before(deployment, client)
    assert client.token(grant_type="client_credentials").status_code == 200
    hashed_anew(deployment, person)
    by_password = {"grant_type": "password", "username": person.name}
    assert client.token(**by_password, password="wrong").json()["error"] == "invalid_grant"
    assert client.token(**by_password, password=person.password).status_code == 200


def tokens_taken_back(deployment: Deployment) -> None:
    """Introspection and revocation, of access and refresh tokens."""
    person = new_person(deployment)
    client = new_client(deployment, person)
    alone = client.token(grant_type="client_credentials").json()["access_token"]
    tokens = client.tokens(person)
    for token in (alone, tokens["access_token"], tokens["refresh_token"]):
        assert client.introspect(token).json()["active"] is True
    assert client.introspect("nonsense").json() == {"active": False}
    refused(deployment, client.app.client_id, r.INTROSPECT, r.REVOKE)
    for token in (alone, tokens["refresh_token"], "nonsense"):
        assert client.revoke(token).status_code == 200
    assert client.introspect(tokens["refresh_token"]).json() == {"active": False}
    assert stops(deployment, alone)


def public_documents(deployment: Deployment) -> None:
    """Metadata, JWK Set, the description of the consumer API."""
    for path in ("/.well-known/oauth-authorization-server", r.JWKS.path, "/consumer/openapi.json"):
        assert get(deployment, path, None).status_code == 200


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
    browser, client = signed_in(deployment, person), new_client(deployment, person)
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
    browser = signed_in(deployment, new_person(deployment))
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
    secret = re.search(r"/secrets/([0-9a-f-]{36})/end", page)
    assert secret
    assert posted(browser, r.END_SECRET, client_id=client_id, secret_id=secret[1]).status_code == 303
    (app,) = deployment.store.read(AppKey(client_id))
    assert app is not None
    assert deployment.store.touch_app(app, secret_id="", now=int(time.time()))
    assert posted(browser, r.DELETE_APP, client_id=client_id, confirm_name="Renamed").status_code == 303


def connected_apps(deployment: Deployment) -> None:
    """Connected apps: one disconnected, then all."""
    person = new_person(deployment)
    clients = [new_client(deployment, person) for _ in range(2)]
    browser = signed_in(deployment, person)
    tokens = []
    for client in clients:
        tokens.append(client.tokens(person))
        assert client.app.name in browser.get(r.GRANTS_PAGE.path).text
    clients[1].code(person)  # a grant that waits for its redemption
    assert posted(browser, r.REVOKE_GRANT, client_id=clients[0].app.client_id).status_code == 303
    assert posted(browser, r.REVOKE_GRANTS).status_code == 303
    for each in tokens:
        assert stops(deployment, each["access_token"])


def ones_account(deployment: Deployment) -> None:
    """The account: address, a wrong password, a new one with the end of grants, sessions, the end."""
    person = new_person(deployment)
    client = new_client(deployment, person)
    client.tokens(person)
    client.code(person, scope="write")
    browser, elsewhere = signed_in(deployment, person), signed_in(deployment, person)
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
    """Users and apps stopped and started, rights, scopes granted, an app handed over, the audit list."""
    boss, person = new_person(deployment), new_person(deployment)
    deployment.store.set_user_rights(boss.user.user_id, role="administrator", scope=None)
    client, restricted = (
        new_client(deployment, person),
        ungranted_client(deployment, person, scope=Scope.of("consumer")),
    )
    client.code(person)
    admin = signed_in(deployment, boss)
    pages = (r.ADMIN_USERS_PAGE, r.ADMIN_USER_PAGE, r.ADMIN_APPS_PAGE, r.ADMIN_APP_PAGE, r.ADMIN_AUDIT_PAGE)
    for page in pages:
        path = page.at(user_id=person.user.user_id, client_id=client.app.client_id)
        assert admin.get(path).status_code == 200
    user, app = {"user_id": person.user.user_id}, {"client_id": client.app.client_id}
    client.token(grant_type="password", username=person.name, password=person.password)
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    rights = (
        {"action": "role", "role": "administrator"},
        {"action": "role", "role": "user"},
        {"action": "scope", "scope": "read"},
    )
    for fields in ({"action": "remove_email"}, *rights, {"action": "deactivate"}, {"action": "reactivate"}):
        assert posted(admin, r.ADMIN_CHANGE_USER, **user, **fields).status_code == 303
    for fields in ({"action": "deactivate", "reason": "A tour."}, {"action": "activate"}):
        assert posted(admin, r.ADMIN_CHANGE_APP, **app, **fields).status_code == 303
    all_of_it = sorted(deployment.settings.reach(Scope.of("consumer")))
    for version, own in ((1, all_of_it), (2, [])):
        decided = {"client_id": restricted.app.client_id, "action": "scopes", "version": version, "own": own}
        assert posted(admin, r.ADMIN_CHANGE_APP, **decided).status_code == 303
    handed = {"client_id": restricted.app.client_id, "action": "hand_over", "version": 3, "owner": boss.name}
    assert posted(admin, r.ADMIN_CHANGE_APP, **handed).status_code == 303


def the_consumer_api(deployment: Deployment) -> None:
    """Everything under /consumer."""
    person = new_person(deployment)
    consumer = Consumer(deployment, person)
    made = consumer.created()
    path, etag = made.headers["Location"], made.headers["ETag"]
    change = {**CHANGE, "name": "Storm"}
    assert consumer.call("GET", "/consumer/app").json()["items"]
    assert consumer.call("PUT", path, json=change, headers={"If-Match": etag}).status_code == 200
    assert consumer.call("POST", f"{path}/secret").status_code == 201
    assert consumer.call("DELETE", f"{path}/secret/{made.json()['secrets'][0]['secret_id']}").status_code == 204
    refused(deployment, path.rpartition("/")[2])
    assert consumer.call("DELETE", path).status_code == 204
    client = new_client(deployment, person)
    client.tokens(person)
    client.code(person, scope="write")
    assert consumer.call("GET", "/consumer/grant").json()["items"]
    assert consumer.call("DELETE", f"/consumer/grant/{client.app.client_id}").status_code == 204
    assert consumer.call("GET", "/consumer/scope").status_code == 200
    assert consumer.call("GET", "/consumer/account").status_code == 200


def rotations(deployment: Deployment) -> None:
    """Both secrets rotated by schedule, and the new signing key used and known."""
    for secret in ("signing", "refresh"):
        deployment.rotate(secret)
    assert len(get(deployment, r.JWKS.path, None).json()["keys"]) >= 2


TOUR: tuple[Story, ...] = (
    codes_and_approvals,
    every_grant,
    tokens_taken_back,
    public_documents,
    signing_in_and_out,
    registering,
    forgotten_passwords,
    ones_apps,
    connected_apps,
    ones_account,
    administration,
    the_consumer_api,
    rotations,
)


def made_before(deployment: Deployment, client: Client) -> None:
    """Make the app one of a version that granted no scopes to apps."""
    deployment.client("dynamodb").update_item(
        TableName=deployment.tables["apps"],
        Key={"client_id": {"S": client.app.client_id}},
        UpdateExpression="REMOVE own_scope, own_scope_by_update, owner_scope, owner_stopped",
    )


def refused(deployment: Deployment, client_id: str, *routes: Route) -> None:
    """A wrong secret for an app, which its owner is told of."""
    for route in routes or (r.TOKEN,):
        form = {"grant_type": "client_credentials", "token": "nonsense"}
        answer = requests.post(deployment.base_url + route.path, data=form, auth=(client_id, "wrong"), timeout=30)
        assert answer.json()["error"] == "invalid_client"
    assert deployment.store.problems_of(client_id)


def hashed_anew(deployment: Deployment, person: Person) -> None:
    """Simulate another `bcrypt_cost` at the time when the password was chosen."""
    (login,) = deployment.store.read(LoginKey(person.name.casefold()))
    assert login is not None
    password_hash = hash_password(person.password, cost=deployment.settings.bcrypt_cost + 1)
    deployment.store.replace_hash(person.name.casefold(), login, password_hash)


@contextlib.contextmanager
def counted(deployment: Deployment, person: Person) -> Iterator[None]:
    """Make the count of a user's apps too high, so that the account can't be deleted."""
    database, table = deployment.client("dynamodb"), deployment.tables["apps"]
    key = {"client_id": {"S": f"count#{person.user.user_id}"}}
    database.put_item(TableName=table, Item={**key, "apps": {"N": "9"}})
    yield
    database.delete_item(TableName=table, Key=key)


def signed_in(deployment: Deployment, person: Person) -> Browser:
    browser = Browser(deployment.base_url)
    assert browser.sign_in(person.name, person.password).status_code == 303
    return browser


def posted(browser: Browser, route: Route, **fields: Any) -> requests.Response:
    """Post a form of the console; `fields` also fill in the path."""
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get(r.ACCOUNT_PAGE.path).text)
    assert token
    return browser.post(
        route.at(**{name: str(value) for name, value in fields.items()}),
        {"form_token": token[1], **fields},
        headers={"Origin": browser.base_url},
    )


def link_to(deployment: Deployment, email: str) -> str:
    """The path of the link in the last mail to an address."""
    mail = [mail for mail in deployment.mails if mail.to == email][-1]
    found = re.search(r"(/developer/\w+\?token=[A-Za-z0-9_-]{43})", mail.text)
    assert found, mail.text
    return found[1]
