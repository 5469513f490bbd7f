"""A Gatepost with resources and a published list of revocations, and the stacks of docs/examples/reports beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from gatepost.scope import Scope
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.conftest import TEST_SETTINGS
from tests.people import Client, Person, new_client, new_person

REPORTS, TOOLS, PLAIN = "https://reports.example.com", "https://tools.example.com/mcp", ""
_APP = ROOT / "docs" / "examples" / "reports" / "app.py"
NOWHERE = "https://gatepost.example.com"
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/of-the-template"
_SCOPES = {
    "read": "Read your demo data",
    "write": "Change your demo data",
    "consumer": "Manage your apps, connections and account",
    "consumer.apps": "Manage your apps",
    "consumer.grants": "See and end your connections",
    "consumer.account": "Read and change your account",
    "reports.read": "Read your reports",
    "reports.write": "Change your reports",
}
_OF_A_RESOURCE = ["consumer", "read", "reports.read", "reports.write"]
SETTINGS: dict[str, Any] = {
    **TEST_SETTINGS,
    "scopes": _SCOPES,
    "published_revocations": True,
    "resources": {
        REPORTS: {"name": "Reports", "scopes": _OF_A_RESOURCE},
        "https://tools.example.com/*": {"name": "Tools", "scopes": _OF_A_RESOURCE},
    },
}


@dataclass(frozen=True)
class Protected:
    """Two stacks that are a resource each and read the table, and one that knows the URL alone, by resource."""

    gatepost: Deployment
    guests: Mapping[str, Guest]
    person: Person
    client: Client

    def token(self, scope: str, resource: str, **user: str) -> str:
        """A token of the app itself, or of a user by `username` and `password`."""
        named = {"resource": resource} if resource else {}
        kind = "password" if user else "client_credentials"
        return str(self.client.token(grant_type=kind, scope=scope, **named, **user).json()["access_token"])

    def call(self, resource: str, kind: str, path: str, *tokens: str) -> requests.Response:
        headers = {"Authorization": ", ".join(f"Bearer {token}" for token in tokens)} if tokens else {}
        return requests.get(f"{self.guests[resource].url(kind)}{path}", headers=headers, timeout=30)


def addresses(gatepost: Deployment) -> Callable[[dict[str, Any]], None]:
    """Put the addresses of this run into a template: so one synthesis serves all."""
    described = gatepost.client("dynamodb").describe_table(TableName=gatepost.tables["tokens"])["Table"]

    def change(template: dict[str, Any]) -> None:
        text = json.dumps(template).replace(NOWHERE, gatepost.base_url)
        template.clear()
        template.update(json.loads(text.replace(TABLE, described["TableArn"])))

    return change


@contextmanager
def protecting(gatepost: Deployment) -> Iterator[Protected]:
    contexts = {
        REPORTS: {"resource": REPORTS, "tokens_table_arn": TABLE},
        TOOLS: {"resource": f"{TOOLS}/", "tokens_table_arn": TABLE},
        PLAIN: {"audience": NOWHERE},
    }
    with ExitStack() as running:
        guests = {
            resource: running.enter_context(
                Guest(gatepost, app=_APP, context={"issuer": NOWHERE, **context}, alter=addresses(gatepost))
            )
            for resource, context in contexts.items()
        }
        person = new_person(gatepost)
        client = new_client(gatepost, person, scope=Scope.of(*_OF_A_RESOURCE))
        yield Protected(gatepost, guests, person, client)
