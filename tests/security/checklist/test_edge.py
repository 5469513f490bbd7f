"""Behind CloudFront: requests that bypass it are rejected, and every viewer has their own address (S129).

The tests act as CloudFront: they add its headers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from gatepost.edge.origin_secret import ONLY
from gatepost.routes import JWKS, LOGIN, LOGIN_PAGE, ROUTES, TOKEN, WHOAMI, Route
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of
from tests.conftest import TEST_SETTINGS
from tests.operating import account_of, operate
from tests.people import Client, Person, new_client, new_person

EDGE = {
    **TEST_SETTINGS,
    "edge": True,
    "edge_only": True,
    "domain_name": "auth.example.test",
    "edge_certificate_arn": "arn:aws:acm:us-east-1:111122223333:certificate/0",
    "network_attempts_free": 3,
    "attempts_free": 3,
}
ISSUER = "https://auth.example.test"
ONE, OTHER, SIXTH = "198.51.100.1", "198.51.100.2", "2001:db8:1:2::7"
IDS = ("client_id", "digest", "secret_id", "user_id", "session_id", "name", "page+")


@dataclass(frozen=True)
class Edge:
    """CloudFront before a deployment."""

    deployment: Deployment

    @property
    def slots(self) -> dict[str, str]:
        secrets = self.deployment.client("secretsmanager")
        text = secrets.get_secret_value(SecretId=self.deployment.secret_arn("edge"))["SecretString"]
        slots: dict[str, str] = json.loads(text)
        return slots

    def headers(self, viewer: str = ONE, slot: str = "a") -> dict[str, str]:
        """Return the headers that CloudFront adds to a request of `viewer`."""
        return {"X-Gatepost-Edge": self.slots[slot], "X-Gatepost-Viewer": viewer, "Origin": ISSUER}

    def call(self, route: Route, headers: Mapping[str, str], **options: Any) -> requests.Response:
        url = self.deployment.base_url + route.at(**dict.fromkeys(IDS, "x"))
        return requests.request(route.method, url, headers=headers, allow_redirects=False, timeout=30, **options)

    def bearer(self, client: Client) -> dict[str, str]:
        """Return the header with a token that the app got for itself."""
        answer = self.call(TOKEN, self.headers(), data={"grant_type": "client_credentials"}, auth=client.auth)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def told_to_wait(self, client: Client, headers: dict[str, str]) -> bool:
        """Whether one more wrong secret from there is throttled."""
        form = {"grant_type": "client_credentials", "client_id": client.app.client_id, "client_secret": "wrong"}
        answer = self.call(TOKEN, headers, data=form)
        assert answer.status_code == 401
        return "Retry-After" in answer.headers

    def sign_in(self, person: Person, viewer: str) -> requests.Response:
        """Sign in with an unknown browser."""
        browser, headers = Browser(self.deployment.base_url), self.headers(viewer)
        form = form_of(browser.get(LOGIN_PAGE.path, headers=headers), LOGIN.path)
        fields = {**form.fields, "user_name": person.name, "password": person.password}
        return browser.post(form.action, fields, headers=headers)


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    """A deployment that accepts only requests through the edge."""
    with Deployment(overrides=EDGE) as deployed:
        yield Edge(deployed)


@pytest.fixture
def someone(edge: Edge) -> Person:
    return new_person(edge.deployment)


@pytest.fixture
def app(edge: Edge, someone: Person) -> Client:
    return new_client(edge.deployment, someone)


@pytest.mark.parametrize("presented", [None, "x" * 64], ids=["none", "wrong"])
def test_s129_whatever_goes_around_the_edge_is_refused_and_told_nothing(edge: Edge, presented: str | None) -> None:
    headers = {} if presented is None else {"X-Gatepost-Edge": presented}
    before = len(edge.deployment.logs)
    for route in ROUTES:
        answer = edge.call(route, {**headers, "Authorization": "Bearer x.y.z"})
        # without a header that its cache needs API Gateway answers by itself
        status = 401 if route.has_authorizer and not presented else 403
        assert answer.status_code == status, route.key
        if not route.has_authorizer:
            assert (answer.content, answer.headers["Cache-Control"]) == (b"", "no-store")
            told = {name.lower() for name in answer.headers}
            assert told == {"date", "cache-control", "apigw-requestid", "content-length"}
    said = {json.loads(line)["message"] for line in edge.deployment.logs[before:]}
    assert said == {"edge.refused", *(() if not presented else ("authorizer.denied",))}

    # an empty slot is no value either
    assert edge.slots["b"] == ""
    assert edge.call(JWKS, {"X-Gatepost-Edge": ""}).status_code == 403


def test_s129_what_comes_by_the_edge_is_answered_and_what_was_allowed_is_kept_for_it_only(
    edge: Edge, app: Client
) -> None:
    bearer, by_the_edge = edge.bearer(app), edge.headers()
    assert edge.call(JWKS, by_the_edge).json()["keys"]

    assert edge.call(WHOAMI, {**by_the_edge, **bearer}).json()["sub"] == app.app.client_id
    assert edge.call(WHOAMI, bearer).status_code == 401
    assert edge.call(WHOAMI, {**bearer, "X-Gatepost-Edge": "x" * 64}).status_code == 403
    assert edge.call(WHOAMI, {**by_the_edge, **bearer}).status_code == 200


@pytest.mark.parametrize(("guilty", "other"), [(ONE, OTHER), ("2001:db8:1:1::1", SIXTH)])
def test_s129_wrong_secrets_of_one_viewer_make_nobody_else_wait_and_the_audit_list_has_each_address(
    edge: Edge, app: Client, someone: Person, guilty: str, other: str
) -> None:
    waits = [edge.told_to_wait(app, edge.headers(guilty)) for _ in range(9)]
    assert waits[:3] == [False] * 3
    assert waits[-1]

    assert not edge.told_to_wait(app, edge.headers(other))
    assert edge.sign_in(someone, other).status_code == 303
    entries = edge.deployment.client("dynamodb").scan(TableName=edge.deployment.tables["audit"])["Items"]
    found = [item for item in entries if item.get("actor", {}).get("S") == someone.user.user_id]
    assert [item["source_ip"] for item in found] == [{"S": other}] * 2  # of the day, and of the account


def test_s129_no_function_sees_the_secret(edge: Edge) -> None:
    value = edge.slots["a"]
    edge.call(TOKEN, edge.headers(), data={"grant_type": "x"})

    assert not [line for line in edge.deployment.logs if value in line]
    assert not [each for each in edge.deployment.functions.values() if value in str(each.config.environment)]


def test_s129_make_edge_secret_replaces_what_is_not_sent(edge: Edge) -> None:
    """Two turns, with a deployment of the edge between them, replace both values; every request is answered."""
    account, formation = account_of(edge.deployment), edge.deployment.client("cloudformation")
    before, first = edge.slots, edge.headers()
    try:
        assert operate("edge_secret", "--stage", "local", **account) == (
            1,
            "There is no stack Gatepost-dev-edge-us-east-1 in us-east-1: no value is sent yet.\n",
        )
        formation.create_stack(StackName="Gatepost-dev-edge-us-east-1", TemplateBody=sending("a"))
        status, said = operate("edge_secret", "--stage", "local", **account)
        assert status == 0, said
        assert said == (
            "The value b of the edge's secret is new and in us-east-1, and accepted within 30 seconds. Set edge_secret "
            'to "b" and deploy the stage local, which sends it; then run this command again, which ends the value that '
            "was sent until now: within 300 seconds nothing accepts it.\n"
        )
        assert edge.slots["a"] == before["a"]
        edge.deployment.restart("metadata")
        for headers in (first, edge.headers(slot="b")):
            assert edge.call(JWKS, headers).status_code == 200

        formation.update_stack(StackName="Gatepost-dev-edge-us-east-1", TemplateBody=sending("b"))
        second = edge.slots["b"]
        status, said = operate("edge_secret", "--stage", "local", **account)
        assert (status, said[:11]) == (0, "The value a")
        assert edge.slots["b"] == second != edge.slots["a"] != before["a"]
        edge.deployment.restart("metadata")
        assert edge.call(JWKS, first).status_code == 403
        for slot in ("a", "b"):
            assert edge.call(JWKS, edge.headers(slot=slot)).status_code == 200
            assert len(edge.slots[slot]) == 64
    finally:
        formation.delete_stack(StackName="Gatepost-dev-edge-us-east-1")
        secrets = edge.deployment.client("secretsmanager")
        secrets.put_secret_value(SecretId=edge.deployment.secret_arn("edge"), SecretString=json.dumps(before))
        edge.deployment.restart("metadata")


def sending(slot: str) -> str:
    """A stack with the one thing that the command looks for in the edge's."""
    value = f"{{{{resolve:secretsmanager:Gatepost-dev-edge-us-east-1:SecretString:{slot}}}}}"
    described = {"Type": "AWS::CloudFormation::WaitConditionHandle", "Metadata": {"HeaderValue": value}}
    return json.dumps({"Resources": {"Distribution": described}})


