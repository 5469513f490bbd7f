"""`make lint-template', and the table of sizes of `make synth`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from infra.configuration.context import ROOT, Configuration, read_configuration
from infra.tools.sizes import Size, measured, table
from infra.tools.template_checks.__main__ import TEMPLATES
from infra.tools.template_checks.acknowledged import ACKNOWLEDGED
from infra.tools.template_checks.findings import Acknowledgement, Finding, outlived, unexplained
from infra.tools.template_checks.tools import ToolFailed, cfn_lint, checkov_findings

VPC = Finding(rule="CKV_AWS_117", resource="Gatepost/Functions/Token/Resource", text="not in a VPC")
REASON = Acknowledgement(rules=("CKV_AWS_117",), resources=("Gatepost/Functions/*/Resource",), reason="no VPC")


def test_a_finding_without_a_reason_has_to_be_mended() -> None:
    other_rule = Finding(rule="CKV_AWS_116", resource=VPC.resource, text="no queue")
    other_place = Finding(rule=VPC.rule, resource="Gatepost/Api/Custom/Resource", text="not in a VPC")
    assert unexplained([VPC, other_rule, other_place], [REASON]) == [other_rule, other_place]


def test_a_reason_that_no_finding_needs_is_noticed() -> None:
    two = Acknowledgement(
        rules=("CKV_AWS_117", "CKV_AWS_999"), resources=("Gatepost/Functions/*", "Gatepost/Gone/*"), reason="no VPC"
    )
    gone = Acknowledgement(rules=("W1",), resources=("Gatepost/Api/*",), reason="gone")
    assert list(outlived([VPC], [REASON])) == []
    assert list(outlived([VPC], [two, gone])) == [
        "CKV_AWS_999 finds nothing in Gatepost/Functions/*, Gatepost/Gone/*",
        "CKV_AWS_117, CKV_AWS_999 finds nothing in Gatepost/Gone/*",
        "W1 finds nothing in Gatepost/Api/*",
    ]


def test_no_acknowledgement_is_for_everything() -> None:
    for each in ACKNOWLEDGED:
        assert each.reason.endswith(".")
        for pattern in each.resources:
            stack, *rooms, resource = pattern.split("/")
            assert stack in {"Gatepost", "GatepostEdge"}
            assert rooms or stack == "GatepostEdge"
            assert all(room.isalpha() for room in rooms[:1])
            assert resource != "*"


def test_a_fault_of_the_template_is_found_at_its_construct(tmp_path: Path) -> None:
    template = tmp_path / "t.template.json"
    table = {"Type": "AWS::Logs::LogGroup", "Properties": {"Retention": 7}}
    template.write_text(json.dumps({"Resources": {"Logs12345678": table}}))
    assert list(cfn_lint(template, {"Logs12345678": "Gatepost/Logs"})) == [
        Finding(
            rule="E3002",
            resource="Gatepost/Logs",
            text="Additional properties are not allowed ('Retention' was unexpected) (Properties.Retention)",
        )
    ]


def test_an_unreadable_template_is_no_clean_result(tmp_path: Path) -> None:
    (finding,) = cfn_lint(tmp_path / "none.template.json", {})
    assert finding.rule == "E0003"
    for report in ({"passed": 0, "resource_count": 0}, {"summary": {"parsing_errors": 1, "resource_count": 0}}):
        with pytest.raises(ToolFailed, match=r"^checkov could not read the template\.$"):
            list(checkov_findings(report, {}))


def test_a_failed_check_of_checkov_is_a_finding_at_its_construct() -> None:
    failed = {"check_id": "CKV_AWS_26", "check_name": "Ensure all data is encrypted", "resource": "AWS::SNS::Topic.A"}
    report = {"summary": {"parsing_errors": 0, "resource_count": 1}, "results": {"failed_checks": [failed]}}
    assert list(checkov_findings(report, {"A": "Gatepost/Alarms/Topic"})) == [
        Finding(rule="CKV_AWS_26", resource="Gatepost/Alarms/Topic", text="Ensure all data is encrypted")
    ]


def test_what_is_checked_turns_every_part_of_the_stack_on() -> None:
    contexts = [Configuration(settings={}), *(configured(context) for context in TEMPLATES.values())]
    plain, *checked = contexts
    # what changes a number or a text of a resource, but makes none
    same = {
        *("settings", "stage", "issuer", "log_level", "key_rotation_days", "throttle_scale", "throttles"),
        *("edge_rate_limit", "edge_secret", "edge_name", "first_deployment", "use_dualstack_endpoint"),
        "mail_identities",
        *("architecture", "python"),  # those of the machine
        "tracing",  # on as shipped
    }

    off = {f.name for f in fields(Configuration) if all(getattr(c, f.name) == getattr(plain, f.name) for c in checked)}
    assert off <= same, off - same
    assert {"own", "boto3"} == {context.settings.get("aws_client", "own") for context in checked}


def configured(context: Mapping[str, Any]) -> Configuration:
    given = {f"gatepost.{name}": value for name, value in context.items()}
    return read_configuration(ROOT / "cdk.json", {"CDK_CONTEXT_JSON": json.dumps(given)})


TEMPLATE = {
    "Resources": {
        "FunctionsTokensLayer1234ABCD": {
            "Type": "AWS::Lambda::LayerVersion",
            "Properties": {"Content": {"S3Key": "layer.zip"}},
        },
        "FunctionsRotateKeys1234ABCD": {
            "Type": "AWS::Lambda::Function",
            "Metadata": {"gatepost:function": "rotate_keys"},
            "Properties": {"Code": {"S3Key": "code.zip"}, "Layers": [{"Ref": "FunctionsTokensLayer1234ABCD"}]},
        },
        "FunctionsRole": {"Type": "AWS::IAM::Role"},
    }
}


def test_the_table_shows_what_a_function_weighs_with_its_layers() -> None:
    lines = list(table(TEMPLATE, {"layer.zip": Size(1_500_000, 2_500_000), "code.zip": Size(900, 1_200)}))
    assert lines == [
        "layer                 zipped      unzipped",
        "tokens            1,500.0 kB    2,500.0 kB",
        "",
        "function              zipped      unzipped   with layers  layers",
        "rotate_keys           0.9 kB        1.2 kB    2,501.2 kB  tokens",
    ]


def test_a_folder_weighs_what_its_files_do(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "zeros").write_bytes(bytes(100_000))
    (tmp_path / "one").write_bytes(b"1")
    size = measured(tmp_path)
    assert size.unzipped == 100_001
    assert 100 < size.zipped < 1000
