"""Published versions: what makes a new one, and that nothing but the alias `live` is called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

from infra.configuration.allowed_values import BadContext
from infra.configuration.context import ROOT, configuration
from infra.local.synthesis import machine_context, synthesize
from infra.stack.function_table import FUNCTIONS
from tests.conftest import Deploy
from tests.infra.rendered import Template, functions, of_type
from tests.people import new_client, new_person

COPIED = ("cdk.json", "functions", "infra", "layers", "requirements")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a synthesis reads, to be edited; what was built before is shared."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    (folder / ".build").mkdir()
    (folder / ".build" / "bundles").symlink_to(ROOT / ".build" / "bundles")
    return folder


def synthesized(checkout: Path, **context: Any) -> Template:
    """The template of `dev`, as this checkout has it."""
    given = {**machine_context(), "stage": "dev", **context}
    out = checkout / "cdk.out"
    environment = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps({f"gatepost.{key}": value for key, value in given.items()}),
        "CDK_OUTDIR": str(out),
        "CDK_VALIDATION": "false",
    }
    subprocess.run([sys.executable, str(checkout / "infra" / "app.py")], check=True, env=environment)
    template: Template = json.loads((out / "Gatepost.template.json").read_text())
    return template


def versions(template: Template) -> set[str]:
    return set(of_type(template, "AWS::Lambda::Version"))


def test_an_edited_layer_makes_a_new_version_of_each_function_that_has_it(checkout: Path) -> None:
    first = synthesized(checkout)
    before = versions(first)
    module = checkout / "layers" / "gatepost" / "python" / "gatepost" / "oauth" / "pkce.py"
    module.write_text(module.read_text() + "\nEDITED = True\n")

    after = versions(synthesized(checkout))

    assert len(before) == len(after) == len(functions(first))
    assert not before & after


def test_a_version_is_published_when_code_or_configuration_change_and_only_then() -> None:
    def rendered(**context: Any) -> Template:
        given = {**machine_context(), "stage": "dev", "demo": False, **context}
        return dict(synthesize(given, ROOT / "functions").template)

    first = versions(rendered())

    assert versions(rendered(log_retention_days=14)) == first
    assert not versions(rendered(code_lifetime=59)) & first


def called(template: Template, function: str) -> dict[str, str]:
    """A reference to the alias of a function, after it was seen to point to the function's own version."""
    (logical,) = (
        n for n, r in template["Resources"].items() if r.get("Metadata", {}).get("gatepost:function") == function
    )
    (alias,) = (n for n, a in of_type(template, "AWS::Lambda::Alias").items() if a["FunctionName"] == {"Ref": logical})
    properties = template["Resources"][alias]["Properties"]
    version = properties["FunctionVersion"]["Fn::GetAtt"][0]
    assert properties["Name"] == "live"
    assert of_type(template, "AWS::Lambda::Version")[version]["FunctionName"] == {"Ref": logical}
    return {"Ref": alias}


def test_every_function_is_called_by_its_alias_and_by_nothing_else(template: Template) -> None:
    """A caller of `$LATEST` meets new code with old layers for seconds: CloudFormation updates them one by one."""
    aliases = {name: called(template, name) for name in functions(template)}
    specs = {spec.name: spec for spec in FUNCTIONS}
    serving = [alias for name, alias in aliases.items() if specs[name].serves and name != "authorizer"]
    by_aws = [alias for name, alias in aliases.items() if specs[name].serves or specs[name].rotates_secrets]
    (authorizer,) = of_type(template, "AWS::ApiGatewayV2::Authorizer").values()
    schedules = of_type(template, "AWS::SecretsManager::RotationSchedule").values()
    integrations = of_type(template, "AWS::ApiGatewayV2::Integration").values()
    permissions = of_type(template, "AWS::Lambda::Permission").values()

    assert sorted(str(each["IntegrationUri"]) for each in integrations) == sorted(map(str, serving))
    assert [part for part in authorizer["AuthorizerUri"]["Fn::Join"][1] if part in aliases.values()] == [
        aliases["authorizer"]
    ]
    assert [each["RotationLambdaARN"] for each in schedules] == [aliases["rotate_keys"]] * 2
    assert sorted(str(each["FunctionName"]) for each in permissions) == sorted(map(str, by_aws))
    arns = [logical for logical in template["Resources"] if f'"{logical}", "Arn"' in json.dumps(template)]
    assert not set(arns) & set(of_type(template, "AWS::Lambda::Function"))


