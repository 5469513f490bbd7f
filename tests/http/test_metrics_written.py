"""The metrics that the deployed functions write."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import requests

from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.http.deployed import approved_client
from tests.people import Client, Person, get, new_client, new_person

Written = list[dict[str, Any]]


def written_by(deployment: Deployment, act: Callable[[], object]) -> Written:
    """Return the metrics written meanwhile, without names and times."""
    before = len(deployment.logs)
    act()
    time.sleep(0.3)  # the last lines of the functions
    lines = [json.loads(line) for line in deployment.logs[before:]]
    return [{name: value for name, value in line.items() if name != "_aws"} for line in lines if "_aws" in line]


def values(written: Written, metric: str) -> list[float]:
    return [line[metric] for line in written if metric in line]


def test_tokens_and_refusals_are_counted_and_a_container_says_once_how_old_its_key_is(
    deployment: Deployment, client: Client
) -> None:
    deployment.restart("token")

    written = written_by(
        deployment,
        lambda: (
            client.token(grant_type="client_credentials"),
            client.token(grant_type="client_credentials", auth=(client.app.client_id, "wrong")),
        ),
    )

    assert values(written, "TokensIssued") == values(written, "TokenErrors") == [1.0]
    assert {line["service"] for line in written} == {"gatepost-dev"}
    (age,) = values(written, "KeyAge")
    assert 0 <= age < 1


def test_sign_ins_are_counted_at_both_doors(deployment: Deployment, client: Client, person: Person) -> None:
    def sign_in() -> None:
        for password in ("a wrong password", person.password):
            Browser(deployment.base_url).sign_in(person.name, password)
            client.token(grant_type="password", username=person.name, password=password)

    written = written_by(deployment, sign_in)

    assert values(written, "SignIns") == values(written, "SignInFailures") == [1.0, 1.0]


def test_an_authorizer_that_works_writes_nothing(deployment: Deployment, client: Client) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]
    get(deployment, "/demo/read", token)  # a cold container writes how long its first read of the feed took

    written = written_by(deployment, lambda: (get(deployment, "/demo/read", token), get(deployment, "/demo/read", "x")))

    assert written == []


def test_an_authorizer_that_can_not_read_its_feed_is_counted(extended: Deployment) -> None:
    client = new_client(extended, new_person(extended))
    token = client.token(grant_type="client_credentials").json()["access_token"]
    access, role = extended.client("iam"), extended.functions["authorizer"].config.role_arn.rpartition("/")[2]
    policy = access.get_role_policy(RoleName=role, PolicyName="access")["PolicyDocument"]
    less = [each for each in policy["Statement"] if "dynamodb:Query" not in each["Action"]]
    answers: list[requests.Response] = []

    put = partial(access.put_role_policy, RoleName=role, PolicyName="access")
    put(PolicyDocument=json.dumps({**policy, "Statement": less}))
    extended.restart("authorizer")
    try:
        written = written_by(extended, lambda: answers.append(get(extended, "/demo/read", token)))
    finally:
        put(PolicyDocument=json.dumps(policy))
        extended.restart("authorizer")

    assert [answer.status_code for answer in answers] == [403]
    assert values(written, "AuthorizerFailed") == [1.0]


def test_without_alarms_no_metric_is_written(strict: Deployment) -> None:
    client = approved_client(strict, new_person(strict))
    assert client.token(grant_type="client_credentials").status_code == 200

    assert written_by(strict, lambda: client.token(grant_type="client_credentials")) == []
