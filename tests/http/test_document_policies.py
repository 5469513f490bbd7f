"""Decisions of administrators about apps of documents: policies and domains, approvals, deactivation (S351, S360)."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import requests

from gatepost.clients.lifecycle import activate_app
from gatepost.identifiers import app_id
from gatepost.routes import (
    ADMIN_APP_PAGE,
    ADMIN_APPS_PAGE,
    ADMIN_CHANGE_APP,
    APP_PAGE,
    EDIT_APP_PAGE,
    GRANTS_PAGE,
    METADATA,
    REVOKE_GRANT,
)
from gatepost.stores.record_keys import app_key
from infra.local.deployment import Deployment
from infra.local.lambda_runtime.process import FunctionConfig
from tests.answers import assert_error
from tests.browsing import Browser, answer_of, post
from tests.http.documents import PKCE, Publisher, consent, message_of, outdate, record_of
from tests.people import Client, entered, new_administrator, new_client, new_person

PENDING = f"{ADMIN_APPS_PAGE.path}?status=pending"
WAITS = "an administrator has to approve this app first"


def refused(browser: Browser, app: Client) -> str:
    return message_of(browser.get(app.authorize_path(**PKCE)))


def broken_fetch(config: FunctionConfig, folder: Path) -> FunctionConfig:
    """The function that fetches, which fails."""
    code = folder / "fetch"
    shutil.copytree(config.code, code, ignore=shutil.ignore_patterns("__pycache__"))
    (code / "handler.py").write_text("def handler(event, context):\n    raise RuntimeError\n")
    return replace(config, code=code)


def test_s351_s360_an_administrator_approves_an_app_of_a_document_as_it_was_looked_at(
    extended: Deployment, publisher: Publisher
) -> None:
    person = new_person(extended)
    browser, admin = entered(extended, person), entered(extended, new_administrator(extended))
    app = publisher.publish(extended)
    told = requests.get(extended.base_url + METADATA.path, timeout=30).json()
    assert told["client_id_metadata_document_supported"] is True

    for _ in range(2):
        assert WAITS in refused(browser, app)
    assert publisher.requested == ["/1/client.json"]
    assert app.app.client_id in admin.get(PENDING).text

    change = ADMIN_CHANGE_APP.at(client_id=app_id(app.app.client_id))
    seen = record_of(app)
    assert seen is not None
    publisher.write("/1/client.json", client_name="Another tool")
    outdate(app)
    assert WAITS in refused(browser, app)
    approve = {"action": "approve", "version": str(seen.version)}
    assert post(admin, PENDING, change, **approve).status_code == 412  # it was approved under another name
    assert post(admin, PENDING, change, **{**approve, "version": str(seen.version + 1)}).status_code == 303
    asked = browser.get(app.authorize_path(**PKCE))
    assert "<bdi>Another tool</bdi> wants to use your" in asked.text  # the approval vouches for it
    assert "not checked" not in asked.text
    silent = answer_of(browser.get(app.authorize_path(**PKCE, prompt="none")))
    assert silent["error"] == "consent_required"

    tokens = app.tokens(person)
    publisher.write("/1/client.json", client_name="Yet another tool")
    outdate(app)
    assert WAITS in refused(browser, app)
    assert_error(app.refresh(tokens["refresh_token"]), 401, "invalid_client")
    assert "Yet another tool" in admin.get(PENDING).text


def test_s232_other_domains_are_refused_and_so_is_all_that_can_not_be_fetched(
    extended: Deployment, publisher: Publisher, tmp_path: Path
) -> None:
    browser = entered(extended, new_person(extended))
    listed, publisher.base_url = publisher.base_url, publisher.base_url.replace("127.0.0.1", "localhost")
    other = publisher.publish(extended)
    assert "is on a host that this server does not accept documents from" in refused(browser, other)

    publisher.base_url = listed
    app, fetch = publisher.publish(extended), extended.functions["fetch"]
    config = fetch.config
    fetch.become(broken_fetch(config, tmp_path))
    assert "could not be fetched; try again later" in refused(browser, app)
    assert extended.store.read(app_key(app.app.client_id)) == (None,)
    fetch.become(config)
    assert WAITS in refused(browser, app)


def test_s351_an_owners_app_that_looks_different_has_to_be_approved_again(strict: Deployment) -> None:
    owner = new_person(strict)
    admin, browser = entered(strict, new_administrator(strict)), entered(strict, owner)
    app = new_client(strict, owner).app
    activate_app(strict.store, app, now=time.time())
    path = EDIT_APP_PAGE.at(client_id=app.client_id)
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
    assert "National Bank" in admin.get(PENDING).text


def test_a_user_disconnects_a_stranger_and_administrators_find_stop_and_delete_it(
    deployment: Deployment, publisher: Publisher, signed_in: Browser, admin: Browser, client: Client
) -> None:
    app = publisher.publish(deployment)
    url, key = app.app.client_id, app_id(app.app.client_id)
    page, change = ADMIN_APP_PAGE.at(client_id=key), ADMIN_CHANGE_APP.at(client_id=key)
    person = new_person(deployment)
    tokens, browser = app.tokens(person), entered(deployment, person)
    grants = browser.get(GRANTS_PAGE.path).text
    assert "Tool of a stranger" in grants
    assert f"<bdi>{publisher.base_url.removeprefix('http://')}</bdi>" in grants
    post(browser, GRANTS_PAGE.path, REVOKE_GRANT.at(client_id=key))
    assert "Tool of a stranger" not in browser.get(GRANTS_PAGE.path).text
    assert_error(app.refresh(tokens["refresh_token"]), 400, "invalid_grant")

    for query in (f"q={url}", "status=documents", f"q={key}"):
        assert f"uses its own metadata document <bdi>{url}</bdi>" in admin.get(f"{ADMIN_APPS_PAGE.path}?{query}").text
    assert "Transfer" not in admin.get(page).text
    assert post(admin, page, change, action="hand_over", version="1", owner=person.name).status_code == 400
    assert post(admin, page, change, action="deactivate", reason="It is not what it says.").status_code == 303
    assert_error(app.refresh(tokens["refresh_token"]), 401, "invalid_client")
    assert "the app is not active" in refused(browser, app)
    assert post(admin, page, change, action="activate", version=app.version).status_code == 303

    time.sleep(1.1)  # what is granted in the second of a decision is void
    again = app.tokens(person)
    assert post(admin, page, change, action="delete", version=app.version).status_code == 303
    assert record_of(app) is None
    time.sleep(1.1)
    assert_error(app.refresh(again["refresh_token"]), 401, "invalid_client")
    consent(browser, app)  # it comes as if for the first time
    assert_error(app.refresh(again["refresh_token"]), 400, "invalid_grant")
    assert client.introspect(again["access_token"]).json() == {"active": False}
    owned = ADMIN_CHANGE_APP.at(client_id=client.app.client_id)  # an app with an owner is deleted by its owner
    assert post(admin, page, owned, action="delete", version=client.version).status_code == 400
    assert record_of(client) is not None
