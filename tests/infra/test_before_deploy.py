"""The checks of `make deploy`, and the way of a running domain to the edge: its record stands at each step."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.configuration.context import ROOT, Configuration
from infra.tools.operator.before_deploy import FIRST, NotYet, arguments_of_the_first, main
from tests.infra.rendered import of_type
from tests.infra.synthesized import DOMAIN, ORIGIN, TARGET, Synthesized, synthesized
from tests.operating import ran


class Account:
    """CloudFormation in every region, with one stack."""

    def __init__(self, name: str, status: str = "CREATE_COMPLETE", template: Any = "") -> None:
        self._name, self._status, self._template = name, status, template

    def client(self, service: str, **_: str) -> Account:
        assert service == "cloudformation"
        return self

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        if StackName != self._name:
            refusal = {"Error": {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}}
            raise ClientError(refusal, "DescribeStacks")  # type: ignore[arg-type]
        return {"Stacks": [{"StackName": StackName, "StackStatus": self._status}]}

    def get_template(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        assert StackName == self._name
        return {"TemplateBody": self._template}


def configured(**values: Any) -> Configuration:
    return Configuration(settings={}, stage="prod", **values)


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"])
def test_a_stack_that_is_not_there_or_was_never_made_is_made_without_protection_first(status: str) -> None:
    for there in (Account("Gatepost-dev"), Account("Gatepost-prod", status)):
        assert arguments_of_the_first(configured(), there) == FIRST
    assert arguments_of_the_first(configured(deletion_protection=False), Account("Gatepost-dev")) == ""


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_tables_that_are_there_never_lose_their_protection(status: str) -> None:
    assert arguments_of_the_first(configured(), Account("Gatepost-prod", status)) == ""


@pytest.mark.parametrize("template", [f"HeaderValue {ORIGIN}", {"DomainName": ORIGIN}])
def test_an_edge_of_before_is_not_made_a_second_time(template: Any) -> None:
    account = Account("Gatepost-prod-edge", template=template)
    with pytest.raises(NotYet, match=r'set gatepost\.edge_name to "Gatepost-prod-edge" for it'):
        arguments_of_the_first(configured(edge=True, edge_origin=ORIGIN), account)

    for settings in (
        {"edge_origin": ORIGIN, "edge_name": "Gatepost-prod-edge"},
        {"edge_origin": ORIGIN.replace("eu-west-1", "eu-west-2")},
    ):
        assert arguments_of_the_first(configured(edge=True, **settings), account) == FIRST


def test_a_refusal_of_aws_or_a_bad_stage_stops_the_deployment_with_one_sentence(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["nowhere"]) == 1
    assert capfd.readouterr().err == 'cdk.json: gatepost.stage is "nowhere"; allowed is dev or prod.\n'
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert main(["prod"]) == 1
    assert capfd.readouterr().err == "Can't find out from AWS what is deployed: You must specify a region.\n"


def test_make_deploy_deploys_twice_what_is_not_there_and_else_once(tmp_path: Path) -> None:
    """The recipe, with programs of the test in the place of Python and of CDK."""
    shutil.copy(ROOT / "Makefile", tmp_path / "Makefile")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    python = tmp_path / ".venv" / "bin" / "python"
    python.write_text(
        '#!/bin/sh\ncase "$*" in *before_deploy*) echo "$FIRST"; exit ${STOP:-0};; *--may*) ;; '
        '*cdk_cli*) shift 2; echo "CDK $*";; esac\n'
    )
    python.chmod(0o755)
    made = {"FIRST": FIRST, "STOP": "0"}
    there = {"FIRST": "", "STOP": "0"}
    stopped = {"FIRST": "", "STOP": "1"}

    def deployed(environment: dict[str, str]) -> list[str]:
        command = ["make", "-o", ".venv/.synced", "-o", ".build/cdk/.synced", "deploy", "STAGE=prod"]
        done = ran(*command, cwd=tmp_path, env={**os.environ, **environment})
        return [line for line in done.stdout.splitlines() if line.startswith("CDK")]

    (tmp_path / ".venv" / ".synced").touch()
    once = "CDK deploy --all --context gatepost.stage=prod"
    assert deployed(made) == [f"{once} {FIRST}", once]
    assert deployed(there) == [once]
    assert deployed(stopped) == []


Steps = dict[str, Synthesized]


@pytest.fixture(scope="module")
def steps() -> Steps:
    return {name: synthesized(name) for name in ("running", "beside", "led", "done")}


def records(step: Synthesized) -> dict[tuple[str, str], dict[str, Any]]:
    """The records of the domain by stack and logical id."""
    return {
        (stack, logical): each
        for stack, template in step.templates.items()
        for logical, each in of_type(template, "AWS::Route53::RecordSet").items()
    }


def led_to(step: Synthesized) -> list[Any]:
    return [each["AliasTarget"]["DNSName"] for each in records(step).values()]


def test_a_record_for_the_issuer_stands_at_every_step_in_the_same_place(steps: Steps) -> None:
    """The same resource of the same stack: CloudFormation changes it and never deletes it to make another one."""
    places = [sorted(records(step)) for step in steps.values()]

    assert len(places[0]) == 2
    assert places == [places[0]] * 4
    assert {stack for stack, _ in places[0]} == {"Gatepost"}
    for step in steps.values():
        kinds = [(each["Name"], each["Type"]) for each in records(step).values()]
        assert sorted(kinds) == [(DOMAIN, "A"), (DOMAIN, "AAAA")]


def test_the_record_is_changed_once_and_leads_to_what_was_deployed_before(steps: Steps) -> None:
    (name,) = of_type(steps["running"].main, "AWS::ApiGatewayV2::DomainName")
    api = {"Fn::GetAtt": [name, "RegionalDomainName"]}

    assert [led_to(step) for step in steps.values()] == [[api] * 2, [api] * 2, [TARGET] * 2, [TARGET] * 2]
    serving = [set(of_type(each.main, "AWS::ApiGatewayV2::DomainName")) for each in steps.values()]
    assert serving == [{name}, {name}, {name}, set()]  # it goes after nothing leads there any more
    assert [len(each.templates) for each in steps.values()] == [1, 2, 2, 2]  # first the distribution
    for each in records(steps["done"]).values():
        assert each["AliasTarget"]["HostedZoneId"] == "Z2FDTNDATAQYW2"


def test_each_step_changes_what_it_says_and_the_distribution_stays(steps: Steps) -> None:
    edges = [steps[name].edge for name in ("beside", "led", "done")]
    assert edges[0] == edges[1] == edges[2]
    issuers = {
        each["Environment"]["Variables"]["GATEPOST_ISSUER"]
        for step in steps.values()
        for each in of_type(step.main, "AWS::Lambda::Function").values()
    }
    assert issuers == {f"https://{DOMAIN}"}
    changed = [
        logical
        for logical, resource in steps["beside"].main["Resources"].items()
        if steps["led"].main["Resources"][logical] != resource
    ]
    assert sorted(changed) == sorted(logical for _, logical in records(steps["led"]))


def test_an_order_that_deletes_the_record_first_is_refused() -> None:
    def asked(template: str, **values: Any) -> str:
        made = Configuration(
            settings={}, stage="prod", domain_name=DOMAIN, hosted_zone_id="Z0123456789", edge=True, **values
        )
        return arguments_of_the_first(made, Account("Gatepost-prod", template=template))

    with pytest.raises(NotYet, match=r"The record of auth\.example\.com is in the stack Gatepost-prod") as refused:
        asked('{"Type": "AWS::Route53::RecordSet"}')
    assert "keep certificate_arn until edge_target is set and deployed" in str(refused.value)
    assert asked('{"Type": "AWS::Route53::RecordSet"}', certificate_arn="arn:aws:acm:x", edge_origin=ORIGIN) == ""
    assert asked('{"Type": "AWS::Route53::RecordSet"}', edge_target=TARGET, edge_origin=ORIGIN) == ""
    assert asked("{}") == ""  # records of an edge that was made with the domain are in its own stack
