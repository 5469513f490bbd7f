"""The endpoints that the client calls are those that botocore calls, in every region that it knows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointVariantError

from gatepost.aws.client import Client
from gatepost.aws.sigv4 import RoleCredentials

SERVICES = {"dynamodb": "GetItem", "lambda": "Invoke", "secretsmanager": "GetSecretValue", "sqs": "SendMessage"}


def ours(service: str, environ: dict[str, str]) -> str:
    client = Client(
        service, target="t", version="1.0", environ=environ, credentials=lambda: RoleCredentials("", "", "")
    )
    return client.host


def theirs(session: Any, service: str, region: str, *, fips: bool, dual_stack: bool) -> str | None:
    """The host, None where there is none."""
    try:
        client = session.create_client(
            service,
            region_name=region,
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=Config(use_fips_endpoint=fips, use_dualstack_endpoint=dual_stack),
        )
        operation = client.meta.service_model.operation_model(SERVICES[service])
        found = client._ruleset_resolver.construct_endpoint(operation, call_args={}, request_context={})
    except EndpointVariantError:
        return None
    host: str = found.url.removeprefix("https://")
    return host


@pytest.fixture(scope="module")
def session() -> Any:
    return botocore.session.get_session()


def regions(session: Any) -> Iterator[str]:
    for partition in session.get_available_partitions():
        found = {*session.get_available_regions("dynamodb", partition)}
        yield from sorted(found | {*session.get_available_regions("secretsmanager", partition)})


@pytest.mark.parametrize("service", SERVICES)
def test_every_region_that_botocore_knows_has_its_endpoint(session: Any, service: str) -> None:
    compared = 0
    for region, fips, dual_stack in itertools.product(regions(session), (False, True), (False, True)):
        environ = {
            "AWS_REGION": region,
            "AWS_USE_FIPS_ENDPOINT": str(fips).lower(),
            "AWS_USE_DUALSTACK_ENDPOINT": str(dual_stack).lower(),
        }
        host = theirs(session, service, region, fips=fips, dual_stack=dual_stack)
        if host is None:
            with pytest.raises(ValueError, match=f"there are no dual-stack endpoints in {region}"):
                ours(service, environ)
        else:
            assert ours(service, environ) == host, (region, fips, dual_stack)
            compared += 1
    assert compared > 150


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ("dynamodb", "AWS_ENDPOINT_URL_DYNAMODB"),
        ("lambda", "AWS_ENDPOINT_URL_LAMBDA"),
        ("secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
        ("sqs", "AWS_ENDPOINT_URL_SQS"),
    ],
)
def test_an_endpoint_is_set_by_the_variables_that_botocore_reads(
    monkeypatch: pytest.MonkeyPatch, service: str, variable: str
) -> None:
    environ = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://localhost:1", variable: "http://localhost:2"}
    assert ours(service, environ) == "localhost:2"
    assert ours(service, {**environ, variable: ""}) == "localhost:1"
    ignoring = {**environ, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    assert ours(service, ignoring) == f"{service}.eu-west-1.amazonaws.com"
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    client = botocore.session.get_session().create_client(service, region_name="eu-west-1")
    assert client.meta.endpoint_url == "http://localhost:2"


@pytest.mark.parametrize(
    ("environ", "host"),
    [
        ({"AWS_REGION": "eu-west-1"}, "dynamodb.eu-west-1.amazonaws.com"),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "dynamodb.us-east-1.amazonaws.com"),
        ({"AWS_REGION": "cn-north-1"}, "dynamodb.cn-north-1.amazonaws.com.cn"),
        ({"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://localhost:4566"}, "localhost:4566"),
        ({"AWS_REGION": "x", "AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_DYNAMODB": "https://b.test"}, "b.test"),
    ],
)
def test_the_endpoint_is_the_one_of_the_region_unless_it_is_set(environ: dict[str, Any], host: str) -> None:
    client = Client(
        "dynamodb", target="t", version="1.0", environ=environ, credentials=lambda: RoleCredentials("", "", "")
    )

    assert client.host == host