@contextmanager
def opened(deployment: Deployment, *functions: str) -> Iterator[None]:
    """Functions as they are while the edge is being added: they still accept requests that bypass it."""
    known = {name: deployment.functions[name].config.environment for name in functions}
    for name, environment in known.items():
        deployment.functions[name].reconfigure({key: value for key, value in environment.items() if key != ONLY})
    yield
    for name, environment in known.items():
        deployment.functions[name].reconfigure(environment)


def test_s129_until_only_the_edge_counts_everybody_is_answered_but_an_address_is_believed_to_the_edge_only(
    edge: Edge, app: Client, someone: Person
) -> None:
    """Requests that bypass the edge can't spread guesses over addresses, nor blame another's."""
    with opened(edge.deployment, "metadata", "token"):
        for headers in ({}, {"X-Gatepost-Edge": "x" * 64}, edge.headers()):
            assert edge.call(JWKS, headers).status_code == 200
        invented = [{"X-Gatepost-Viewer": f"203.0.113.{number}", "X-Gatepost-Edge": "x" * 64} for number in range(9)]
        waits = [edge.told_to_wait(app, headers) for headers in invented]
        assert (waits[:3], waits[-1]) == ([False] * 3, True)
        assert not edge.told_to_wait(app, edge.headers("203.0.113.1"))
        assert edge.sign_in(someone, "203.0.113.2").status_code == 303
