"""The authorizer's template and zip, deployed and called; and the examples of docs/any-tool.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests

from infra.configuration.context import ROOT
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from infra.local.synthesis import machine_context
from infra.tools.package.authorizer import write_authorizer, write_template
from infra.tools.package.template import authorizer_template
from tests.flows.protecting import NOWHERE, TABLE, addresses
from tests.infra.rendered import from_yaml
from tests.people import Client, reached

APP = ROOT / "tests" / "infra" / "guests" / "included" / "app.py"
EXAMPLES = ROOT / "docs" / "examples" / "any-tool"
MACHINE = machine_context()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("package")
    return {
        "zip": write_authorizer(folder, architecture=MACHINE["architecture"], python=MACHINE["python"]),
        "template": write_template(folder, python=MACHINE["python"]),
    }


def deployed(deployment: Deployment, package: dict[str, Path], *, table: bool = True) -> Guest:
    environ = {
        "AUTHORIZER_ZIP": str(package["zip"]),
        "AUTHORIZER_TEMPLATE": str(package["template"]),
        "ISSUER": NOWHERE,
        "TOKENS_TABLE_ARN": TABLE if table else "",
    }
    return Guest(deployment, app=APP, environ=environ, context={}, alter=addresses(deployment))


def answer(guest: Guest, token: str | None, path: str = "/reports") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    found = requests.get(f"{guest.url('Url')}{path}", headers=headers, timeout=30)
    return found.status_code, found.text


def test_the_deployed_template_opens_routes_by_scope_and_hears_of_revocations(
    deployment: Deployment, package: dict[str, Path], client: Client
) -> None:
    token = client.token(grant_type="client_credentials", scope="read").json()["access_token"]
    with deployed(deployment, package) as guest:
        assert answer(guest, None) == (401, '{"message":"Unauthorized"}')
        assert answer(guest, "nonsense") == (403, '{"message":"Forbidden"}')
        assert answer(guest, token) == (200, f'{{"of": "{client.app.client_id}", "scope": "read"}}')
        assert answer(guest, token, "/drafts") == (403, '{"message":"Forbidden"}')
        client.revoke(token)
        # CacheSeconds and RevocationPoll of the app, and a little
        assert reached(lambda: answer(guest, token)[0] == 403, seconds=1 + 1 + 1)


def test_without_a_table_the_issuer_s_url_is_enough(
    deployment: Deployment, package: dict[str, Path], client: Client
) -> None:
    token = client.token(grant_type="client_credentials", scope="read write").json()["access_token"]
    with deployed(deployment, package, table=False) as guest:
        assert answer(guest, token, "/drafts")[0] == 200
        assert answer(guest, "nonsense", "/drafts")[0] == 403


def test_the_sam_example_is_what_sam_makes_an_authorizer_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    from samtranslator.translator.transform import transform

    template = json.loads(json.dumps(from_yaml((EXAMPLES / "template.yml").read_text())))
    template["Resources"]["Reports"]["Properties"]["CodeUri"] = "s3://bucket/key"  # what `sam package` puts there

    class NoPolicies:
        def load(self) -> dict[str, str]:
            return {}

    made = transform(template, {}, NoPolicies())["Resources"]
    body = made["Api"]["Properties"]["Body"]
    authorizer = body["components"]["securitySchemes"]["Gatepost"]["x-amazon-apigateway-authorizer"]
    ours = authorizer_template("3.13")["Resources"]["Authorizer"]["Properties"]
    assert body["paths"]["/reports"]["get"]["security"] == [{"Gatepost": []}]
    assert authorizer["identitySource"] == ours["IdentitySource"]
    assert (authorizer["authorizerPayloadFormatVersion"], authorizer["enableSimpleResponses"]) == ("2.0", True)
    assert authorizer["authorizerResultTtlInSeconds"] == 5
    assert made["ApiGatepostAuthorizerPermission"]["Properties"]["Principal"] == "apigateway.amazonaws.com"


def parameters_of(example: str) -> set[str]:
    """The parameters that an example passes to the template."""
    text = (EXAMPLES / example).read_text()
    if example == "template.yml":
        return set(from_yaml(text)["Resources"]["Gatepost"]["Properties"]["Parameters"])
    (passed,) = re.findall(r"^ *parameters *[=:] *\{\n(.*?)^ *\}", text, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^ *([A-Z]\w+) *[=:] ", passed, re.MULTILINE))


@pytest.mark.parametrize("example", ["template.yml", "main.tf", "app.ts"])
def test_each_example_passes_parameters_that_there_are_and_each_that_is_needed(example: str) -> None:
    parameters = authorizer_template("3.13")["Parameters"]
    passed = parameters_of(example)

    assert passed <= set(parameters)
    assert {name for name, each in parameters.items() if "Default" not in each} <= passed


def test_the_examples_in_typescript_and_terraform_use_the_outputs_and_names_that_there_are() -> None:
    template = authorizer_template("3.13")

    assert "gatepost.getResource('Authorizer').ref" in (EXAMPLES / "app.ts").read_text()
    assert template["Resources"]["Authorizer"]["Type"] == "AWS::ApiGatewayV2::Authorizer"
    terraform = (EXAMPLES / "main.tf").read_text()
    assert set(re.findall(r'outputs\["(\w+)"\]', terraform)) == {"AuthorizerId"} < set(template["Outputs"])
    assert "gatepost-authorizer.template.json" in terraform


def test_the_page_names_every_parameter() -> None:
    page = (ROOT / "docs" / "any-tool.md").read_text()
    first_cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}

    assert named == set(authorizer_template("3.13")["Parameters"])
