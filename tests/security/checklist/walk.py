"""A walk through everything, with each request failing before it succeeds; returns the secrets that it used."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from gatepost.identifiers import digest, new_secret
from gatepost.routes import (
    ACCOUNT_PAGE,
    ADMIN_USERS_PAGE,
    API_APPS,
    APPS_PAGE,
    CHANGE_PASSWORD,
    CONFIRM,
    CONSENT,
    CREATE_APP,
    DEMO_READ,
    FORGOTTEN,
    FORGOTTEN_PAGE,
    GRANTS_PAGE,
    JWKS,
    LOGIN_PAGE,
    LOGOUT,
    METADATA,
    NEW_APP_PAGE,
    NEW_SECRET,
    OPENID_LOGOUT,
    REGISTER,
    REGISTER_PAGE,
    RESET,
    USERINFO,
    WHOAMI,
)
from infra.local.deployment import Deployment
from infra.local.lambda_runtime.process import InvocationFailed
from tests.browsing import Browser, answer_of, form_of
from tests.people import CALLBACK, Client, Person
from tests.security.checklist.mailed import link_to


def broken(method: str, url: str, headers: dict[str, str], **options: Any) -> None:
    """The same request into a handler, and into tables, that break; after a GET also into one that did its work."""
    for asked in ("before", "store", *(["after"] if method == "GET" else [])):
        answer = requests.request(
            method, url, headers={**headers, "X-Break": asked}, allow_redirects=False, timeout=30, **options
        )
        assert answer.status_code >= {"before": 500, "store": 200, "after": 400}[asked], f"{asked} {method} {url}"


class BreakingBrowser(Browser):
    """Every request breaks before it is made."""

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {name: value for name, value in options.items() if name != "headers"}
        headers = {**options.get("headers", {}), **({"Cookie": cookies} if cookies else {})}
        broken(method, self.base_url + path, headers, **given)
        return super()._send(method, path, **options)


class BreakingClient(Client):
    """Every request breaks before it is made."""

    def _post(self, path: str, auth: Any, parameters: dict[str, str]) -> requests.Response:
        given = self.auth if auth == "own" else auth
        broken("POST", self.deployment.base_url + path, {}, data=parameters, auth=given)
        return super()._post(path, auth, parameters)


def called(deployment: Deployment, method: str, path: str, token: str, **options: Any) -> requests.Response:
    """A protected route with a token, after it broke, and after the check of tokens did."""
    headers = {"Authorization": f"Bearer {token}"}
    broken(method, deployment.base_url + path, headers, **options)
    refused = {"Authorization": f"Bearer broken{token}"}
    itself = path == USERINFO.path  # the check is in the function
    answer = requests.request(method, deployment.base_url + path, headers=refused, timeout=30)
    assert answer.status_code == (500 if itself else 403)
    return requests.request(method, deployment.base_url + path, headers=headers, timeout=30, **options)


def as_an_app(client: Client, person: Person) -> dict[str, str]:
    """The protocol: every grant, with what is right and with what is wrong."""
    browser, verifier, state = BreakingBrowser(client.deployment.base_url), new_secret(), new_secret()
    path = client.authorize_path(
        code_challenge=digest(verifier), code_challenge_method="S256", state=state, scope="consumer openid"
    )
    browser.get(LOGIN_PAGE.path)
    visitor = browser.cookies["__Host-gatepost-visitor"]
    consent = browser.get(browser.sign_in(person.name, person.password, path).headers["Location"])
    fields = form_of(consent, CONSENT.path).fields
    code = answer_of(browser.decide(consent, "allow"))["code"]
    redeem = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": code}
    tokens = client.token(**redeem, code_verifier=verifier).json()
    wrong_verifier, wrong_secret, wrong_password = new_secret(), new_secret(), new_secret()
    client.token(**redeem, code_verifier=wrong_verifier)
    client.token(auth=(client.app.client_id, wrong_secret), grant_type="client_credentials")
    client.token(grant_type="password", username=person.name, password=wrong_password)
    by_password = client.token(grant_type="password", username=person.name, password=person.password).json()
    own = client.token(grant_type="client_credentials").json()
    implicit = answer_of(browser.decide(browser.get(client.authorize_path(response_type="token")), "allow"))
    refreshed = client.refresh(tokens["refresh_token"]).json()
    client.introspect(refreshed["refresh_token"])
    client.introspect(refreshed["access_token"])
    client.revoke(own["access_token"])
    client.revoke(by_password["refresh_token"])
    session = browser.cookies["__Host-gatepost-session"]
    assert browser.get(f"{OPENID_LOGOUT.path}?id_token_hint={tokens['id_token']}&state={state}").status_code == 200
    return {
        "session cookie": session,
        "device cookie": browser.cookies["__Host-gatepost-device"],
        "visitor cookie": visitor,
        "state": state,
        "request id": fields["request_id"],
        "form token": fields["form_token"],
        "code": code,
        "verifier": verifier,
        "wrong verifier": wrong_verifier,
        "wrong secret": wrong_secret,
        "wrong password": wrong_password,
        "implicit token": implicit["access_token"],
        "token of the app itself": own["access_token"],
        "access token": tokens["access_token"],
        "ID token": tokens["id_token"],
        "refresh token": tokens["refresh_token"],
        "next access token": refreshed["access_token"],
        "next refresh token": refreshed["refresh_token"],
        "access token by password": by_password["access_token"],
        "refresh token by password": by_password["refresh_token"],
    }


def with_a_token(deployment: Deployment, token: str) -> dict[str, str]:
    """The protected routes."""
    app = {
        "name": "Made by the API",
        "url": "https://made.example.test/",
        "redirect_uris": ["https://made.example.test/cb"],
        "grant_types": ["authorization_code"],
        "confidential": True,
        "scope": ["read"],
    }
    made = called(deployment, "POST", API_APPS.path, token, json=app).json()
    second = called(deployment, "POST", f"{API_APPS.path}/{made['client_id']}/secret", token).json()
    for path in (WHOAMI.path, USERINFO.path, API_APPS.path, DEMO_READ.path):
        called(deployment, "GET", path, token)
    return {"secret by the API": made["client_secret"], "second secret by the API": second["client_secret"]}


def in_the_console(deployment: Deployment) -> dict[str, str]:
    """The pages: register, make an app, change and forget the password, sign out."""
    browser, password, changed, reset = BreakingBrowser(deployment.base_url), new_secret(), new_secret(), new_secret()
    mail = "leaky@example.test"
    typed = {"user_name": "leaky", "email": mail, "password": password}
    browser.submit(browser.get(REGISTER_PAGE.path), REGISTER.path, **typed)
    confirm = link_to(deployment, mail)
    browser.submit(browser.get(confirm), CONFIRM.path)
    browser.sign_in("leaky", password)
    form_token = form_of(browser.get(ACCOUNT_PAGE.path), LOGOUT.path).fields["form_token"]
    fields = {
        "form_token": form_token,
        "name": "Made by hand",
        "url": "https://hand.example.test/",
        "redirect_uris": "https://hand.example.test/cb",
        "kind": "confidential",
        "grant_types": ["authorization_code"],
        "scope": ["read"],
    }
    browser.get(NEW_APP_PAGE.path)
    shown = browser.post(CREATE_APP.path, fields)
    path = re.search(r"/developer/apps/([0-9a-f-]{36})", shown.text)
    assert path
    again = browser.post(NEW_SECRET.at(client_id=path[1]), {"form_token": form_token})
    for each in (APPS_PAGE, GRANTS_PAGE, ADMIN_USERS_PAGE, METADATA, JWKS):
        browser.get(each.path)
    change = {"form_token": form_token, "current_password": password, "new_password": changed}
    browser.post(CHANGE_PASSWORD.path, change)
    session = browser.cookies["__Host-gatepost-session"]
    browser.submit(browser.get(ACCOUNT_PAGE.path), LOGOUT.path)
    browser.submit(browser.get(FORGOTTEN_PAGE.path), FORGOTTEN.path, account=mail)
    link = link_to(deployment, mail)
    browser.submit(browser.get(link), RESET.path, new_password=reset)
    assert browser.get(APPS_PAGE.path).status_code == 200
    return {
        "password": password,
        "changed password": changed,
        "password after a link": reset,
        "link to confirm": confirm.partition("=")[2],
        "link to reset": link.partition("=")[2],
        "first session": session,
        "form token of the console": form_token,
        "secret by hand": secret_on(shown, path[1]),
        "second secret by hand": secret_on(again, path[1]),
    }


def secret_on(page: requests.Response, client_id: str) -> str:
    assert client_id in page.text
    shown = re.search(r"[A-Za-z0-9_-]{43}(?=<)", page.text)
    assert shown, page.text[-3000:]
    return shown[0]


def keys_of(deployment: Deployment) -> dict[str, str]:
    """The private parts of the server's own keys, after a rotation that failed."""
    keys: dict[str, str] = {}
    for name in ("signing", "refresh"):
        arn = deployment.secret_arn(name)
        event = {"SecretId": arn, "ClientRequestToken": f"broken-{new_secret()}", "Step": "createSecret"}
        with pytest.raises(InvocationFailed):
            deployment.invoke("rotate_keys", event)
        text = deployment.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        private = re.findall(r"[A-Za-z0-9+/_-]{43,}", text)
        keys |= {f"{name} key, part {number}": part for number, part in enumerate(private)}
    return keys
