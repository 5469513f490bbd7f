"""A name that shows less than it holds is taken nowhere (S361)."""

from __future__ import annotations

from gatepost.routes import APP_PAGE, CREATE_APP, NEW_APP_PAGE, NEW_SECRET
from infra.local.deployment import Deployment
from tests.browsing import Browser, post
from tests.http.consumer import WEATHER, Consumer
from tests.http.documents import PKCE, Publisher, message_of
from tests.http.registering import PROGRAM, register
from tests.http.test_apps_pages import FIELDS
from tests.people import Client, Person


def test_s361_nothing_gets_a_name_that_shows_less_than_it_holds(
    deployment: Deployment, signed_in: Browser, person: Person, client: Client, publisher: Publisher
) -> None:
    name, fault = "Bank\u3164", "holds a character that can’t be seen"
    here = APP_PAGE.at(client_id=client.app.client_id)
    label = post(signed_in, here, NEW_SECRET.at(client_id=client.app.client_id), label=name)
    page = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **{**FIELDS, "name": name})
    api = Consumer(deployment, person).call("POST", "/consumer/app", json={**WEATHER, "name": name})
    document = message_of(signed_in.get(publisher.publish(deployment, client_name=name).authorize_path(**PKCE)))
    registered = register(deployment, {**PROGRAM, "client_name": name})

    assert (label.status_code, page.status_code, api.status_code) == (400, 400, 400)
    for text in (label.text, page.text, document):
        assert fault in text.replace("&#39;", "’")
    assert registered.json()["client_name"] == "Bank"
