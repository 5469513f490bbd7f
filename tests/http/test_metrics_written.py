"""The metrics that the deployed functions write."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import requests

from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.conftest import Deploy
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


def test_tokens_and_refusals_are_counted(deployment: Deployment, client: Client) -> None:
    client.token(grant_type="client_credentials")  # the container has read its key

    written = written_by(
        deployment,
        lambda: (
            client.token(grant_type="client_credentials"),
            client.token(grant_type="client_credentials", auth=(client.app.client_id, "wrong")),
        ),
    )

    assert values(written, "TokensIssued") == values(written, "TokenErrors") == [1.0]
    assert {line["service"] for line in written} == {"gatepost-dev"}


def test_sign_ins_are_counted_at_both_doors(deployment: Deployment, client: Client, person: Person) -> None:
    def sign_in() -> None:
        for password in ("a wrong password", person.password):
            Browser(deployment.base_url).sign_in(person.name, password)
            client.token(grant_type="password", username=person.name, password=password)

    written = written_by(deployment, sign_in)

    assert values(written, "SignIns") == values(written, "SignInFailures") == [1.0, 1.0]


def test_a_container_says_how_old_its_signing_key_is_once_it_has_read_it(
    deployment: Deployment, client: Client
) -> None:
    deployment.restart("token")

    written = written_by(
        deployment,
        lambda: (client.token(grant_type="client_credentials"), client.token(grant_type="client_credentials")),
    )

    (age,) = values(written, "KeyAge")
    assert 0 <= age < 1


def test_an_authorizer_that_works_writes_nothing(deployment: Deployment, client: Client) -> None:
    token = client.token(grant_type="client_credentials").json()["access_token"]

    written = written_by(deployment, lambda: (get(deployment, "/demo/read", token), get(deployment, "/demo/read", "x")))

    assert written == []


def test_an_authorizer_that_can_not_read_its_feed_is_counted(deploy: Deploy) -> None:
    def without_the_feed(template: dict[str, Any]) -> None:
        (role,) = (name for name in template["Resources"] if name.startswith("FunctionsAuthorizerRole"))
        document = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]
        document["Statement"] = [each for each in document["Statement"] if "dynamodb:Query" not in each["Action"]]

    deployment = deploy(alter=without_the_feed)
    client = new_client(deployment, new_person(deployment))
    token = client.token(grant_type="client_credentials").json()["access_token"]
    answers: list[requests.Response] = []

    written = written_by(deployment, lambda: answers.append(get(deployment, "/demo/read", token)))

    assert [answer.status_code for answer in answers] == [403]
    assert values(written, "AuthorizerFailed") == [1.0]


def test_without_alarms_no_metric_is_written(deploy: Deploy) -> None:
    deployment = deploy(overrides={"alarms": False})
    client = new_client(deployment, new_person(deployment))

    assert written_by(deployment, lambda: client.token(grant_type="client_credentials")) == []
