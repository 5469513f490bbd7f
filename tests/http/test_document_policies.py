"""Policies and domains for apps of documents, and a function for fetching that can't be reached (S232)."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import requests

from gatepost.clients.lifecycle import activate_app
from gatepost.identifiers import app_id
from gatepost.routes import ADMIN_APPS_PAGE, ADMIN_CHANGE_APP, APP_PAGE, EDIT_APP_PAGE, METADATA, OPENID_METADATA
from gatepost.stores.record_keys import app_key
from infra.local.aws.calls import AwsCall
from infra.local.deployment import Deployment
from infra.local.lambda_runtime.process import FunctionConfig
from infra.local.lambda_runtime.runtime import Function
from tests.answers import assert_page
from tests.browsing import Browser, answer_of, post
from tests.conftest import Deploy
from tests.http.documents import Publisher, outdate, publishing, record_of
from tests.people import Client, Person, entered, new_administrator, new_client, new_person, stops

PKCE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
APPROVAL = {"app_approval": True, "client_id_documents": "approval", "client_id_document_domains": ["127.0.0.1"]}


def refused(browser: Browser, app: Client) -> str:
    page = browser.get(app.authorize_path(**PKCE))
    assert_page(page)
    assert page.status_code == 400
    return page.text


def announced(deployment: Deployment) -> list[object]:
    paths = (METADATA.path, OPENID_METADATA.path)
    documents = [requests.get(deployment.base_url + path, timeout=30).json() for path in paths]
    return [each.get("client_id_metadata_document_supported") for each in documents]


def fetching(deployment: Deployment) -> tuple[Function, FunctionConfig]:
    function = deployment.functions["fetch"]
    return function, function.config


def broken_fetch(config: FunctionConfig, folder: Path) -> FunctionConfig:
    """The function that fetches, which fails."""
    code = folder / "fetch"
    shutil.copytree(config.code, code, ignore=shutil.ignore_patterns("__pycache__"))
    (code / "handler.py").write_text("def handler(event, context):\n    raise RuntimeError\n")
    return replace(config, code=code)


def test_s351_s360_a_deployment_decides_who_may_come_with_a_document_and_who_is_vouched_for(
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
        assert_it_waits_again_when_it_changed(deployment, publisher, app, person, admin)
        assert_an_owners_app_waits_again(deployment, person, admin)

        broken, (fetch, config) = publisher.publish(deployment), fetching(deployment)
        fetch.become(broken_fetch(config, tmp_path))
        assert "could not be fetched; try again later" in refused(browser, broken)
        assert deployment.store.read(app_key(broken.app.client_id)) == (None,)
        fetch.become(config)
        assert "an administrator has to approve this app first" in refused(browser, broken)
        changed = record_of(app)
        assert changed is not None
        activate_app(deployment.store, changed, now=time.time())

        time.sleep(1.1)  # what is granted in the second of a decision is void
        tokens, known = app.tokens(person), publisher.requested[:]
        deployment.redeploy({"client_id_documents": "closed"})
        assert announced(deployment) == [None, None]
        assert "this server takes no URL as client_id" in refused(browser, app)
        assert app.refresh(tokens["refresh_token"]).status_code == 200  # what was granted goes on
        assert publisher.requested == known


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
    seen = record_of(app)
    assert seen is not None
    publisher.write("/1/client.json", client_name="Another tool")
    outdate(app)
    assert "an administrator has to approve this app first" in refused(browser, app)
    approve = {"action": "approve", "version": str(seen.version)}
    assert post(admin, waiting, change, **approve).status_code == 412  # S351: it was approved under another name
    assert post(admin, waiting, change, **{**approve, "version": str(seen.version + 1)}).status_code == 303
    asked = browser.get(app.authorize_path(**PKCE))
    assert "<bdi>Another tool</bdi> wants to use your" in asked.text  # the approval vouches for it
    assert "not checked" not in asked.text
    assert answer_of(browser.get(app.authorize_path(**PKCE, prompt="none")))["error"] == "consent_required"
    return app


def assert_it_waits_again_when_it_changed(
    deployment: Deployment, publisher: Publisher, app: Client, person: Person, admin: Browser
) -> None:
    tokens = app.tokens(person)
    browser = entered(deployment, person)
    publisher.write("/1/client.json", client_name="Yet another tool")
    outdate(app)

    assert "an administrator has to approve this app first" in refused(browser, app)
    assert app.refresh(tokens["refresh_token"]).json()["error"] == "invalid_client"
    assert "Yet another tool" in admin.get(f"{ADMIN_APPS_PAGE.path}?status=pending").text
    assert stops(deployment, tokens["access_token"])
    assert record_of(app) is not None


def assert_an_owners_app_waits_again(deployment: Deployment, owner: Person, admin: Browser) -> None:
    app = new_client(deployment, owner).app
    activate_app(deployment.store, app, now=time.time())
    browser, path = entered(deployment, owner), EDIT_APP_PAGE.at(client_id=app.client_id)
    fields = {
        "version": str(app.version + 1),
        "name": "National Bank",
        "url": app.url,
        "redirect_uris": app.redirect_uris[0],
        "grant_types": list(app.grant_types),
        "scope": sorted(app.scope),
    }
    asked = post(browser, path, path, **fields)
    assert (asked.status_code, "The app has to be approved again" in asked.text) == (200, True)

    assert post(browser, path, path, **fields, confirmed="yes").status_code == 303

    assert "Waiting for approval" in browser.get(APP_PAGE.at(client_id=app.client_id)).text
    assert "National Bank" in admin.get(f"{ADMIN_APPS_PAGE.path}?status=pending").text


def assert_only_domains_come(deployment: Deployment, publisher: Publisher, browser: Browser) -> None:
    publisher.base_url, before = publisher.base_url.replace("127.0.0.1", "localhost"), publisher.base_url
    other = publisher.publish(deployment)
    publisher.base_url = before

    assert "is on a host that this server does not accept documents from" in refused(browser, other)
