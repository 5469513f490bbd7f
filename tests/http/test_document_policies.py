"""Policies and domains for apps of documents, and a function for fetching that can't be reached (S232)."""

from __future__ import annotations

import shutil
from pathlib import Path

import requests

from gatepost.identifiers import app_id
from gatepost.routes import ADMIN_APPS_PAGE, ADMIN_CHANGE_APP, METADATA, OPENID_METADATA
from gatepost.stores.record_keys import app_key
from infra.configuration.context import ROOT
from infra.local.aws.calls import AwsCall
from infra.local.deployment import Deployment
from tests.answers import assert_page
from tests.browsing import Browser, answer_of, post
from tests.conftest import Deploy
from tests.http.documents import Publisher, publishing
from tests.people import Client, entered, new_administrator, new_person

PKCE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
APPROVAL = {"client_id_documents": "approval", "client_id_document_domains": ["127.0.0.1"]}


def refused(browser: Browser, app: Client) -> str:
    page = browser.get(app.authorize_path(**PKCE))
    assert_page(page)
    assert page.status_code == 400
    return page.text


def announced(deployment: Deployment) -> list[object]:
    paths = (METADATA.path, OPENID_METADATA.path)
    documents = [requests.get(deployment.base_url + path, timeout=30).json() for path in paths]
    return [each.get("client_id_metadata_document_supported") for each in documents]


def broken_fetch(folder: Path) -> Path:
    """Return functions of which the one that fetches fails."""
    functions = folder / "functions"
    shutil.copytree(ROOT / "functions", functions, ignore=shutil.ignore_patterns("__pycache__"))
    (functions / "fetch" / "handler.py").write_text("def handler(event, context):\n    raise RuntimeError\n")
    return functions


def test_s360_a_deployment_decides_who_may_come_with_a_document_and_who_is_vouched_for(
    deploy: Deploy, tmp_path: Path
) -> None:
    calls: list[AwsCall] = []
    deployment = deploy(overrides=APPROVAL, on_call=calls.append)
    person, boss = new_person(deployment), new_administrator(deployment)
    browser, admin = entered(deployment, person), entered(deployment, boss)
    with publishing() as publisher:
        app = assert_it_waits_for_approval(deployment, publisher, browser, admin)
        calls.clear()
        assert browser.get(app.authorize_path(**PKCE)).status_code == 200
        actions = {call.action for call in calls if call.function == "authorize"}
        assert actions == {"dynamodb:BatchGetItem", "dynamodb:PutItem"}  # as for every other app
        assert_only_domains_come(deployment, publisher, browser)

        broken = publisher.publish(deployment)
        deployment.redeploy({"client_id_documents": "open"}, functions_folder=broken_fetch(tmp_path))
        known = publisher.requested[:]
        assert "could not be fetched; try again later" in refused(browser, broken)
        assert deployment.store.read(app_key(broken.app.client_id)) == (None,)
        deployment.redeploy({"client_id_documents": "open"})
        assert browser.get(broken.authorize_path(**PKCE)).status_code == 200

        tokens = broken.tokens(person)
        deployment.redeploy({"client_id_documents": "closed"})
        assert announced(deployment) == [None, None]
        assert "this server takes no URL as client_id" in refused(browser, broken)
        assert broken.refresh(tokens["refresh_token"]).status_code == 200  # what was granted goes on
        assert publisher.requested[len(known) :] == ["/3/client.json"]


def assert_it_waits_for_approval(
    deployment: Deployment, publisher: Publisher, browser: Browser, admin: Browser
) -> Client:
    app = publisher.publish(deployment)
    assert announced(deployment) == [True, True]

    for _ in range(2):
        assert "an administrator has to approve this app first" in refused(browser, app)
    assert publisher.requested == ["/1/client.json"]
    waiting = f"{ADMIN_APPS_PAGE.path}?status=pending"
    assert app.app.client_id in admin.get(waiting).text

    change = ADMIN_CHANGE_APP.at(client_id=app_id(app.app.client_id))
    assert post(admin, waiting, change, action="approve").status_code == 303
    asked = browser.get(app.authorize_path(**PKCE))
    assert "<bdi>Tool of a stranger</bdi> wants to use your" in asked.text  # the approval vouches for it
    assert "not checked" not in asked.text
    assert answer_of(browser.get(app.authorize_path(**PKCE, prompt="none")))["error"] == "consent_required"
    return app


def assert_only_domains_come(deployment: Deployment, publisher: Publisher, browser: Browser) -> None:
    publisher.base_url, before = publisher.base_url.replace("127.0.0.1", "localhost"), publisher.base_url
    other = publisher.publish(deployment)
    publisher.base_url = before

    assert "is on a host that this server does not accept documents from" in refused(browser, other)
