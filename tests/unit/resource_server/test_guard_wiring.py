"""Imports of authorizers and decorators: nothing of AWS by the URL alone, and with the table no HTTP client."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

WATCHED = (
    *("boto3", "pydantic", "jinja2", "aws_lambda_powertools", "jwt", "email", "http.client", "uuid"),
    *("gatepost.model.records", "gatepost.runtime.wiring", "gatepost.resource_server.feed_watch"),
)


def imported(program: str, **environ: str) -> list[str]:
    code = f"import json, sys\n{program}\nprint(json.dumps([name for name in {WATCHED} if name in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "GATEPOST_ISSUER": "https://id.test", **environ},
        check=True,
        capture_output=True,
        text=True,
    )
    return list(json.loads(done.stdout))


AUTHORIZER = "sys.path.insert(0, 'functions/authorizer'); import handler"


@pytest.mark.parametrize("program", ["import gatepost.guard", AUTHORIZER])
def test_by_the_url_alone_nothing_of_aws_is_imported(program: str) -> None:
    program += "\nfrom gatepost.resource_server.guard_wiring import watch; watch()"

    assert imported(program) == []


@pytest.mark.parametrize("program", ["import gatepost.guard", AUTHORIZER])
def test_with_the_table_it_is_imported_while_the_function_starts(program: str) -> None:
    assert imported(program, GATEPOST_TABLE_TOKENS="tokens") == ["gatepost.resource_server.feed_watch"]


def test_building_bundles_starts_no_jsii_and_a_cdk_app_imports_no_cryptography() -> None:
    imported("import gatepost_cdk, gatepost_cdk.bundling, infra.local.guest\nassert 'jsii' not in sys.modules")

    modules = ["resource_server.protection", "resource_server.bearer", "settings", "stores.schema"]
    program = "".join(f"import gatepost.{module}\n" for module in modules)
    program += "assert not {'jwt', 'cryptography', 'boto3'} & set(sys.modules)"

    assert imported(program) == []


def test_the_table_may_lie_in_another_region() -> None:
    arn = "arn:aws:dynamodb:ap-southeast-2:111122223333:table/Tokens"
    host = "dynamodb.ap-southeast-2.amazonaws.com"
    program = f"from gatepost.runtime.database import dynamodb\nassert dynamodb().host == '{host}'"

    assert imported(program, GATEPOST_TABLE_TOKENS=arn, AWS_DEFAULT_REGION="eu-west-1") == []
