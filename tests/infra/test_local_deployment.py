from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.exceptions import ClientError

from infra.context import ROOT
from infra.local.cloud import REGION, Cloud
from infra.local.coverage import NotCovered
from infra.local.deployment import Deployment
from infra.local.made_stack import DeploymentFailed
from tests.conftest import Deploy
from tests.infra.rendered import Template

LIMIT = 120  # seconds after which a process that should have said or ended something counts as hung


def token(deployment: Deployment) -> requests.Response:
    app = deployment.demo["apps"][0]
    return requests.post(
        f"{deployment.base_url}/authorization/token",
        data={"grant_type": "client_credentials"},
        auth=(app["client_id"], app["client_secret"]),
        timeout=30,
    )


def test_the_demo_facts_open_what_they_say(deployment: Deployment) -> None:
    assert token(deployment).status_code == 200
    assert [user["username"] for user in deployment.demo["users"]] == ["maria", "tomas"]
    assert deployment.demo["protected"] == [
        {"path": "/demo/read", "scope": "read"},
        {"path": "/demo/write", "scope": "write"},
    ]
    web, native = deployment.demo["apps"]
    assert (web["confidential"], native["confidential"], native["client_secret"]) == (True, False, "")
    assert f"{deployment.client_app_url}/callback" in web["redirect_uris"]


def test_the_base_url_is_the_issuer(deployment: Deployment) -> None:
    document = requests.get(f"{deployment.base_url}/.well-known/oauth-authorization-server", timeout=30).json()
    assert document["issuer"] == deployment.base_url == deployment.settings.issuer


def test_every_line_of_the_log_is_one_json_object(deployment: Deployment) -> None:
    assert token(deployment).status_code == 200
    assert deployment.logs
    for line in deployment.logs:
        assert isinstance(json.loads(line), dict)
        assert "\n" not in line


def test_items_are_removed_some_time_after_they_expire(deployment: Deployment) -> None:
    for table in deployment.tables.values():
        described = deployment.client("dynamodb").describe_time_to_live(TableName=table)
        assert described["TimeToLiveDescription"] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}


def test_a_function_without_a_grant_of_its_role_fails(deploy: Deploy) -> None:
    def without_apps(template: Template) -> None:
        (table,) = (name for name in template["Resources"] if name.startswith("TablesApps"))
        (role,) = (name for name in template["Resources"] if re.fullmatch(r"FunctionsTokenRole[0-9A-F]{8}", name))
        document = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]
        kept = [each for each in document["Statement"] if table not in json.dumps(each["Resource"])]
        assert len(kept) == len(document["Statement"]) - 1
        document["Statement"] = kept

    deployed = deploy(alter=without_apps)
    assert token(deployed).status_code in {500, 503}
    assert requests.get(f"{deployed.base_url}/.well-known/jwks.json", timeout=30).status_code == 200


def test_a_function_without_a_variable_of_its_environment_fails(deploy: Deploy) -> None:
    def without_issuer(template: Template) -> None:
        for resource in template["Resources"].values():
            if resource.get("Metadata", {}).get("gatepost:function") == "token":
                del resource["Properties"]["Environment"]["Variables"]["GATEPOST_TABLE_APPS"]

    assert token(deploy(alter=without_issuer)).status_code == 500


def test_an_api_without_permission_to_invoke_a_function_is_not_deployed(deploy: Deploy) -> None:
    def without_permission(template: Template) -> None:
        (name,) = (name for name in template["Resources"] if name.startswith("ApiTokenMayBeInvoked"))
        del template["Resources"][name]

    with pytest.raises(DeploymentFailed, match=r"^The API may not invoke .*: the template gives no permission\.$"):
        deploy(alter=without_permission, seeded=False)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda template: template["Resources"].update(Queue={"Type": "AWS::SQS::Queue"}),
            "The local deployment does not know AWS::SQS::Queue (resource Queue).",
        ),
        (
            lambda template: template["Resources"].update(
                Group={"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": "k"}}
            ),
            "The local deployment does not know KmsKeyId of AWS::Logs::LogGroup (resource Group).",
        ),
        (
            lambda template: template["Resources"].update(Group={"Type": "AWS::Logs::LogGroup", "Condition": "c"}),
            "The local deployment does not know Condition of AWS::Logs::LogGroup (resource Group).",
        ),
        (
            lambda template: template.update(Parameters={}),
            "The local deployment does not know the section Parameters of a template.",
        ),
    ],
)
def test_what_the_local_deployment_does_not_know_stops_it(deploy: Deploy, change: Any, sentence: str) -> None:
    with pytest.raises(NotCovered) as caught:
        deploy(alter=change)
    assert str(caught.value) == sentence


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    running = Cloud(tmp_path)
    yield running
    running.close()


