"""Published versions and SnapStart: what makes a new one, what is called, and what a snapshot must not hold."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from infra.configuration.context import ROOT
from infra.stack.function_table import FUNCTIONS
from tests.infra.rendered import Template, functions, of_type
from tests.infra.synthesized import SNAPPED, Synthesized, synthesized

SHIFTED = {"token", "authorizer"}


@pytest.fixture(scope="module")
def shifted(everything: Synthesized) -> Template:
    return everything.main


def versions(template: Template) -> set[str]:
    return set(of_type(template, "AWS::Lambda::Version"))


def test_a_version_is_published_when_its_configuration_changes_and_only_then(template: Template) -> None:
    opening, closed = (synthesized(name).main for name in ("opening", "closed"))
    kept = versions(opening) & versions(closed)

    assert len(versions(opening)) == len(versions(closed)) == len(functions(opening))
    assert sorted(re.sub("Current.*", "", name) for name in kept) == ["FunctionsLogo", "FunctionsRotateKeys"]  # no edge
    assert versions(synthesized("first").main) == versions(template)  # without the protection of the tables


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
    text = json.dumps(template)
    assert not [logical for logical in of_type(template, "AWS::Lambda::Function") if f'"{logical}", "Arn"' in text]


def test_an_update_calls_nothing_before_it_may_be_called(template: Template) -> None:
    permissions = of_type(template, "AWS::Lambda::Permission")
    for kind in ("AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Authorizer"):
        for logical, each in of_type(template, kind).items():
            (first,) = template["Resources"][logical]["DependsOn"]
            assert str(permissions[first]["FunctionName"]) in str(each)


def test_no_traffic_is_shifted_unless_asked_for(template: Template) -> None:
    assert "CodeDeploy" not in json.dumps(template)


def test_a_tenth_of_the_calls_of_chosen_functions_meets_the_new_version_first(shifted: Template) -> None:
    serving = [name for name in functions(shifted) if not name.startswith("operate_")]
    policies = {name: shifted["Resources"][called(shifted, name)["Ref"]].get("UpdatePolicy") for name in serving}
    groups = of_type(shifted, "AWS::CodeDeploy::DeploymentGroup")
    ((application, properties),) = of_type(shifted, "AWS::CodeDeploy::Application").items()

    assert properties["ComputePlatform"] == "Lambda"
    assert {name for name, policy in policies.items() if policy} == SHIFTED
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


def test_cdk_json_has_the_feature_flags_that_the_locked_library_gives_to_new_projects() -> None:
    """After an update of aws-cdk-lib: read what a new flag does, then take it over."""
    found = find_spec("aws_cdk")
    assert found is not None
    assert found.origin is not None
    (package,) = (Path(found.origin).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(package) as archive:
        file = archive.extractfile("package/recommended-feature-flags.json")
        assert file is not None
        recommended = json.load(file)
    context = json.loads((ROOT / "cdk.json").read_text())["context"]

    assert {name: value for name, value in context.items() if name != "gatepost"} == recommended


def test_it_is_off_unless_asked_for(template: Template) -> None:
    assert not [name for name, each in functions(template).items() if "SnapStart" in each]


def test_only_the_named_functions_start_from_a_snapshot_which_goes_with_its_version(everything: Synthesized) -> None:
    snapped = everything.main
    assert {name for name, each in functions(snapped).items() if "SnapStart" in each} == set(SNAPPED)
    for name in SNAPPED:
        assert functions(snapped)[name]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    for version in of_type(snapped, "AWS::Lambda::Version"):
        assert snapped["Resources"][version]["DeletionPolicy"] == "Delete"  # its snapshot is paid for


# What a snapshot would hold: the process as it is when the handler has been imported.


# Two processes that go on from the same memory, as two containers do that are restored from one snapshot.
_FORKED = """
import json, os, sys, time
from gatepost.identifiers import new_grant_id, new_secret
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.tokens.access_token import Signer, issue_access_token
from gatepost.tokens.signing_keys import new_signing_key
key = new_signing_key("ES256", active_from=0)
signer = Signer(kid=key.kid, alg=key.alg, key=key.load())
settings = Settings(issuer="https://auth.example.com", scopes={"read": "Read"})
for _ in range(2):
    sys.stdout.flush()
    if os.fork() == 0:
        token = issue_access_token(signer, settings, sub="u", client_id="c", grant_id="g", scope=Scope.of("read"),
                                   lifetime=60, now=1000.0, audience="https://api.example.com")
        print(json.dumps({"secret": new_secret(), "grant": new_grant_id("u"), "token": token}))
        sys.stdout.flush()
        os._exit(0)
    os.wait()
"""


def test_two_processes_from_one_memory_make_different_secrets_grants_and_tokens() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FORKED],
        check=True, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT / "layers/gatepost/python")},
    )  # fmt: skip
    first, second = map(json.loads, done.stdout.splitlines())

    assert set(first) == {"secret", "grant", "token"}
    for name, value in first.items():
        assert value != second[name], name


def test_nothing_is_drawn_from_a_state_that_copies_of_a_snapshot_would_share() -> None:
    """Secrets and ids come from the kernel, by `os.urandom` and `uuid4`, and so do the pauses between tries."""
    using = [
        path
        for folder in ("functions", "layers/gatepost/python")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(import|from) (random|numpy)\b", path.read_text(), re.MULTILINE)
    ]

    assert using == []
