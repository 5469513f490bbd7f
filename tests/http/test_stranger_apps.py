"""Apps of documents among a user's connected apps, and before administrators."""

from __future__ import annotations

import time

from gatepost.identifiers import app_id
from gatepost.routes import ADMIN_APP_PAGE, ADMIN_APPS_PAGE, ADMIN_CHANGE_APP, GRANTS_PAGE, REVOKE_GRANT
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.browsing import Browser, post
from tests.http.documents import PKCE, Publisher, consent, message_of, record_of
from tests.people import Client, Person, entered, stops


def test_a_stranger_is_among_the_connected_apps_and_can_be_revoked(
    deployment: Deployment, publisher: Publisher, person: Person, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    tokens = app.tokens(person)
    page = signed_in.get(GRANTS_PAGE.path).text
    assert "Tool of a stranger" in page
    assert f"<bdi>{publisher.base_url.removeprefix('http://')}</bdi>" in page

    post(signed_in, GRANTS_PAGE.path, REVOKE_GRANT.at(client_id=app_id(app.app.client_id)))

    assert "Tool of a stranger" not in signed_in.get(GRANTS_PAGE.path).text
    assert_error(app.refresh(tokens["refresh_token"]), 400, "invalid_grant")


def test_administrators_find_stop_and_delete_what_came_by_itself(
    deployment: Deployment, publisher: Publisher, person: Person, admin: Browser
) -> None:
    app = publisher.publish(deployment)
    url, key = app.app.client_id, app_id(app.app.client_id)
    tokens = app.tokens(person)
    page, change = ADMIN_APP_PAGE.at(client_id=key), ADMIN_CHANGE_APP.at(client_id=key)

    for query in (f"q={url}", "status=documents", f"q={key}"):
        assert f"uses its own metadata document <bdi>{url}</bdi>" in admin.get(f"{ADMIN_APPS_PAGE.path}?{query}").text
    assert url in admin.get(page).text
    assert "Transfer" not in admin.get(page).text
    assert post(admin, page, change, action="hand_over", version="1", owner=person.name).status_code == 400

    assert post(admin, page, change, action="deactivate", reason="It is not what it says.").status_code == 303
    assert_error(app.refresh(tokens["refresh_token"]), 401, "invalid_client")
    browser = entered(deployment, person)
    assert "the app is not active" in message_of(browser.get(app.authorize_path(**PKCE)))
    assert post(admin, page, change, action="activate", version=app.version).status_code == 303
    assert_error(app.refresh(tokens["refresh_token"]), 400, "invalid_grant")

    time.sleep(1.1)  # what is granted in the second of a decision is void
    again = app.tokens(person)
    version = str(record.version) if (record := record_of(app)) else ""
    assert post(admin, page, change, action="delete", version=version).status_code == 303
    assert record_of(app) is None
    time.sleep(1.1)
    assert_error(app.refresh(again["refresh_token"]), 401, "invalid_client")
    consent(browser, app)  # it comes as if for the first time
    assert_error(app.refresh(again["refresh_token"]), 400, "invalid_grant")
    assert stops(deployment, again["access_token"])


def test_an_app_with_an_owner_is_deleted_by_its_owner(admin: Browser, client: Client) -> None:
    page = ADMIN_APP_PAGE.at(client_id=client.app.client_id)
    change = ADMIN_CHANGE_APP.at(client_id=client.app.client_id)
    record = record_of(client)
    assert record is not None

    assert post(admin, page, change, action="delete", version=str(record.version)).status_code == 400
    assert record_of(client) is not None