def test_the_mends_of_the_local_aws_are_still_needed(cloud: Cloud) -> None:
    """When this fails after an update of ministack, a mend of `infra.local.mends` can go."""
    formation = cloud.client("cloudformation")
    template = {
        "Resources": {
            "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {}}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    },
                    "Policies": [
                        {
                            "PolicyName": "access",
                            "PolicyDocument": {
                                "Version": "2012-10-17",
                                "Statement": [
                                    {
                                        "Effect": "Allow",
                                        "Action": "ses:SendEmail",
                                        "Resource": "arn:aws:ses:us-east-1:000000000000:identity/a@example.com",
                                    }
                                ],
                            },
                        }
                    ],
                },
            },
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
                    "BillingMode": "PAY_PER_REQUEST",
                    "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
                },
            },
        },
        "Outputs": {
            "Secret": {"Value": {"Ref": "Secret"}},
            "Table": {"Value": {"Ref": "Table"}},
            "Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}},
        },
    }
    formation.create_stack(StackName="mends", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    formation.get_waiter("stack_create_complete").wait(StackName="mends", WaiterConfig={"Delay": 1})
    stack = formation.describe_stacks(StackName="mends")["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    assert not outputs["Secret"].startswith("arn:"), "Ref of a secret gives its ARN now"
    ttl = cloud.client("dynamodb").describe_time_to_live(TableName=outputs["Table"])
    assert ttl["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED", "the template's TTL is carried out now"
    cloud.client("sesv2").create_email_identity(EmailIdentity="a@example.com")
    with pytest.raises(ClientError) as refused:  # when this is not raised, the identity of a permission is understood
        _in_role(cloud, outputs["Role"], "sesv2").send_email(
            FromEmailAddress="a@example.com",
            Destination={"ToAddresses": ["b@example.com"]},
            Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
        )
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"


def _in_role(cloud: Cloud, role_arn: str, service: str) -> Any:
    session = cloud.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=cloud.endpoint,
        region_name=REGION,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )


class Run:
    """`make run`'s command as a process of its own, with its output."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.output = folder / "output.txt"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "infra.local", *arguments],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": f"{ROOT / 'layers/gatepost/python'}", "TMPDIR": str(self.temporary)},
                start_new_session=True,
            )

    def wait_ready(self) -> str:
        end = time.monotonic() + LIMIT
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"^ready: (\S+)$", self.output.read_text(), re.MULTILINE)
            if found:
                return found[1]
            time.sleep(0.1)
        raise AssertionError(self.output.read_text())

    def descendants(self) -> set[int]:
        parents = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
        found = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found - {self.process.pid}


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}/stat").exists() and not _is_zombie(pid)}


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    return tmp_path / "facts.json"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopping_leaves_no_process(tmp_path: Path, facts: Path, number: signal.Signals) -> None:
    run = Run(tmp_path, "--port", "0", "--demo", str(facts))
    base_url = run.wait_ready()
    try:
        assert requests.get(f"{base_url}/.well-known/jwks.json", timeout=30).status_code == 200
        started = run.descendants()
        assert len(started) >= 3  # the local AWS, the rotation function, the metadata function
    finally:
        os.kill(run.process.pid, number)
        code = run.process.wait(LIMIT)
    end = time.monotonic() + LIMIT
    while alive(started) and time.monotonic() < end:
        time.sleep(0.05)
    assert not alive(started)
    if number != signal.SIGKILL:
        assert code == 0
        assert list(run.temporary.iterdir()) == []
        assert run.output.read_text().endswith("stopped\n")


def test_a_start_says_everything_one_needs(tmp_path: Path, facts: Path) -> None:
    app = ROOT / "tests" / "infra" / "guests" / "rest" / "app.py"
    run = Run(tmp_path, "--port", "0", "--demo", str(facts), "--guest", str(app))
    try:
        base_url = run.wait_ready()
        written = json.loads(facts.read_text())
        said = run.output.read_text()
        lines = said.splitlines()
        assert lines[-1] == f"ready: {base_url}"
        assert written["base_url"] == base_url
        for each in written["users"]:
            assert re.search(rf"^  {each['username']} +{each['password']}$", said, re.MULTILINE)
        for each in written["apps"]:
            assert each["client_id"] in said
            assert each["client_secret"] in said
        assert f"Console    {base_url}/developer" in lines
        assert f"  make admin NAME=maria PORT={base_url.rpartition(':')[2]}" in lines
        start = lines.index("A protected route with such a token") + 1
        done = subprocess.run(
            ["bash", "-c", "\n".join(lines[start : start + 2])], check=True, capture_output=True, text=True
        )
        assert json.loads(done.stdout)["path"] == "/demo/read"
        guest = lines.index("The APIs of app.py") + 1
        name, url = lines[guest].split()
        assert name.startswith("ApiEndpoint")
        assert requests.get(f"{url}/things", timeout=30).status_code == 200
        link = next(line.strip() for line in lines if line.startswith(f"  {base_url}/developer/auth?"))
        assert requests.get(link, timeout=30).status_code == 200
    finally:
        run.process.terminate()
        run.process.wait(LIMIT)


def test_a_busy_port_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = Run(tmp_path, "--port", str(port))
        assert run.process.wait(LIMIT) == 1
    assert run.output.read_text() == f"Port {port} is in use by another program: choose one with PORT=8081.\n"


def test_a_port_that_is_none_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    run = Run(tmp_path, "--port", "web")
    assert run.process.wait(LIMIT) == 2
    assert "PORT is web; allowed is a number from 0 (any free port) to 65535." in run.output.read_text()
    assert len(run.output.read_text().splitlines()) == 1
