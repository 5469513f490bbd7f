"""Functions that fetch people's URLs do so by the one function whose role reaches nothing (S231)."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gatepost.model.fetch_messages import event_of
from gatepost.model.fetching import Outbound
from gatepost.settings import FETCH_VARIABLE
from infra.configuration.context import ROOT
from infra.local.aws.calls import AwsCall
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.infra.rendered import Template
from tests.unit.http.other_side import Authority, OtherSide, answering

FETCHING = """
from gatepost.model.fetch_messages import outbound_in, result_of
from gatepost.runtime.fetching import fetcher


def handler(event, context):
    return result_of(lambda: fetcher().fetch(outbound_in(event)))
"""
OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a": "b"}'
FETCHED = {"outcome": "fetched", "status": 200, "content_type": "application/json", "cache_control": ""}


@dataclass(frozen=True)
class World:
    """A deployment whose function `demo` does nothing but fetch, and a server that it trusts."""

    deployment: Deployment
    side: OtherSide
    calls: list[AwsCall]

    def fetch(self, url: str = "", **parts: Any) -> dict[str, Any]:
        outbound = Outbound(method="GET", url=url or self.url, most_bytes=100, **parts)
        result: dict[str, Any] = self.deployment.invoke("demo", event_of(outbound))
        return result

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.side.port}/a/path?a=query"

    @property
    def logged(self) -> list[dict[str, Any]]:
        lines = map(json.loads, self.deployment.logs)
        return [line for line in lines if line["message"] == "fetch.answered"]


@pytest.fixture(scope="module", params=["own", "boto3"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("fetching")
    functions = folder / "functions"
    shutil.copytree(ROOT / "functions", functions, ignore=shutil.ignore_patterns("__pycache__"))
    (functions / "demo" / "handler.py").write_text(FETCHING)
    authority, calls = Authority(folder), list[AwsCall]()
    settings = {**TEST_SETTINGS, "aws_client": request.param}
    with pytest.MonkeyPatch.context() as patched, answering(OK, authority.context("127.0.0.1")) as side:
        patched.setenv("SSL_CERT_FILE", os.path.relpath(authority.file))
        with Deployment(
            overrides=settings, functions_folder=functions, alter=demo_fetches, seeded=False, on_call=calls.append
        ) as deployed:
            yield World(deployed, side, calls)


def demo_fetches(template: Template) -> None:
    """Give the function `demo` what `fetches` in its specification would."""
    resources = template["Resources"]
    (alias,) = (name for name in resources if name.startswith("FunctionsFetchLive"))
    (demo,) = (
        each["Properties"] for each in resources.values() if each.get("Metadata") == {"gatepost:function": "demo"}
    )
    demo["Environment"]["Variables"][FETCH_VARIABLE] = {"Ref": alias}
    demo["Layers"] += [{"Ref": name} for name in resources if name.startswith("FunctionsBoto3Layer")]
    (policy,) = resources[demo["Role"]["Fn::GetAtt"][0]]["Properties"]["Policies"]
    may = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": {"Ref": alias}}
    policy["PolicyDocument"]["Statement"].append(may)


def test_a_function_fetches_by_another_one_that_trusts_the_authorities_of_this_machine(world: World) -> None:
    world.calls.clear()

    assert world.fetch() == {**FETCHED, "body": '{"a": "b"}'}
    assert world.side.requests.pop().startswith(b"GET /a/path?a=query HTTP/1.1\r\n")
    arn = world.deployment.functions["fetch"].config.alias_arn
    assert world.calls == [
        AwsCall(function="demo", action="lambda:InvokeFunction", resource=arn),
    ]
    facts = {name: world.logged[-1][name] for name in ("host", "outcome", "status")}
    assert facts == {"host": "127.0.0.1", "outcome": "fetched", "status": 200}
    assert "path" not in json.dumps(world.logged)
    assert "query" not in json.dumps(world.logged)


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[fd00:ec2::254]", "2130706433", "127.1"])
def test_s221_nothing_but_loopback_and_the_public_internet_is_fetched_here(world: World, host: str) -> None:
    result = world.fetch(f"https://{host}/latest/meta-data/")

    assert (result["outcome"], set(result)) == ("refused", {"outcome", "reason"})
    assert (world.logged[-1]["outcome"], world.logged[-1]["host"]) == ("refused", host)
    assert "meta-data" not in json.dumps(world.logged)


def test_s221_in_lambda_loopback_stays_out_of_reach_whatever_the_issuer_is(world: World) -> None:
    function, before = world.deployment.functions["fetch"], world.deployment.functions["fetch"].config
    function.reconfigure({**before.environment, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"})
    try:
        assert [world.fetch(url)["outcome"] for url in (world.url, "http://127.0.0.1:9001/")] == ["refused"] * 2
    finally:
        function.become(before)
    assert world.side.requests == []


def test_s231_without_the_right_to_invoke_it_nothing_is_fetched(world: World) -> None:
    with policy_of(world.deployment, "demo") as (statements, put):
        put([each for each in statements if each["Action"] != "lambda:InvokeFunction"])
        result = world.fetch()

    assert result["outcome"] == "failed"
    assert "AccessDenied" in result["reason"]
    assert world.side.requests == []
    assert world.fetch()["outcome"] == "fetched"
    world.side.requests.clear()


@contextmanager
def policy_of(deployment: Deployment, function: str) -> Iterator[Any]:
    """The statements of a role, and what replaces them until the block ends."""
    access, role = deployment.client("iam"), deployment.functions[function].config.role_arn.rpartition("/")[2]
    whole = access.get_role_policy(RoleName=role, PolicyName="access")["PolicyDocument"]

    def put(statements: Any) -> None:
        document = json.dumps({**whole, "Statement": statements})
        access.put_role_policy(RoleName=role, PolicyName="access", PolicyDocument=document)

    try:
        yield whole["Statement"], put
    finally:
        put(whole["Statement"])


def test_s231_a_function_that_fails_or_takes_too_long_is_a_failure(world: World) -> None:
    function, before = world.deployment.functions["fetch"], world.deployment.functions["fetch"].config
    try:
        function.become(replace(before, environment={}))  # it does not know its issuer
        assert world.fetch() == {"outcome": "failed", "reason": "function fetch: Unhandled"}
        function.become(replace(before, timeout=0.5))
        world.side.answer = world.side.stay_silent
        assert world.fetch() == {"outcome": "failed", "reason": "function fetch: Unhandled"}
    finally:
        function.become(before)
        world.side.answer = OK
        world.side.requests.clear()
    assert world.fetch()["outcome"] == "fetched"
    world.side.requests.clear()


def test_s231_an_event_of_any_other_form_is_refused(world: World) -> None:
    events: tuple[Any, ...] = (None, [], "https://127.0.0.1/", {"url": world.url})
    for event in events:
        assert world.deployment.invoke("fetch", event)["outcome"] == "refused"
    assert world.side.requests == []
