"""Two protected stacks, each in every way there is, and Gatepost's own routes: a token for one opens nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from gatepost.scope import Scope
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.conftest import TEST_SETTINGS
from tests.people import Client, Person, get, new_client, new_person

APP = ROOT / "docs" / "examples" / "reports" / "app.py"
NOWHERE = "https://gatepost.example.com"
TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/of-the-template"
REPORTS, TOOLS = "https://reports.example.com", "https://tools.example.com/mcp"
KINDS = ("HttpApiUrl", "NativeApiUrl", "RequestApiUrl", "TokenApiUrl", "GuardedApiUrl", "FunctionUrl")
REFUSED = {
    "HttpApiUrl": 403,
    "NativeApiUrl": 401,
    "RequestApiUrl": 401,
    "TokenApiUrl": 401,
    "GuardedApiUrl": 401,
    "FunctionUrl": 401,
}
OWN_ROUTES = ("/demo/read", "/demo/notes", "/authorization/whoami", "/consumer/account", "/consumer/app")
SCOPE = "consumer read reports.read"


@pytest.fixture(scope="module")
def gatepost() -> Iterator[Deployment]:
    consumer = {name: name for name in ("consumer", "consumer.apps", "consumer.grants", "consumer.account")}
    settings = {
        **TEST_SETTINGS,
        "scopes": {"read": "Read", "write": "Write", "reports.read": "Read reports", **consumer},
        "resources": {
            REPORTS: {"name": "Reports", "scopes": ["reports.read", "read", "consumer"]},
            "https://tools.example.com/*": {"name": "Tools", "scopes": ["reports.read", "read", "consumer"]},
        },
    }
    with Deployment(overrides=settings) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def person(gatepost: Deployment) -> Person:
    return new_person(gatepost)


@pytest.fixture(scope="module")
def client(gatepost: Deployment, person: Person) -> Client:
    return new_client(gatepost, person, scope=Scope.of("consumer", "read", "reports.read"))


def guest_for(gatepost: Deployment, **context: str) -> Guest:
    """The example, with the addresses of this run put into its template: one synthesis serves all runs."""
    described = gatepost.client("dynamodb").describe_table(TableName=gatepost.tables["tokens"])["Table"]

    def change(template: dict[str, Any]) -> None:
        text = json.dumps(template).replace(NOWHERE, gatepost.base_url).replace(TABLE, described["TableArn"])
        template.clear()
        template.update(json.loads(text))

    known = {"issuer": NOWHERE, "tokens_table_arn": TABLE, **context}
    return Guest(gatepost, app=APP, context=known, alter=change)


@pytest.fixture(scope="module")
def guests(gatepost: Deployment) -> Iterator[dict[str, Guest]]:
    """Two that are a resource each, and one that takes the tokens that name none."""
    with (
        guest_for(gatepost, resource=REPORTS) as reports,
        guest_for(gatepost, resource=f"{TOOLS}/") as tools,
        guest_for(gatepost, audience=gatepost.base_url) as plain,
    ):
        yield {REPORTS: reports, TOOLS: tools, "": plain}


@pytest.fixture(scope="module")
def tokens(client: Client, person: Person, gatepost: Deployment) -> Callable[[str, str], str]:
    """A token for a resource, of the app itself or of a user."""
    made: dict[tuple[str, str], str] = {}

    def token(resource: str, by: str) -> str:
        if (resource, by) not in made:
            named = {"resource": resource} if resource else {}
            if by == "client_credentials":
                answer = client.token(grant_type=by, scope=SCOPE, **named).json()
            else:
                answer = client.token(
                    grant_type=by, username=person.name, password=person.password, scope=SCOPE, **named
                ).json()
            assert answer["scope"] == ("read" if resource.endswith("/demo/notes") else SCOPE)
            made[resource, by] = answer["access_token"]
        return made[resource, by]

    return token


def call(guest: Guest, kind: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{guest.url(kind)}/reports", headers=headers, timeout=30).status_code


@pytest.mark.parametrize("by", ["client_credentials", "password"])
@pytest.mark.parametrize("kind", KINDS)
def test_s200_a_token_for_one_api_is_refused_by_every_other(
    guests: dict[str, Guest], tokens: Callable[[str, str], str], kind: str, by: str
) -> None:
    found = {
        (resource, asked): call(guest, kind, tokens(asked, by))
        for resource, guest in guests.items()
        for asked in guests
    }

    assert found == {
        (resource, asked): 200 if resource == asked else REFUSED[kind] for resource in guests for asked in guests
    }


@pytest.mark.parametrize("path", OWN_ROUTES)
def test_s200_gateposts_own_routes_take_no_token_of_a_resource(
    gatepost: Deployment, tokens: Callable[[str, str], str], path: str
) -> None:
    for resource in (REPORTS, TOOLS):
        assert get(gatepost, path, tokens(resource, "password")).status_code == 403
    notes = tokens(f"{gatepost.base_url}/demo/notes", "password") if path == "/demo/notes" else ""
    assert get(gatepost, path, notes or tokens("", "password")).status_code == 200


def test_s200_introspection_says_whose_a_token_is(
    gatepost: Deployment, client: Client, tokens: Callable[[str, str], str]
) -> None:
    for resource in (REPORTS, TOOLS, ""):
        said = client.introspect(tokens(resource, "password")).json()
        assert (said["active"], said["aud"]) == (True, resource or gatepost.base_url)


def test_the_metadata_of_an_api_names_the_resource_that_its_tokens_are_for(
    gatepost: Deployment, guests: dict[str, Guest]
) -> None:
    where = "/.well-known/oauth-protected-resource"
    found = {
        resource: requests.get(f"{guest.url('GuardedApiUrl')}{where}", timeout=30).json()
        for resource, guest in guests.items()
    }

    assert found[REPORTS]["resource"] == REPORTS
    assert found[TOOLS]["resource"] == f"{TOOLS}/"  # as it was written; clients may send it so
    assert found[""]["resource"] == guests[""].url("GuardedApiUrl")
    assert all(each["authorization_servers"] == [gatepost.base_url] for each in found.values())
