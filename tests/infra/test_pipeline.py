"""The pipeline of docs/examples, whose roles are enough and not more, and CDK's command line."""

from __future__ import annotations

import fnmatch
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.configuration.context import ROOT
from infra.local.synthesis import machine_context
from infra.tools.cdk_cli import NODE, Refused, arguments
from infra.tools.package.authorizer import write_template
from tests.infra.rendered import from_yaml
from tests.infra.stand_in import ACCOUNT, account, make
from tests.infra.synthesized import synthesized
from tests.operating import operate, ran

FOLDER = ROOT / "docs" / "examples" / "pipeline"


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    text = (FOLDER / "deploy.yml").read_text().replace("\non:", '\n"on":')  # to YAML 1.1 it is a boolean
    return from_yaml(text)


@pytest.fixture(scope="module")
def roles() -> dict[str, Any]:
    resources = from_yaml((FOLDER / "roles.yml").read_text())["Resources"]
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == "AWS::IAM::Role"}


def runs(workflow: dict[str, Any]) -> str:
    return "\n".join(step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step)


def allowed(role: dict[str, Any], policy_name: str) -> tuple[set[str], list[str]]:
    """Actions and resources of a policy of a role, for the stack's account."""
    (policy,) = [each for each in role["Policies"] if each["PolicyName"] == policy_name]
    (statement,) = policy["PolicyDocument"]["Statement"]
    actions, resources = (
        each if isinstance(each, list) else [each] for each in (statement["Action"], statement["Resource"])
    )
    names = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "Qualifier": "hnb659fds"}
    return set(actions), [
        re.sub(r"\$\{([^}]+)\}", lambda found: names[found[1]], each["Fn::Sub"]) for each in resources
    ]


def test_every_command_of_the_workflow_is_one_of_the_makefile_with_its_variables(workflow: dict[str, Any]) -> None:
    makefile = (ROOT / "Makefile").read_text()
    called = re.findall(r"make (?:--no-print-directory )?([a-z-]+)((?: [A-Z_]+=)?)", runs(workflow))

    assert {command for command, _ in called} == {"synth", "diff", "deploy", "smoke"}
    for command, _ in called:
        assert re.search(rf"^{command}: ", makefile, re.MULTILINE)
    for variable in re.findall(r" ([A-Z_]+)=", runs(workflow)):
        assert f"$({variable})" in makefile or f"$(or $({variable})" in makefile


def test_prod_waits_for_dev_and_for_its_environment(workflow: dict[str, Any]) -> None:
    jobs = workflow["jobs"]

    assert (jobs["dev"]["environment"], jobs["prod"]["environment"], jobs["prod"]["needs"]) == ("dev", "prod", "dev")
    assert jobs["dev"]["steps"] == jobs["prod"]["steps"]
    assert "environment" not in jobs["diff"]


def test_the_workflow_stores_no_key_and_pins_what_it_uses(workflow: dict[str, Any]) -> None:
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]

    assert len(used) == 9
    assert all(re.fullmatch(r"[a-z-]+/[a-z-]+@[0-9a-f]{40}", each) for each in used)
    assert workflow["permissions"] == {}
    assert "secrets." not in (FOLDER / "deploy.yml").read_text()


def test_the_deploying_role_may_take_each_role_that_the_deployment_names(roles: dict[str, Any]) -> None:
    prod = synthesized("prod")
    files = json.loads((prod.folder / "Gatepost.assets.json").read_text())["files"]
    named = {prod.artifacts["Gatepost"]["properties"]["assumeRoleArn"]} | {
        place["assumeRoleArn"] for each in files.values() for place in each["destinations"].values()
    }
    placed = {
        each.replace("${AWS::Partition}", "aws")
        .replace("${AWS::AccountId}", ACCOUNT)
        .replace("${AWS::Region}", "eu-central-1")
        for each in named
    }
    actions, resources = allowed(roles["DeployRole"], "be-cdk")

    assert actions == {"sts:AssumeRole"}
    assert len(placed) == 2
    for arn in placed:
        assert any(fnmatch.fnmatch(arn, each) for each in resources), arn
    for each in resources:
        assert any(fnmatch.fnmatch(arn, each) for arn in placed), f"{each} is not needed"


def test_the_role_of_pull_requests_is_enough_for_the_difference_without_a_node_of_the_machine(
    roles: dict[str, Any], tmp_path: Path
) -> None:
    actions, resources = allowed(roles["DiffRole"], "read-templates")
    told = f"--method=template --no-color --no-notices --output {tmp_path}/out"
    for name, value in machine_context().items():  # whose layers are there
        told += f" --context gatepost.{name}={value}"
    with account(actions, template={"Resources": {"Old": {"Type": "AWS::SNS::Topic"}}}) as aws:
        done = make(
            tmp_path / "bin",
            *("diff", "STAGE=prod", f"CDK_ARGS={told} --context 'gatepost.service_name=A name with spaces'"),
            CDK_VALIDATION="false",
            **aws.environment,
        )

    said = done.stdout + done.stderr
    assert "node" not in re.findall(r"env: (.*)", said)
    assert "Unknown option" not in said
    assert "[-] AWS::SNS::Topic Old destroy" in said, said[-3000:]
    assert "[+] AWS::Lambda::Function" in said
    assert done.returncode == 0
    assert "A name with spaces" in (tmp_path / "out" / "Gatepost.template.json").read_text()
    assert actions <= set(aws.heard)  # none too much
    assert {each.partition(":")[0] for each in aws.refused} <= {"sts", "ssm"}  # it tries CDK's roles, and goes on
    assert resources == [f"arn:aws:cloudformation:*:{ACCOUNT}:stack/Gatepost-*/*"]


