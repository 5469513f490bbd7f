"""No response depends on the host that a request names: the issuer comes from the settings (S98, S102)."""

from __future__ import annotations

import requests

from gatepost.routes import API_DOCUMENT, CONSENT, FORGOTTEN_PAGE, JWKS, LOGIN_PAGE, METADATA, REGISTER_PAGE
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of
from tests.people import Client, Person, entered, get

ELSEWHERE = "elsewhere.example.net"
NAMING = {
    "X-Forwarded-Host": ELSEWHERE,
    "X-Forwarded-Server": ELSEWHERE,
    "X-Original-Host": ELSEWHERE,
    "Forwarded": f"for=192.0.2.1;host={ELSEWHERE};proto=https",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": f"https://{ELSEWHERE}",
}


def said(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.headers} {answer.text}"


def test_s98_no_document_and_no_page_names_the_host_of_the_request(deployment: Deployment) -> None:
    for path in (METADATA.path, JWKS.path, API_DOCUMENT.path):
        plain, named = (
            requests.get(deployment.base_url + path, headers=headers, timeout=30) for headers in ({}, NAMING)
        )
        assert (named.status_code, named.text) == (200, plain.text)
        assert ELSEWHERE not in said(named)
    for path in (LOGIN_PAGE.path, REGISTER_PAGE.path, FORGOTTEN_PAGE.path, "/developer", "/nowhere"):
        answer = Browser(deployment.base_url).get(path, headers=NAMING)
        assert answer.status_code in (200, 303, 404)
        assert ELSEWHERE not in said(answer)


def test_s98_answers_to_an_app_and_tokens_are_of_the_configured_issuer(
    deployment: Deployment, client: Client, person: Person
) -> None:
    browser = entered(deployment, person)
    refused = browser.get(client.authorize_path(response_type="id_token"), headers=NAMING)
    consent = browser.get(client.authorize_path(), headers=NAMING)
    form = form_of(consent, CONSENT.path)
    headers = {**NAMING, "Origin": deployment.base_url}
    allowed = browser.post(form.action, {**form.fields, "decision": "allow"}, headers=headers)

    assert f"iss={deployment.base_url.replace(':', '%3A').replace('/', '%2F')}" in refused.headers["Location"]
    assert allowed.headers["Location"].startswith("https://client.example.test/cb?code=")
    for answer in (refused, consent, allowed):
        assert ELSEWHERE not in said(answer)
    url = f"{deployment.base_url}/authorization/token"
    ask = {"grant_type": "client_credentials"}
    token = requests.post(url, data=ask, auth=client.auth, headers=NAMING, timeout=30)
    assert get(deployment, "/demo/read", token.json()["access_token"]).status_code == 200


def test_s98_a_form_sent_from_the_named_host_is_another_origin(deployment: Deployment, person: Person) -> None:
    browser = Browser(deployment.base_url)
    form = form_of(browser.get(LOGIN_PAGE.path), LOGIN_PAGE.path)
    fields = {**form.fields, "user_name": person.name, "password": person.password}
    refused = browser.post(form.action, fields, headers={**NAMING, "Origin": f"https://{ELSEWHERE}"})
    accepted = browser.post(form.action, fields, headers={**NAMING, "Origin": deployment.base_url})

    assert (refused.status_code, accepted.status_code) == (400, 303)