def test_an_update_calls_nothing_before_it_may_be_called(template: Template) -> None:
    permissions = of_type(template, "AWS::Lambda::Permission")
    for kind in ("AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Authorizer"):
        for logical, each in of_type(template, kind).items():
            (first,) = template["Resources"][logical]["DependsOn"]
            assert str(permissions[first]["FunctionName"]) in str(each)


@pytest.fixture(scope="module")
def shifted() -> Template:
    given = {**machine_context(), "stage": "prod", "canary": ["token", "authorizer"]}
    return dict(synthesize(given, ROOT / "functions").template)


def test_no_traffic_is_shifted_unless_asked_for(template: Template) -> None:
    assert "CodeDeploy" not in json.dumps(template)


def test_a_tenth_of_the_calls_of_chosen_functions_meets_the_new_version_first(shifted: Template) -> None:
    policies = {
        name: shifted["Resources"][called(shifted, name)["Ref"]].get("UpdatePolicy") for name in functions(shifted)
    }
    groups = of_type(shifted, "AWS::CodeDeploy::DeploymentGroup")
    ((application, properties),) = of_type(shifted, "AWS::CodeDeploy::Application").items()

    assert properties == {"ComputePlatform": "Lambda"}
    assert {name for name, policy in policies.items() if policy} == {"token", "authorizer"}
    used = []
    for name in ("token", "authorizer"):
        policy = policies[name]["CodeDeployLambdaAliasUpdate"]
        assert policy["ApplicationName"] == {"Ref": application}
        used.append(policy["DeploymentGroupName"]["Ref"])
    assert sorted(used) == sorted(groups)
    for group in groups.values():
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent10Minutes"
        assert group["DeploymentStyle"] == {
            "DeploymentOption": "WITH_TRAFFIC_CONTROL", "DeploymentType": "BLUE_GREEN"
        }  # fmt: skip


def test_the_alarms_that_a_new_version_can_cause_take_it_back(shifted: Template) -> None:
    alarms = of_type(shifted, "AWS::CloudWatch::Alarm")
    for group in of_type(shifted, "AWS::CodeDeploy::DeploymentGroup").values():
        watched = [alarms[each["Name"]["Ref"]]["AlarmName"] for each in group["AlarmConfiguration"]["Alarms"]]
        assert group["AlarmConfiguration"]["Enabled"] is True
        assert [name.split("prod-")[-1] for name in watched] == [
            *("server-errors", "function-errors-1", "function-errors-2", "authorizer-errors"),
        ]
        assert len(watched) <= 10  # CodeDeploy takes no more
        assert group["AutoRollbackConfiguration"] == {
            "Enabled": True,
            "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        }


def test_codedeploy_may_move_aliases_by_the_role_that_aws_keeps_for_it(shifted: Template) -> None:
    (group, _) = of_type(shifted, "AWS::CodeDeploy::DeploymentGroup").values()
    role = shifted["Resources"][group["ServiceRoleArn"]["Fn::GetAtt"][0]]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    (policy,) = role["ManagedPolicyArns"]

    assert statement["Principal"] == {"Service": "codedeploy.amazonaws.com"}
    assert policy["Fn::Join"][1][-1] == ":iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"
    assert "Policies" not in role


def test_traffic_is_shifted_only_where_alarms_can_take_it_back() -> None:
    scopes = {"scopes": {"read": "Read your data"}}
    with pytest.raises(BadContext, match="alarms is false; allowed is true where canary names functions"):
        configuration({**scopes, "canary": ["token"]})
    with pytest.raises(BadContext, match=r'canary is \["rotate_keys"\]; allowed is a list of functions of the API'):
        configuration({**scopes, "alarms": True, "canary": ["rotate_keys"]})


def test_the_local_deployment_moves_an_alias_at_once_instead(deploy: Deploy) -> None:
    deployment = deploy(overrides={"canary": ["token"]})
    assert new_client(deployment, new_person(deployment)).token(grant_type="client_credentials").status_code == 200


def test_cdk_json_has_the_feature_flags_that_the_locked_library_gives_to_new_projects() -> None:
    """After an update of aws-cdk-lib: read what a new flag does, then take it over."""
    (package,) = (Path(aws_cdk.__file__).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(package) as archive:
        file = archive.extractfile("package/recommended-feature-flags.json")
        assert file is not None
        recommended = json.load(file)
    context = json.loads((ROOT / "cdk.json").read_text())["context"]

    assert {name: value for name, value in context.items() if name != "gatepost"} == recommended
