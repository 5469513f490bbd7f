"""The operator's commands with STAGE: the stack is found through CloudFormation, here on the local AWS."""

from __future__ import annotations

import io
import json
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from gatepost.stores.record_keys import UserKey
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment
from infra.tools.operator.leaked_key import _start_anew, end_keys
from infra.tools.operator.target import NotPossible, Target
from tests.operating import account_of, operate
from tests.people import Person


@pytest.fixture
def account(deployment: Deployment) -> dict[str, str]:
    return account_of(deployment)


def test_a_stage_is_found_with_its_tables(deployment: Deployment, account: dict[str, str], person: Person) -> None:
    status, said = operate("admin", "--stage", "local", "--", person.name, **account)

    assert status == 0, said
    assert said.startswith(f"{person.name} is an administrator now: http")
    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert user is not None
    assert user.role == "administrator"


def test_a_stage_is_found_with_its_functions_and_settings(account: dict[str, str], person: Person) -> None:
    status, said = operate("erase_user", "--stage", "local", "--yes", "--", person.name, **account)

    assert status == 0, said
    assert said.startswith(f"{person.name} is erased from the stage local.\n")
    assert "Its access tokens are refused within 2 seconds." in said


def test_a_stage_that_is_not_there_is_said_in_a_sentence(account: dict[str, str]) -> None:
    assert operate("admin", "--stage", "prod", "--", "maria", **account) == (
        1,
        "There is no stack Gatepost-prod in us-east-1: deploy it, or name its region in AWS_REGION.\n",
    )


@pytest.mark.parametrize("stage", ["Prod", "prod;x", "../x"])
def test_what_can_not_be_a_stage_is_said_in_a_sentence(stage: str) -> None:
    assert operate("admin", "--stage", stage, "--", "maria") == (
        1,
        f"STAGE is {stage}; allowed is the name of a stage of cdk.json, like prod.\n",
    )


def test_without_credentials_or_a_region_it_says_so(account: dict[str, str]) -> None:
    nowhere = {name: account[name] for name in ("AWS_ENDPOINT_URL", "AWS_EC2_METADATA_DISABLED")}

    status, said = operate("admin", "--stage", "prod", "--", "maria", **nowhere)
    assert (status, said) == (1, "AWS can't be reached: You must specify a region.\n")
    status, said = operate("admin", "--stage", "prod", "--", "maria", **nowhere, AWS_DEFAULT_REGION=REGION)
    assert (status, said) == (1, "AWS can't be reached: Unable to locate credentials\n")


# --- what the local AWS has not: a function that fails, and SnapStart's versions


@pytest.fixture
def api() -> Any:
    return boto3.client("lambda", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")


def target_with(api: Any) -> Target:
    return Target(
        name="the stage prod",
        client=lambda service: api,
        base_url="https://id.example.test",
        tables={},
        functions={"rotate_keys": "fn-rotate", "token": "fn-token"},
        backed_up=True,
    )


def test_a_key_that_could_not_be_ended_is_said_with_what_to_do(api: Any) -> None:
    environment = {
        "GATEPOST_ISSUER": "https://id.example.test",
        "GATEPOST_SECRET_SIGNING": "arn:signing",
        "GATEPOST_SECRET_REFRESH": "arn:refresh",
    }
    failure = json.dumps({"errorMessage": "no such table", "errorType": "ServerError"}).encode()
    with Stubber(api) as stubbed:
        stubbed.add_response("get_function_configuration", {"Environment": {"Variables": environment}})
        stubbed.add_response(
            "invoke",
            {
                "StatusCode": 200,
                "FunctionError": "Unhandled",
                "Payload": StreamingBody(io.BytesIO(failure), len(failure)),
            },
        )
        with pytest.raises(NotPossible) as refused:
            end_keys(target_with(api), "signing")

    assert str(refused.value) == (
        "The function rotate_keys failed: no such table. Run the command again until it says that it is done."
    )


def test_a_function_that_is_called_by_an_alias_gets_a_new_version_behind_it(api: Any) -> None:
    name = {"FunctionName": "fn-token"}
    with Stubber(api) as stubbed:
        stubbed.add_response(
            "get_function_configuration", {"Environment": {"Variables": {"A": "1"}}, "RevisionId": "r1"}, name
        )
        stubbed.add_response("update_function_configuration", {"LastUpdateStatus": "InProgress"})
        stubbed.add_response("get_function", {"Configuration": {"LastUpdateStatus": "Successful"}}, name)
        stubbed.add_response("list_aliases", {"Aliases": [{"Name": "live", "FunctionVersion": "3"}]}, name)
        stubbed.add_response("publish_version", {"Version": "4"}, name)
        stubbed.add_response("get_function_configuration", {"State": "Active"}, {**name, "Qualifier": "4"})
        stubbed.add_response("update_alias", {"Name": "live"}, {**name, "Name": "live", "FunctionVersion": "4"})

        _start_anew(api, "fn-token")

        stubbed.assert_no_pending_responses()
