"""The functions' log lines contain no user names, since they outlive accounts."""

from __future__ import annotations

import time

from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import Client, Person


def test_no_user_name_stands_in_the_logs(deployment: Deployment, client: Client, person: Person) -> None:
    browser = Browser(deployment.base_url)
    for password in ("a wrong password", person.password):
        browser.sign_in(person.name, password)
        client.token(grant_type="password", username=person.name, password=password)
    time.sleep(0.5)  # the last lines of the functions

    logs = "\n".join(deployment.logs)

    assert logs.count('"reason":"wrong password"') >= 2
    assert person.name not in logs
