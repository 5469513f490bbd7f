"""`make edge-secret` in an unexpected state: no value that CloudFront sends is replaced. S129."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.tools.operator.edge_secret import fill
from infra.tools.operator.target import NotPossible, Target
from tests.operating import operate, stage_prod

ONE, OTHER = "1" * 64, "2" * 64
BEFORE = {"a": ONE, "b": OTHER}
REFERENCE = "{{resolve:secretsmanager:Gatepost-prod-edge:SecretString:%s}}"
TOLD = {"GATEPOST_ISSUER": "https://id.example.test", "GATEPOST_SECRET_EDGE": "arn:edge"}
HOME, ABROAD = "eu-west-1", "us-east-1"


class Account:
    """The AWS services that the command calls; the replica is outdated for `lagging` calls."""

    def __init__(self, *, status: str = "UPDATE_COMPLETE", template: Any = REFERENCE % "a", lagging: int = 0) -> None:
        self.slots = dict(BEFORE)
        self.told = dict(TOLD)
        self._status, self._template, self._lagging = status, template, lagging
        self.asked: list[tuple[str, str]] = []  # services and regions

    def target(self, stack: str = "Gatepost-prod") -> Target:
        return stage_prod(self._client, "token", stack=stack)

    def _client(self, service: str, region_name: str = HOME) -> Account:
        self.asked.append((service, region_name))
        return self

    def get_function_configuration(self, **_: str) -> dict[str, Any]:
        return {"Environment": {"Variables": self.told}}

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        assert StackName == "Gatepost-prod-edge"
        return {"Stacks": [{"StackStatus": self._status}]}

    def get_template(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        assert StackName == "Gatepost-prod-edge"
        return {"TemplateBody": self._template}

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
        if SecretId == "arn:edge":
            return {"Name": "Gatepost-prod-edge", "SecretString": json.dumps(self.slots)}
        assert (SecretId, self.asked[-1]) == ("Gatepost-prod-edge", ("secretsmanager", ABROAD))
        self._lagging -= 1
        return {"SecretString": json.dumps(BEFORE if self._lagging >= 0 else self.slots)}

    def put_secret_value(self, SecretId: str, SecretString: str) -> None:  # noqa: N803
        assert (SecretId, self.asked[-1]) == ("arn:edge", ("secretsmanager", HOME))
        self.slots = json.loads(SecretString)


@pytest.mark.parametrize(("sent", "filled"), [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("parsed", [False, True], ids=["text", "parsed"])
def test_s129_the_value_that_is_sent_stays_and_the_other_is_fresh(sent: str, filled: str, *, parsed: bool) -> None:
    text = REFERENCE % sent
    account, again = (
        Account(template={"Resources": {"Distribution": [{"HeaderValue": text}]}} if parsed else text) for _ in range(2)
    )

    assert fill(account.target()) == fill(again.target()) == filled
    assert account.slots[sent] == BEFORE[sent]
    assert len(account.slots[filled]) == 64
    assert account.slots[filled] not in (*BEFORE.values(), again.slots[filled])


def test_s129_the_command_waits_for_the_region_of_cloudfront() -> None:
    account = Account(lagging=1)
    assert fill(account.target()) == "b"

    with pytest.raises(NotPossible) as refused:
        fill(Account(lagging=9).target(), longest=0)
    assert str(refused.value) == "The value did not reach us-east-1 in 0 seconds. Run the command again."


@pytest.mark.parametrize(
    ("status", "template"),
    [
        *(
            (f"UPDATE_{status}", REFERENCE % "a")
            for status in ("IN_PROGRESS", "COMPLETE_CLEANUP_IN_PROGRESS", "FAILED")
        ),
        ("DELETE_COMPLETE", REFERENCE % "a"),
        *(("UPDATE_COMPLETE", text) for text in ("{}", (REFERENCE % "a") + (REFERENCE % "b"), REFERENCE % "c")),
    ],
)
def test_s129_where_it_can_not_tell_what_is_sent_it_replaces_nothing(status: str, template: str) -> None:
    account = Account(status=status, template=template)

    with pytest.raises(NotPossible) as refused:
        fill(account.target())
    assert str(refused.value) == (
        f"The stack Gatepost-prod-edge is {status}: which value is sent can't be told. Deploy it first."
    )
    assert account.slots == BEFORE


def test_s129_without_an_edge_there_is_nothing_to_replace() -> None:
    account = Account()
    del account.told["GATEPOST_SECRET_EDGE"]

    with pytest.raises(NotPossible, match=r"^There is no edge before the stage prod\.$"):
        fill(account.target())
    with pytest.raises(
        NotPossible, match=r"^There is no edge before a deployment on this machine\. STAGE names one in AWS\.$"
    ):
        fill(account.target(stack=""))
    assert account.slots == BEFORE


def test_s129_the_command_takes_a_stage_only() -> None:
    assert operate("edge_secret", "--stage", "Prod") == (
        1,
        "STAGE is Prod; allowed is the name of a stage of cdk.json, like prod.\n",
    )
