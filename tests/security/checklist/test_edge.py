"""Behind CloudFront: requests that bypass it are rejected, and every viewer has their own address. S129.

The tests act as CloudFront: they add its headers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gatepost.routes import JWKS, ROUTES, TOKEN, WHOAMI
from infra.local.deployment import Deployment
from tests.operating import account_of, operate
from tests.people import Client, Person, new_client, new_person
from tests.security.checklist.cloudfront import EDGE, ONE, OTHER, SIXTH, Edge


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    """A deployment that accepts only requests through the edge."""
    with Deployment(overrides={**EDGE, "edge_only": True}) as deployed:
        yield Edge(deployed)


@pytest.fixture
def someone(edge: Edge) -> Person:
    return new_person(edge.deployment)


@pytest.fixture
def app(edge: Edge, someone: Person) -> Client:
    return new_client(edge.deployment, someone)


@pytest.mark.parametrize("presented", [None, "", "x" * 64, "another"], ids=["none", "empty", "wrong", "short"])
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
            assert {name.lower() for name in answer.headers} == {
                "date", "cache-control", "apigw-requestid", "content-length"
            }  # fmt: skip
    said = {json.loads(line)["message"] for line in edge.deployment.logs[before:]}
    assert said == {"edge.refused", *(() if not presented else ("authorizer.denied",))}


def test_s129_an_empty_slot_is_no_value(edge: Edge) -> None:
    assert edge.slots["b"] == ""
    assert edge.call(JWKS, {"X-Gatepost-Edge": edge.slots["b"]}).status_code == 403


def test_s129_what_comes_by_the_edge_is_answered(edge: Edge, app: Client, someone: Person) -> None:
    form = {"grant_type": "password", "username": someone.name, "password": someone.password}
    tokens = edge.call(TOKEN, edge.headers(), data=form, auth=app.auth).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert edge.call(WHOAMI, {**edge.headers(), **bearer}).json()["sub"] == someone.user.user_id
    assert edge.call(JWKS, edge.headers()).json()["keys"]


def test_s129_what_the_authorizer_allowed_is_kept_for_the_edge_only(edge: Edge, app: Client) -> None:
    form = {"grant_type": "client_credentials"}
    tokens = edge.call(TOKEN, edge.headers(), data=form, auth=app.auth).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    assert edge.call(WHOAMI, {**edge.headers(), **bearer}).status_code == 200
    assert edge.call(WHOAMI, bearer).status_code == 401
    assert edge.call(WHOAMI, {**bearer, "X-Gatepost-Edge": "x" * 64}).status_code == 403
    assert edge.call(WHOAMI, {**edge.headers(), **bearer}).status_code == 200


@pytest.mark.parametrize(("guilty", "other"), [(ONE, OTHER), ("2001:db8:1:1::1", SIXTH)])
def test_s129_wrong_secrets_of_one_viewer_make_nobody_else_wait(
    edge: Edge, app: Client, someone: Person, guilty: str, other: str
) -> None:
    waits = [edge.told_to_wait(app, edge.headers(guilty)) for _ in range(9)]
    assert waits[:3] == [False] * 3
    assert waits[-1]

    assert not edge.told_to_wait(app, edge.headers(other))
    assert edge.sign_in(someone, other).status_code == 303


def test_s129_the_audit_list_has_the_viewers_address(edge: Edge, someone: Person) -> None:
    assert edge.sign_in(someone, SIXTH).status_code == 303

    entries = edge.deployment.client("dynamodb").scan(TableName=edge.deployment.tables["audit"])["Items"]
    found = [item for item in entries if item.get("actor", {}).get("S") == someone.user.user_id]
    assert [item["source_ip"] for item in found] == [{"S": SIXTH}] * 2  # of the day, and of the account


def test_s129_no_function_sees_the_secret(edge: Edge) -> None:
    value = edge.slots["a"]
    edge.call(TOKEN, edge.headers(), data={"grant_type": "x"})

    assert not [line for line in edge.deployment.logs if value in line]
    assert not [each for each in edge.deployment.functions.values() if value in str(each.config.environment)]


def test_s129_both_values_count_so_that_one_can_be_replaced(edge: Edge) -> None:
    before, first = edge.slots, edge.headers()
    try:
        edge.fill(b="b" * 64)
        edge.deployment.restart("metadata")
        for headers in (first, edge.headers(slot="b")):
            assert edge.call(JWKS, headers).status_code == 200
        edge.fill(a="n" * 64)
        edge.deployment.restart("metadata")
        assert edge.call(JWKS, first).status_code == 403
        for slot in ("a", "b"):
            assert edge.call(JWKS, edge.headers(slot=slot)).status_code == 200
    finally:
        edge.fill(**before)
        edge.deployment.restart("metadata")


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
        edge.fill(**before)
        edge.deployment.restart("metadata")


def sending(slot: str) -> str:
    """A stack with the one thing that the command looks for in the edge's."""
    value = f"{{{{resolve:secretsmanager:Gatepost-dev-edge-us-east-1:SecretString:{slot}}}}}"
    described = {"Type": "AWS::CloudFormation::WaitConditionHandle", "Metadata": {"HeaderValue": value}}
    return json.dumps({"Resources": {"Distribution": described}})


