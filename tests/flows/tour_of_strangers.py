"""The story of apps that register themselves: with a token, managed, used, refused, and ended by an administrator."""

from __future__ import annotations

import re

from gatepost import routes as r
from gatepost.identifiers import digest
from infra.local.deployment import Deployment
from tests.flows.tour_steps import posted, refused
from tests.http.registering import PROGRAM, manage, register, stranger
from tests.people import entered, new_administrator, new_person, stops


def strangers(deployment: Deployment) -> None:
    """Each of two is registered, used, and refused once; one deletes itself, the other is ended."""
    boss, person = new_administrator(deployment), new_person(deployment)
    admin = entered(deployment, boss)
    shown = posted(admin, r.ADMIN_CHANGE_REGISTERED, action="permit", apps="3", days="1")
    token = re.search(r"<code>([A-Za-z0-9_-]{43})</code>", shown.text)
    assert token
    headers = {"Authorization": f"Bearer {token[1]}"}
    assert register(deployment).status_code == 401
    first, second = (stranger(deployment, PROGRAM, headers=headers) for _ in range(2))
    assert register(deployment, headers=headers).status_code == 201  # which nobody uses
    browser = entered(deployment, person)
    found = [app.allowed(browser)["access_token"] for app in (first, second)]
    for app in (first, second):
        refused(deployment, app.client.app.client_id)
    assert admin.get(r.ADMIN_REGISTERED_PAGE.path).status_code == 200
    assert manage(first.registered, "GET").status_code == 200
    assert manage(first.registered, "PUT", json={**first.registered, "client_name": "Renamed"}).status_code == 200
    assert manage(first.registered, "DELETE").status_code == 204
    posted(admin, r.ADMIN_CHANGE_REGISTERED, end=second.client.app.client_id)
    posted(admin, r.ADMIN_CHANGE_REGISTERED, action="end_unused")
    assert posted(admin, r.ADMIN_CHANGE_REGISTERED, withdraw=digest(token[1])).status_code == 303
    assert all(stops(deployment, each) for each in found)
