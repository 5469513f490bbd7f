"""The proxy in front of the local AWS, its parsing of functions' requests, and the names that local servers accept."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.apigateway.events import Request
from infra.local.aws.calls import AwsCall, calls_of
from infra.local.aws.cloud import Access
from infra.local.aws.table_access import UnknownCall
from infra.local.deployment import Deployment
from infra.local.names import is_own

KEYS = {"T-apps": "client_id", "T-apps/index/by_owner": "owner", "T-tokens": "pk", "T-audit": "day"}


def asked(target: str, body: dict[str, Any], *, refused: bool = False) -> list[AwsCall]:
    request = Request(
        method="POST", path="/", query="", headers=(("X-Amz-Target", target),), body=json.dumps(body).encode(),
        source_ip="127.0.0.1", protocol="HTTP/1.1", request_id="r", host="localhost",
    )  # fmt: skip
    return list(calls_of("token", request, KEYS, refused=refused))


def call(action: str, resource: str, *partitions: str, names: str = "") -> AwsCall:
    attributes = tuple(names.split())
    return AwsCall(function="token", action=action, resource=resource, partitions=partitions, attributes=attributes)


def test_a_transaction_is_the_calls_that_iam_checks() -> None:
    writes = [
        {"Put": {"TableName": "T-tokens", "Item": {"pk": {"S": "feed"}, "sk": {"S": "x"}}}},
        {"Update": {"TableName": "T-apps", "Key": {"client_id": {"S": "a"}},
                    "UpdateExpression": "SET #s = :s, secrets[0].used = :u REMOVE scope ADD #n.#m :one",
                    "ConditionExpression": "attribute_exists(client_id) AND (version = :v OR NOT size(#n) > :v)",
                    "ExpressionAttributeNames": {"#s": "status", "#n": "count", "#m": "SET"}}},
        {"Delete": {"TableName": "T-apps", "Key": {"client_id": {"S": "b"}}}},
        {"Delete": {"TableName": "T-apps", "Key": {"client_id": {"S": "c"}}, "ConditionExpression": "apps = :none"}},
        {"ConditionCheck": {"TableName": "T-tokens", "Key": {"pk": {"S": "u"}, "sk": {"S": "y"}},
                            "ConditionExpression": "redeem_before BETWEEN :a AND :b"}},
    ]  # fmt: skip
    assert asked("DynamoDB_20120810.TransactWriteItems", {"TransactItems": writes}) == [
        call("dynamodb:PutItem", "T-tokens", "feed", names="pk sk"),
        call("dynamodb:UpdateItem", "T-apps", "a", names="client_id count scope secrets status version"),
        call("dynamodb:DeleteItem", "T-apps", "b", "c", names="apps client_id"),
        call("dynamodb:ConditionCheckItem", "T-tokens", "u", names="pk redeem_before sk"),
    ]


def test_a_batch_is_a_call_a_table_with_every_partition() -> None:
    wanted = {
        "T-apps": {"Keys": [{"client_id": {"S": "a"}}, {"client_id": {"S": "b"}}]},
        "T-tokens": {"Keys": [{"pk": {"S": "u"}, "sk": {"S": "x"}}]},
    }
    assert asked("DynamoDB_20120810.BatchGetItem", {"RequestItems": wanted}) == [
        call("dynamodb:BatchGetItem", "T-apps", "a", "b", names="client_id"),
        call("dynamodb:BatchGetItem", "T-tokens", "u", names="pk sk"),
    ]


def test_a_query_is_of_its_table_or_of_its_index() -> None:
    plain = {"KeyConditionExpression": "pk = :feed AND sk >= :s", "ExpressionAttributeValues": {":feed": {"S": "feed"}}}
    named = {
        "KeyConditionExpression": "#s = :l AND #p = :p",
        "ExpressionAttributeNames": {"#p": "owner", "#s": "created"},
        "ExpressionAttributeValues": {":p": {"S": "owner-1"}, ":l": {"S": "x"}},
    }
    assert asked("DynamoDB_20120810.Query", {"TableName": "T-tokens", **plain}) == [
        call("dynamodb:Query", "T-tokens", "feed", names="pk sk")
    ]
    assert asked("DynamoDB_20120810.Query", {"TableName": "T-apps", "IndexName": "by_owner", **named}) == [
        call("dynamodb:Query", "T-apps/index/by_owner", "owner-1", names="created owner")
    ]


def test_a_scan_names_no_partition() -> None:
    narrowed = {"ProjectionExpression": "#n0, sk", "ExpressionAttributeNames": {"#n0": "event"}}
    assert asked("DynamoDB_20120810.Scan", {"TableName": "T-audit", **narrowed}) == [
        call("dynamodb:Scan", "T-audit", names="event sk")
    ]


def test_secrets_are_named_by_their_arn() -> None:
    assert asked("secretsmanager.GetSecretValue", {"SecretId": "arn:s"}) == [
        call("secretsmanager:GetSecretValue", "arn:s")
    ]


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("DynamoDB_20120810.ExecuteStatement", {"Statement": 'SELECT * FROM "T-apps"'}),
        ("DynamoDB_20120810.Query", {"TableName": "T-apps", "KeyConditionExpression": "begins_with(a, :b)"}),
        (
            "DynamoDB_20120810.Query",
            {
                "TableName": "T-apps",
                "KeyConditionExpression": "name = :b",
                "ExpressionAttributeValues": {":b": {"S": "x"}},
            },
        ),
        (
            "DynamoDB_20120810.GetItem",
            {"TableName": "T-apps", "Key": {"client_id": {"S": "a"}}, "AttributesToGet": ["secrets"]},
        ),
        ("Kinesis_20131202.PutRecord", {}),
    ],
)
def test_what_can_not_be_read_is_not_overlooked(target: str, body: dict[str, Any]) -> None:
    with pytest.raises(UnknownCall):
        asked(target, body)


def test_a_stranger_invokes_and_changes_no_function(deployment: Deployment) -> None:
    access = deployment.running.access
    stranger = Access(endpoint=access.endpoint, key_id="AKIA0000000000000000", secret="x").client("lambda")
    name = deployment.running.functions["authorizer"]

    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        stranger.invoke(FunctionName=name, Payload=b"{}")
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        stranger.update_function_configuration(FunctionName=name, Environment={"Variables": {}})
    answer = access.client("lambda").invoke(FunctionName=name, Payload=b"{}")
    assert json.loads(answer["Payload"].read()) == {"isAuthorized": False}


def test_a_function_that_fails_says_so_as_lambda_does(deployment: Deployment) -> None:
    api = deployment.running.access.client("lambda")

    answer = api.invoke(FunctionName=deployment.running.functions["rotate_keys"], Payload=b'{"Step": "nonsense"}')

    assert answer["FunctionError"] == "Unhandled"
    assert "errorMessage" in json.loads(answer["Payload"].read())


def test_a_function_goes_on_as_the_version_that_its_alias_points_to(deployment: Deployment) -> None:
    api, name = deployment.running.access.client("lambda"), deployment.running.functions["metadata"]
    (alias,) = api.list_aliases(FunctionName=name)["Aliases"]
    before = api.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    deployment.invoke("metadata", {})
    changed = {**before, "GATEPOST_TEST_MARK": str(time.time())}
    running = deployment.functions["metadata"]

    api.update_function_configuration(FunctionName=name, Environment={"Variables": changed})
    version = api.publish_version(FunctionName=name)["Version"]
    assert running.config.environment == before

    api.update_alias(FunctionName=name, Name="live", FunctionVersion=version)
    assert (running.config.environment, running.config.version) == (changed, version)
    api.update_alias(FunctionName=name, Name="live", FunctionVersion=alias["FunctionVersion"])
    assert (running.config.environment, running.config.version) == (before, alias["FunctionVersion"])


OWN = ("localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LocalHost:8080", " localhost:8080\t")
OTHERS = (
    *("localhost:8081", "localhost", "localhost:", "localhost:８０８０", "localhost:+8080", "localhost.:8080"),
    *("localhost.rebound.example:8080", "rebound.example:8080", "rebound.example@localhost:8080", "0.0.0.0:8080"),
    *("127.0.0.1.rebound.example:8080", "\u00a0localhost:8080", "[::1]", "::1:8080", ""),
)


@pytest.mark.parametrize(
    ("hosts", "own"),
    [
        *(([host], True) for host in OWN),
        *(([host], False) for host in OTHERS),
        ([], False),
        (["localhost:8080", "localhost:8080"], False),
    ],
)
def test_a_server_is_called_by_the_names_of_loopback_and_its_port(hosts: list[str], own: bool) -> None:
    assert is_own(hosts, 8080) is own


def test_without_a_port_it_is_80_and_where_the_port_is_left_open_any_is_right() -> None:
    for host in ("localhost", "127.0.0.1", "[::1]"):
        assert is_own([host], 80)
        assert is_own([host])
    assert is_own(["127.0.0.1:1"])
    assert not is_own(["rebound.example:1"])
    assert not is_own(["localhost:x"])