def test_s129_where_the_values_can_not_be_read_nothing_is_answered(edge: Edge, app: Client) -> None:
    deployment = edge.deployment
    tokens = edge.call(TOKEN, edge.headers(), data={"grant_type": "client_credentials"}, auth=app.auth).json()
    headers = {**edge.headers(), "Authorization": f"Bearer {tokens['access_token']}"}
    giving_back = [_without_the_secret(deployment, name) for name in ("metadata", "authorizer")]
    try:
        answer = edge.call(JWKS, headers)
        assert (answer.status_code, answer.content, answer.headers["Retry-After"]) == (503, b"", "2")
        assert edge.call(WHOAMI, headers).status_code == 403
    finally:
        for give_back in giving_back:
            give_back()
    assert edge.call(JWKS, headers).status_code == 200


def _without_the_secret(deployment: Deployment, function: str) -> Callable[[], None]:
    """Remove the right to read the secret; return a function that restores it."""
    access, role = deployment.client("iam"), deployment.functions[function].config.role_arn.rpartition("/")[2]
    policy = access.get_role_policy(RoleName=role, PolicyName="access")["PolicyDocument"]
    arn = deployment.secret_arn("edge")
    less = {**policy, "Statement": [each for each in policy["Statement"] if arn not in json.dumps(each["Resource"])]}

    def put(document: dict[str, Any]) -> None:
        access.put_role_policy(RoleName=role, PolicyName="access", PolicyDocument=json.dumps(document))
        deployment.restart(function)

    put(less)
    return lambda: put(policy)


@pytest.fixture(scope="module")
def opening() -> Iterator[Edge]:
    """A deployment whose edge is being added: it still accepts requests that bypass it."""
    with Deployment(overrides=EDGE) as deployed:
        yield Edge(deployed)


def test_s129_until_only_the_edge_counts_everybody_is_answered(opening: Edge) -> None:
    for headers in ({}, {"X-Gatepost-Edge": "x" * 64}, opening.headers()):
        assert opening.call(JWKS, headers).status_code == 200


def test_s129_but_an_address_is_believed_to_the_edge_only(opening: Edge) -> None:
    """Requests that bypass the edge can't spread guesses over addresses, nor blame another's."""
    person = new_person(opening.deployment)
    app = new_client(opening.deployment, person)
    invented = [{"X-Gatepost-Viewer": f"203.0.113.{number}", "X-Gatepost-Edge": "x" * 64} for number in range(9)]

    waits = [opening.told_to_wait(app, headers) for headers in invented]
    assert waits[:3] == [False] * 3
    assert waits[-1]
    assert not opening.told_to_wait(app, opening.headers("203.0.113.1"))
    assert opening.sign_in(person, "203.0.113.2").status_code == 303
