"""The steps of the tour that several of its stories take."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import requests

from gatepost import routes as r
from gatepost.authentication.passwords import hash_password
from gatepost.routes import Route
from gatepost.stores.dynamodb.item_keys import place
from gatepost.stores.record_keys import GrantKey, LoginKey
from gatepost.stores.schema import TOKENS
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import Client, Person, entered


def made_before(deployment: Deployment, client: Client) -> None:
    """Make the app one of a version that granted no scopes to apps."""
    deployment.client("dynamodb").update_item(
        TableName=deployment.tables["apps"],
        Key={"client_id": {"S": client.app.client_id}},
        UpdateExpression="REMOVE own_scope, own_scope_by_update, owner_scope, owner_stopped",
    )


def asleep(deployment: Deployment, person: Person) -> None:
    """All access tokens of the person's grants have expired, as far as the grants know."""
    for grant in deployment.store.grants_of(person.user.user_id):
        key = place(GrantKey(grant.grant_id))[1]
        values = {":then": {"N": str(grant.last_used_at - 100_000)}}
        deployment.store._tables.update(TOKENS, key, "SET last_used_at = :then", "attribute_exists(pk)", values)


def refused(deployment: Deployment, client_id: str, *routes: Route) -> None:
    """A wrong secret for an app, which its owner is told of."""
    for route in routes or (r.TOKEN,):
        form = {"grant_type": "client_credentials", "token": "nonsense"}
        answer = requests.post(deployment.base_url + route.path, data=form, auth=(client_id, "wrong"), timeout=30)
        assert answer.json()["error"] == "invalid_client"
    assert deployment.store.problems_of(client_id)


def hashed_anew(deployment: Deployment, person: Person) -> None:
    """Simulate another `bcrypt_cost` at the time when the password was chosen."""
    (login,) = deployment.store.read(LoginKey(person.name.casefold()))
    assert login is not None
    password_hash = hash_password(person.password, cost=deployment.settings.bcrypt_cost + 1)
    deployment.store.replace_hash(person.name.casefold(), login, password_hash)


@contextlib.contextmanager
def counted(deployment: Deployment, person: Person) -> Iterator[None]:
    """Make the count of a user's apps too high, so that the account can't be deleted."""
    database, table = deployment.client("dynamodb"), deployment.tables["apps"]
    key = {"client_id": {"S": f"count#{person.user.user_id}"}}
    database.put_item(TableName=table, Item={**key, "apps": {"N": "9"}})
    yield
    database.delete_item(TableName=table, Key=key)


def long_signed_in(deployment: Deployment, person: Person) -> Browser:
    """A browser whose session is an hour old, so that its next page of the console is noted as a use."""
    browser = entered(deployment, person)
    for session in deployment.store.sessions_of(person.user.user_id):
        deployment.store.start_session(replace(session, created_at=session.created_at - 3600))
    return browser


def posted(browser: Browser, route: Route, **fields: Any) -> requests.Response:
    """Post a form of the console; `fields` also fill in the path."""
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get(r.ACCOUNT_PAGE.path).text)
    assert token
    return browser.post(
        route.at(**{name: str(value) for name, value in fields.items()}),
        {"form_token": token[1], **fields},
        headers={"Origin": browser.base_url},
    )


def link_to(deployment: Deployment, email: str) -> str:
    """The path of the link in the last mail to an address."""
    mail = [mail for mail in deployment.mails if mail.to == email][-1]
    found = re.search(r"(/developer/\w+\?token=[A-Za-z0-9_-]{43})", mail.text)
    assert found, mail.text
    return found[1]
