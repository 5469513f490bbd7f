"""The administrators' page of apps that registered themselves."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import requests

from gatepost.routes import ADMIN_APP_PAGE, ADMIN_APPS_PAGE, ADMIN_CHANGE_APP, ADMIN_REGISTERED_PAGE
from gatepost.scope import Scope
from gatepost.stores.audit_lists import app_list
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of
from tests.http.registering import INSPECTOR, PROGRAM, Stranger, register, stranger
from tests.people import Client, Person, entered, new_administrator

PAGE = ADMIN_REGISTERED_PAGE.path


def send(browser: Browser, page: str, action: str, fields: dict[str, str]) -> requests.Response:
    """Post a form of a page, whichever of several it is."""
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get(page).text)
    assert token
    return browser.post(action, {"form_token": token[1], **fields}, headers={"Origin": browser.base_url})


def pressed(browser: Browser, fields: dict[str, str], page: str = PAGE, action: str = PAGE) -> str:
    """Press a button of a page, and return the page that follows."""
    answer = send(browser, page, action, fields)
    assert answer.status_code in (200, 303), answer.text
    return browser.get(answer.headers["Location"]).text if answer.is_redirect else answer.text


def is_there(deployment: Deployment, app: Stranger) -> bool:
    (found,) = deployment.store.read(AppKey(app.client.app.client_id))
    return found is not None


def test_the_list_shows_where_people_go_and_an_administrator_ends_one(
    deployment: Deployment, admin: Browser, signed_in: Browser, client: Client
) -> None:
    app, other = stranger(deployment, {**PROGRAM, "client_name": "Shown in the list"}), stranger(deployment)
    tokens = app.allowed(signed_in)
    assert signed_in.get(PAGE).status_code == 403

    entry = admin.get(PAGE).text.partition("Shown in the list")[2].partition("</li>")[0]
    assert "client.example.test" in entry
    assert "1 connected" in entry
    assert "last used: never" not in entry

    shown = pressed(admin, {"end": app.client.app.client_id})
    pressed(admin, {"end": client.app.client_id})  # an app of a person

    assert "The app was deleted" in shown
    assert client.introspect(tokens["access_token"]).json() == {"active": False}
    assert (is_there(deployment, app), is_there(deployment, other)) == (False, True)
    page = deployment.store.entries(app_list(app.client.app.client_id), cursor=None, limit=1)
    assert page.items[0].event == "registration_ended"


def test_all_that_nobody_used_are_ended_at_once(deployment: Deployment, admin: Browser) -> None:
    old, young, used = (stranger(deployment) for _ in range(3))
    for app, field, at in ((old, "created_at", 7200), (used, "created_at", 7200), (used, "last_used_at", 60)):
        deployment.client("dynamodb").update_item(
            TableName=deployment.tables["apps"],
            Key={"client_id": {"S": app.client.app.client_id}},
            UpdateExpression=f"SET {field} = :at",
            ExpressionAttributeValues={":at": {"N": str(int(time.time()) - at)}},
        )

    shown = pressed(admin, {"action": "end_unused"})

    assert "Unused apps were deleted." in shown
    assert [is_there(deployment, app) for app in (old, young, used)] == [False, True, True]


def test_s226_an_administrator_makes_tokens_to_register_with_sees_those_that_count_and_withdraws_one(
    extended: Deployment,
) -> None:
    admin = entered(extended, new_administrator(extended))
    wrong = send(admin, PAGE, PAGE, {"action": "permit", "apps": "0", "days": "x"})
    assert (wrong.status_code, wrong.text.count("Type a number from 1 to")) == (400, 4)
    made = [
        re.search(r"<code>([A-Za-z0-9_-]{43})</code>", pressed(admin, {"action": "permit", "apps": apps, "days": "7"}))
        for apps in ("1", "2", "3")
    ]
    tokens = [each[1] for each in made if each]

    def registered() -> list[int]:
        sent = [{"Authorization": f"Bearer {token}"} for token in tokens]
        return [register(extended, INSPECTOR, headers=headers).status_code for headers in sent]

    assert registered() == [201, 201, 201]
    text = admin.get(PAGE).text
    assert not any(token in text for token in tokens)
    left = re.findall(r'(\d) of (\d) apps? left.*?name="withdraw" value="([^"]+)"', text, re.DOTALL)
    assert sorted(each[:2] for each in left) == [("1", "2"), ("2", "3")]
    assert send(admin, PAGE, PAGE, {"withdraw": "x" * 3000}).status_code == 303
    after = pressed(admin, {"withdraw": max(left)[2]})

    assert "The token was revoked." in after
    assert re.findall(r"(\d) of", after) == ["1"]
    assert registered() == [401, 201, 401]
    today = extended.store.entries(f"{datetime.now(UTC):%Y-%m-%d}", cursor=None, limit=100).items
    assert [each.event for each in today].count("permit_withdrawn") == 1


def test_its_page_names_no_owner_and_lets_people_allow_it_a_restricted_scope(
    deployment: Deployment, admin: Browser, signed_in: Browser
) -> None:
    app = stranger(deployment)
    client_id = app.client.app.client_id
    path = ADMIN_APP_PAGE.at(client_id=client_id)

    page = admin.get(path)
    assert "Nobody: it registered itself" in page.text
    assert "Transfer" not in page.text
    assert admin.get(f"{ADMIN_APPS_PAGE.path}?q={client_id}").status_code == 200
    form = form_of(page, ADMIN_CHANGE_APP.at(client_id=client_id))
    sent = {**form.fields, "action": "scopes", "marked": "consumer.grants"}
    assert admin.post(form.action, sent, headers={"Origin": deployment.base_url}).status_code == 303

    assert app.allowed(signed_in, scope="read consumer.grants")["scope"] == "consumer.grants read"
    (marked,) = deployment.store.read(AppKey(client_id))
    assert marked is not None
    assert marked.marked_scope == Scope.of("consumer.grants")


def test_s153_administrators_see_its_problems_and_those_of_no_owned_app(
    deployment: Deployment, admin: Browser, signed_in: Browser, client: Client
) -> None:
    wrong = "https://elsewhere.example.test/callback"
    pages = []
    for app in (stranger(deployment).client, client):
        assert signed_in.get(app.authorize_path(redirect_uri=wrong)).status_code == 400
        pages.append(admin.get(ADMIN_APP_PAGE.at(client_id=app.app.client_id)).text)

    assert [wrong in page for page in pages] == [True, False]
    assert ["redirect_uri is not registered." in page for page in pages] == [True, False]


def test_it_can_t_be_handed_over_and_a_deactivated_one_gets_no_tokens(
    deployment: Deployment, admin: Browser, person: Person
) -> None:
    app = stranger(deployment, {"grant_types": ["client_credentials"]})
    client_id = app.client.app.client_id
    action = ADMIN_CHANGE_APP.at(client_id=client_id)
    form = form_of(admin.get(ADMIN_APP_PAGE.at(client_id=client_id)), action)

    sent = {**form.fields, "action": "hand_over", "owner": person.name}
    answer = admin.post(action, sent, headers={"Origin": deployment.base_url})
    assert answer.status_code == 400
    assert "Nobody here answers for this app" in answer.text

    page = f"{ADMIN_APPS_PAGE.path}?app={client_id}"
    pressed(admin, {"action": "deactivate", "reason": "It floods us."}, page, action)
    assert app.client.token(grant_type="client_credentials").status_code == 401