def test_the_deploying_role_may_look_whether_the_stack_is_there(roles: dict[str, Any]) -> None:
    actions, _ = allowed(roles["DeployRole"], "read-stacks")
    with account(actions) as aws:
        done = operate("before_deploy", "prod", **aws.environment)

    assert done == (0, "--context gatepost.first_deployment=true\n")
    assert aws.refused == []


def test_github_s_tokens_are_taken_of_one_repository_and_environment_for_aws_only(roles: dict[str, Any]) -> None:
    conditions = {name: role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"] for name, role in roles.items()}
    host = "token.actions.githubusercontent.com"
    subjects = {"DiffRole": "pull_request", "DeployRole": "environment:${Environment}"}

    for name, subject in subjects.items():
        taken = {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": {"Fn::Sub": f"repo:${{Repository}}:{subject}"}}
        assert conditions[name] == {"StringEquals": taken}
    assert set(conditions) == set(subjects)


def test_cfn_lint_finds_nothing_in_the_template_of_the_roles_and_in_that_of_the_authorizer(tmp_path: Path) -> None:
    templates = [FOLDER / "roles.yml", write_template(tmp_path, python="3.13")]
    command = [Path(sys.executable).parent / "cfn-lint", *templates]
    done = ran(*command)

    assert (done.returncode, done.stdout) == (0, "")


LOCK = ROOT / "requirements" / "cdk" / "package-lock.json"
NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


@pytest.mark.parametrize("command", ["deploy", "destroy"])
def test_without_a_terminal_a_sentence_says_what_to_do(tmp_path: Path, command: str) -> None:
    done = make(tmp_path / "bin", command)

    assert done.returncode != 0
    assert done.stderr.startswith(
        f"make {command} asks before it changes rights or deletes, and there is no terminal. "
        f"Look at make diff, then call make {command} APPROVE=never.\n"
    )


@pytest.mark.parametrize(
    ("command", "handed", "approve", "asks", "called"),
    [
        ("deploy", [], "", True, ["deploy"]),
        ("deploy", ["--all"], "never", False, ["deploy", "--all", "--require-approval", "never"]),
        ("deploy", [], "any-change", True, ["deploy", "--require-approval", "any-change"]),
        ("deploy", ["--require-approval=never"], "", False, ["deploy", "--require-approval=never"]),
        ("destroy", [], "never", False, ["destroy", "--force"]),
        ("destroy", ["-f"], "", False, ["destroy", "-f"]),
        ("destroy", [], "any-change", True, ["destroy"]),
        ("diff", ["--fail"], "", False, ["diff", "--fail"]),
        ("bootstrap", [], "", False, ["bootstrap"]),
    ],
)
def test_what_is_approved_is_handed_to_the_command_line(
    command: str, handed: list[str], approve: str, asks: bool, called: list[str]
) -> None:
    assert arguments(command, handed, approve=approve, asks=asks) == called


def test_an_approval_that_is_none_or_that_would_wait_for_nobody_is_refused() -> None:
    with pytest.raises(Refused, match=r"^APPROVE is yes; allowed is never, broadening or any-change\.$"):
        arguments("deploy", [], approve="yes", asks=True)
    with pytest.raises(Refused, match="there is no terminal"):
        arguments("deploy", [], approve="broadening", asks=False)


def test_the_command_line_is_locked_by_its_hash_and_names_no_host() -> None:
    text = LOCK.read_text()
    package = json.loads(text)["packages"]["node_modules/aws-cdk"]

    assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"])
    assert "resolved" not in text
    assert "://" not in text
    assert "hasInstallScript" not in text


def test_an_altered_hash_installs_nothing(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text((ROOT / "requirements" / "cdk" / "package.json").read_text())
    lock = json.loads(LOCK.read_text())
    integrity = lock["packages"]["node_modules/aws-cdk"]["integrity"]
    lock["packages"]["node_modules/aws-cdk"]["integrity"] = integrity.replace(integrity[7:11], "AAAA", 1)
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))

    done = ran(NODE, NPM, "ci", "--prefix", tmp_path, "--ignore-scripts", "--no-audit")

    assert done.returncode != 0
    assert re.search("EINTEGRITY|ENOTFOUND|EAI_AGAIN|ECONNREFUSED", done.stderr)  # the latter without a network
    assert not (tmp_path / "node_modules" / "aws-cdk" / "bin").exists()
