"""After every flow: no secret that was used stands in a log line or in a table. Checklist S104, S105."""

import time
from urllib.parse import parse_qs, urlsplit

from gatepost.model import digest, new_secret
from gatepost.routes import CONSENT
from gatepost.stores.tables import TABLES
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of, form_of
from tests.people import CALLBACK, Client, Person, get


def test_no_secret_stands_in_the_logs_or_the_tables(deployment: Deployment, client: Client, person: Person) -> None:
    used: dict[str, str] = {"client secret": client.secret, "password": person.password}
    browser = Browser(deployment.base_url)
    verifier = new_secret()
    path = client.authorize_path(code_challenge=digest(verifier), code_challenge_method="S256", state=new_secret())
    consent = browser.get(browser.sign_in(person.name, person.password, path).headers["Location"])
    fields = form_of(consent, CONSENT.path).fields
    answer = browser.decide(consent, "allow")
    code = answer_of(answer)["code"]
    redeem = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    tokens = client.token(**redeem, code=code, code_verifier=verifier).json()
    refreshed = client.refresh(tokens["refresh_token"]).json()
    implicit = answer_of(
        browser.decide(browser.get(client.authorize_path(response_type="token", scope="write")), "allow")
    )
    client.token(grant_type="password", username=person.name, password=person.password)
    client.token(**redeem, code=code, code_verifier="w" * 43)
    client.token(auth=(client.app.client_id, "wrong-secret-" + client.secret), grant_type="client_credentials")
    get(deployment, "/demo/read", refreshed["access_token"])
    client.introspect(refreshed["refresh_token"])
    client.revoke(refreshed["access_token"])
    used |= {
        "code": code,
        "verifier": verifier,
        "state": parse_qs(urlsplit(path).query)["state"][0],
        "session cookie": next(iter(browser.cookies.values())),
        "request id": fields["request_id"],
        "form token": fields["form_token"],
        "access token": tokens["access_token"],
        "its signature": tokens["access_token"].rpartition(".")[2],
        "refresh token": tokens["refresh_token"],
        "its mac": tokens["refresh_token"].rpartition(".")[2],
        "next refresh token": refreshed["refresh_token"],
        "implicit token": implicit["access_token"],
    }
    assert min(map(len, used.values())) > 20
    time.sleep(0.5)  # the last lines of the functions

    logs = "\n".join(deployment.logs)
    database = deployment.client("dynamodb")
    tables = "\n".join(
        str(page["Items"])
        for table in TABLES
        for page in database.get_paginator("scan").paginate(TableName=deployment.tables[table.name])
    )

    assert client.app.client_id in logs
    assert client.app.client_id in tables
    assert [name for name, secret in used.items() if secret in logs] == []
    # what a request said is kept until it is answered, so `state` may wait in a table; nothing else may
    assert [name for name, secret in used.items() if secret in tables and name != "state"] == []


def test_no_user_name_stands_in_the_logs(deployment: Deployment, client: Client, person: Person) -> None:
    browser = Browser(deployment.base_url)
    for password in ("a wrong password", person.password):
        browser.sign_in(person.name, password)
        client.token(grant_type="password", username=person.name, password=password)
    time.sleep(0.5)  # the last lines of the functions

    logs = "\n".join(deployment.logs)

    assert logs.count('"reason":"wrong password"') >= 2
    assert person.name not in logs
