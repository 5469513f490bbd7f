"""Hosts that headers and events claim (S98)."""

import json

import requests

from gatepost.routes import METADATA, TOKEN
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, get, opens
from tests.security.checklist.test_events import event

FORGED = {
    "X-Forwarded-Host": "evil.example.test",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Port": "8443",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example.test;proto=https",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-Host": "evil.example.test",
}


def test_s98_no_header_changes_the_issuer_a_link_or_a_redirect(
    deployment: Deployment, signed_in: Browser, browser: Browser, client: Client
) -> None:
    metadata = requests.get(deployment.base_url + METADATA.path, headers=FORGED, timeout=30)
    assert metadata.json() == get(deployment, METADATA.path, None).json()
    token = requests.post(
        deployment.base_url + TOKEN.path,
        data={"grant_type": "client_credentials"},
        auth=client.auth,
        headers=FORGED,
        timeout=30,
    )
    assert opens(deployment, token.json()["access_token"])
    to_login = browser.get(client.authorize_path(), headers=FORGED)
    assert to_login.headers["Location"].startswith("/developer/login?next=")
    page = signed_in.get(client.authorize_path(), headers=FORGED)
    assert "evil.example.test" not in page.text
    refused = signed_in.get(client.authorize_path(scope="admin"), headers=FORGED)
    assert answer_of(refused)["iss"] == deployment.base_url
    assert refused.headers["Location"].startswith(f"{CALLBACK}?")


def test_s98_nor_does_the_host_of_the_event(deployment: Deployment, signed_in: Browser, client: Client) -> None:
    host, context = "evil.example.test", {"domainName": "evil.example.test", "domainPrefix": "evil"}
    path, _, query = client.authorize_path(scope="admin").partition("?")
    cookies = [f"{name}={value}" for name, value in signed_in.cookies.items()]
    metadata = event("GET", METADATA.path, headers={"host": host}, context=context)
    request = event("GET", path, query=query, headers={"host": host}, context=context, cookies=cookies)

    assert json.loads(deployment.invoke("metadata", metadata)["body"]) == get(deployment, METADATA.path, None).json()
    answer = deployment.invoke("authorize", request)
    assert answer["headers"]["Location"].startswith(f"{CALLBACK}?error=invalid_scope")
    assert host not in str(answer)
