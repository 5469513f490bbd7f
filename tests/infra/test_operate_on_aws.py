"""The operator's commands with STAGE: the stack is found through CloudFormation, here on the local AWS."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from gatepost.stores.record_keys import UserKey
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment
from infra.tools.operator.leaked_key import _hand_back, _Moved, _start_anew, end_keys, replace_processes
from infra.tools.operator.target import NotPossible, Target
from tests.operating import account_of, operate, stage_prod
from tests.people import Person


@pytest.fixture
def account(deployment: Deployment) -> dict[str, str]:
    return account_of(deployment)


def test_a_stage_is_found_with_its_tables_functions_and_settings(
    deployment: Deployment, account: dict[str, str], person: Person
) -> None:
    without_default = {name: value for name, value in account.items() if name != "AWS_DEFAULT_REGION"}

    status, said = operate("admin", "--stage", "local", "--", person.name, **without_default)  # AWS_REGION as for CDK

    assert status == 0, said
    assert said.startswith(f"{person.name} is an administrator now: http")
    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert user is not None
    assert user.role == "administrator"
    deployment.store.set_user_rights(person.user.user_id, role="user")

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


# --- what the local AWS has not: a function that fails, and what a canary leaves


@pytest.fixture
def api() -> Any:
    return boto3.client("lambda", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")


TOKEN = {"FunctionName": "fn-token"}


def target_with(api: Any, stack: str = "") -> Target:
    return stage_prod(lambda _: api, "token", stack=stack)


def test_a_key_that_could_not_be_ended_is_said_with_what_to_do(api: Any) -> None:
    told = {"ISSUER": "https://id.example.test", "SECRET_SIGNING": "arn:signing", "SECRET_REFRESH": "arn:refresh"}
    environment = {f"GATEPOST_{name}": value for name, value in told.items()}
    failure = json.dumps({"errorMessage": "no such table", "errorType": "ServerError"}).encode()
    payload = StreamingBody(io.BytesIO(failure), len(failure))
    with Stubber(api) as stubbed:
        stubbed.add_response("get_function_configuration", {"Environment": {"Variables": environment}})
        stubbed.add_response("invoke", {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": payload})
        with pytest.raises(NotPossible) as refused:
            end_keys(target_with(api), "signing")

    assert str(refused.value) == (
        "The function rotate_keys failed: no such table. Run the command again until it says that it is done."
    )


Answer = tuple[str, dict[str, Any], dict[str, Any] | None]
UPDATED: list[Answer] = [
    ("get_function_configuration", {"Environment": {"Variables": {"A": "1"}}, "RevisionId": "r1"}, TOKEN),
    ("update_function_configuration", {"LastUpdateStatus": "InProgress"}, None),
    ("get_function", {"Configuration": {"LastUpdateStatus": "Successful"}}, TOKEN),
]
MOVED: list[Answer] = [
    ("list_aliases", {"Aliases": [{"Name": "live", "FunctionVersion": "3"}]}, TOKEN),
    ("publish_version", {"Version": "4"}, TOKEN),
    ("get_function_configuration", {"State": "Active"}, {**TOKEN, "Qualifier": "4"}),
    (
        "update_alias",
        {"Name": "live", "RevisionId": "r2"},
        {**TOKEN, "Name": "live", "FunctionVersion": "4", "RoutingConfig": {"AdditionalVersionWeights": {}}},
    ),
]
BACK = {**TOKEN, "Name": "live", "FunctionVersion": "3", "RevisionId": "r2"}


def answering(stubbed: Stubber, answers: list[Answer]) -> None:
    for operation, answer, expected in answers:
        stubbed.add_response(operation, answer, expected)


@pytest.mark.parametrize(
    ("answers", "moved"),
    [
        ([*UPDATED, *MOVED], _Moved(function="fn-token", version="4", revision="r2")),
        ([*UPDATED, ("list_aliases", {"Aliases": []}, TOKEN)], None),
    ],
    ids=["a canary under way is ended by a version that gets every call", "from before there were aliases"],
)
def test_a_function_starts_anew_whatever_its_alias_points_to(
    api: Any, answers: list[Answer], moved: _Moved | None
) -> None:
    with Stubber(api) as stubbed:
        answering(stubbed, answers)

        assert _start_anew(api, "fn-token") == moved

        stubbed.assert_no_pending_responses()


@pytest.mark.parametrize("meanwhile", [False, True])
def test_an_alias_goes_back_to_the_version_of_the_stack_unless_a_deployment_moved_it_meanwhile(
    api: Any, meanwhile: bool
) -> None:
    deleted: Answer = ("delete_function", {}, {"FunctionName": "fn-token:4"})
    with Stubber(api) as stubbed:
        if meanwhile:
            stubbed.add_client_error("update_alias", "PreconditionFailedException", expected_params=BACK)
        else:
            answering(stubbed, [("update_alias", {"RevisionId": "r3"}, BACK), deleted])

        _hand_back(api, _Moved(function="fn-token", version="4", revision="r2"), "3")

        stubbed.assert_no_pending_responses()


class UnderWay:
    """An account in which the stack is being deployed; everything that is asked of Lambda is noted."""

    def __init__(self, status: str = "UPDATE_IN_PROGRESS") -> None:
        self.asked: list[str] = []
        self._status = status

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        return {"Stacks": [{"StackName": StackName, "StackStatus": self._status}]}

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(FunctionName)
        return {"Environment": {"Variables": {"GATEPOST_ISSUER": "https://id.example.test"}}}


def test_while_a_deployment_moves_the_aliases_the_processes_are_left_to_read_the_key_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    account = UnderWay()

    replace_processes(target_with(account, "Gatepost-prod"), ["signing"])

    assert account.asked == ["fn-rotate"]  # the settings, and no function is changed
    assert slept == [305]  # after `secret_refresh` a process reads its secrets again
    assert capsys.readouterr().out == (
        "the stage prod is being deployed, and its functions belong to the deployment. In 305 seconds every process "
        "has read the new key ...\n"
    )


@pytest.mark.parametrize(
    ("status", "changing"),
    [
        ("UPDATE_IN_PROGRESS", True),
        ("UPDATE_ROLLBACK_IN_PROGRESS", True),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", False),
        ("UPDATE_COMPLETE", False),
    ],
)
def test_a_stack_that_moves_its_aliases_is_told_from_one_that_cleans_up(status: str, changing: bool) -> None:
    assert target_with(UnderWay(status), "Gatepost-prod").is_changing is changing
