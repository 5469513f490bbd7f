"""A deployment with operator functions, its records of them, and a user with records of every kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from gatepost.accounts.links import new_link
from gatepost.model.logo import Logo
from gatepost.settings import LOGOUT_QUEUE_VARIABLE
from infra.local.aws.calls import AwsCall
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.conftest import TEST_SETTINGS
from tests.infra.rendered import Template, functions
from tests.operating import account_of
from tests.people import Person, entered, new_client, new_person

DELAY = 8  # seconds until a new key is used; a function keeps a secret for half of it


@dataclass
class Operated:
    deployment: Deployment
    environment: dict[str, str]  # of somebody who may invoke the functions, and read what the stack's outputs are
    calls: list[AwsCall] = field(default_factory=list)


@contextmanager
def operating() -> Iterator[Operated]:
    """Run a deployment with operator functions whose keys change within seconds."""
    calls: list[AwsCall] = []
    settings = {**TEST_SETTINGS, "operator_functions": True}
    with Deployment(overrides=settings, on_call=calls.append, alter=_sooner) as deployed:
        yield Operated(deployed, account_of(deployed), calls)


def _sooner(template: Template) -> None:
    for function in functions(template).values():
        function["Environment"]["Variables"]["GATEPOST_KEY_ACTIVATION_DELAY"] = str(DELAY)


def entries(deployment: Deployment, event: str) -> list[Any]:
    database = deployment.client("dynamodb")
    items = database.scan(TableName=deployment.tables["audit"])["Items"]
    of_days = [item for item in items if item["day"]["S"][0].isdigit()]  # not the copies in lists of accounts
    return [item for item in of_days if item["event"]["S"] == event]


def request_ids(deployment: Deployment, command: str) -> set[str]:
    lines = [json.loads(line) for line in deployment.logs if f'"operate.{command}"' in line]
    return {line["request_id"] for line in lines}


def busy(deployment: Deployment) -> tuple[Person, str]:
    """Somebody with an address, sessions, an app with a logo, a grant, a failed sign-in, and what waits for them."""
    person = new_person(deployment)
    deployment.store.change_email(person.user, f"{person.name}@example.test", confirmed=True)
    client = new_client(deployment, person)
    logo = Logo.of(b"an image")
    drawn = client.app._replace(logo=logo.digest, version=2)
    deployment.store.set_app_logo(drawn, before=client.app, logo=logo)
    browser = entered(deployment, person)
    browser.get(client.authorize_path(scope="write"))
    tokens = client.tokens(person)
    client.code(person)
    assert client.token(auth=(client.app.client_id, "wrong"), grant_type="client_credentials").status_code == 401
    Browser(deployment.base_url).sign_in(person.name, "wrong")
    new_link(
        deployment.store, "email", user_id=person.user.user_id, user_name=person.name, email="x@y.example", now=1e10
    )
    return person, tokens["access_token"]


def called(deployment: Deployment, call: AwsCall) -> AwsCall:
    """The call with the names that `grants` has."""
    names = {physical: name for name, physical in deployment.tables.items()}
    names |= {deployment.secret_arn(name): name for name in ("signing", "refresh")}
    names |= {each.config.alias_arn: f"{name}:live" for name, each in deployment.functions.items()}
    variables = deployment.functions["backchannel_logout"].config.environment
    names[variables[LOGOUT_QUEUE_VARIABLE].rpartition("/")[2]] = "logouts"
    table, index, rest = call.resource.partition("/index/")
    found = replace(call, resource=names.get(table, table) + index + rest)
    of_names = {each.config.physical_name: name for name, each in deployment.functions.items()}
    if found.action.startswith("lambda:"):
        name, version, _ = found.resource.partition(":")
        return replace(found, resource=of_names[name] + (":*" if version else ""))
    if found.action.startswith("cloudformation:"):
        return replace(found, resource="own stack")
    return found
