"""Functions that fetch people's URLs do so by the one function whose role reaches nothing (S231), as deployed."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gatepost.model.fetch_messages import event_of
from gatepost.model.fetching import Outbound
from infra.local.deployment import Deployment
from tests.flows.operated import Operated
from tests.http.documents import PKCE, publishing
from tests.people import entered, new_person
from tests.unit.http.other_side import Authority, answering

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a": "b"}'
FETCHED = {"outcome": "fetched", "status": 200, "content_type": "application/json", "cache_control": ""}


def fetch(deployment: Deployment, url: str) -> dict[str, Any]:
    result: dict[str, Any] = deployment.invoke("fetch", event_of(Outbound(method="GET", url=url, most_bytes=100)))
    return result


def logged(deployment: Deployment) -> dict[str, Any]:
    found: dict[str, Any]
    *_, found = (line for line in map(json.loads, deployment.logs) if line["message"] == "fetch.answered")
    return found


def test_what_is_fetched_is_trusted_by_the_authorities_of_this_machine_and_logged_by_its_host(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    with monkeypatch.context() as patched, answering(OK, authority.context("127.0.0.1")) as side:
        patched.setenv("SSL_CERT_FILE", os.path.relpath(authority.file))
        deployment.restart("fetch")
        assert fetch(deployment, f"https://127.0.0.1:{side.port}/a/path?a=query") == {**FETCHED, "body": '{"a": "b"}'}
        assert side.requests.pop().startswith(b"GET /a/path?a=query HTTP/1.1\r\n")
    deployment.restart("fetch")

    facts = logged(deployment)
    assert (facts["host"], facts["outcome"], facts["status"]) == ("127.0.0.1", "fetched", 200)
    assert "path" not in json.dumps(facts)
    assert "query" not in json.dumps(facts)


def test_s221_only_the_public_internet_is_reached_and_in_lambda_no_loopback_whatever_the_issuer_is(
    deployment: Deployment,
) -> None:
    assert fetch(deployment, "https://169.254.169.254/latest/meta-data/")["outcome"] == "refused"
    assert (logged(deployment)["outcome"], logged(deployment)["host"]) == ("refused", "169.254.169.254")
    assert "meta-data" not in json.dumps(logged(deployment))

    function, before = deployment.functions["fetch"], deployment.functions["fetch"].config
    with answering(OK) as side:
        url = f"http://127.0.0.1:{side.port}/"
        assert fetch(deployment, url)["outcome"] == "fetched"
        function.reconfigure({**before.environment, "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"})
        try:
            assert [fetch(deployment, each)["outcome"] for each in (url, "http://127.0.0.1:9001/")] == ["refused"] * 2
        finally:
            function.become(before)
        assert len(side.requests) == 1


def test_s231_an_event_of_any_other_form_is_refused(deployment: Deployment) -> None:
    events: tuple[Any, ...] = (None, [], {"url": "https://127.0.0.1/"})
    for event in events:
        assert deployment.invoke("fetch", event)["outcome"] == "refused"


def test_s231_who_may_not_invoke_it_or_calls_one_that_fails_fetches_nothing(operated: Operated) -> None:
    deployment = operated.deployment  # the shared one has no role that refuses anything
    access, role = deployment.client("iam"), deployment.functions["authorize"].config.role_arn.rpartition("/")[2]
    whole = access.get_role_policy(RoleName=role, PolicyName="access")["PolicyDocument"]
    less = [each for each in whole["Statement"] if each["Action"] != "lambda:InvokeFunction"]
    assert len(less) < len(whole["Statement"])
    function, before = deployment.functions["fetch"], deployment.functions["fetch"].config
    browser = entered(deployment, new_person(deployment))

    def put(statements: Any) -> None:
        document = json.dumps({**whole, "Statement": statements})
        access.put_role_policy(RoleName=role, PolicyName="access", PolicyDocument=document)

    with publishing() as publisher:
        path = publisher.publish(deployment).authorize_path(**PKCE)
        try:
            put(less)
            assert browser.get(path).status_code == 400
            assert "AccessDenied" in deployment.logs[-1]
            put(whole["Statement"])
            function.become(replace(before, environment={}))  # it does not know its issuer
            assert browser.get(path).status_code == 400
        finally:
            put(whole["Statement"])
            function.become(before)
        assert publisher.requested == []
        assert browser.get(path).status_code == 200
