from __future__ import annotations

import re
from typing import Any

import pytest

from gatepost.routes import HEADS, PREFLIGHTS, ROUTES
from tests.infra.rendered import Template, functions, of_type, routes
from tests.infra.synthesized import Synthesized, synthesized

# A route of any other function has the authorizer before it. Userinfo checks the token itself.
PUBLIC_FUNCTIONS = {
    *("authorize", "consent", "token", "revoke", "introspect", "userinfo", "logout", "register_app", "metadata"),
    *("console", "registration", "recovery", "apps", "connections", "account", "admin"),
}
PUBLIC_DOCUMENTS = ("/consumer", "/consumer/openapi.json")


def test_every_route_but_those_of_the_named_public_functions_has_the_authorizer(template: Template) -> None:
    (authorizer,) = of_type(template, "AWS::ApiGatewayV2::Authorizer")
    for route in (*ROUTES, *HEADS):
        deployed = routes(template)[route.key]
        if route.function in PUBLIC_FUNCTIONS or route.path in PUBLIC_DOCUMENTS:
            assert deployed["AuthorizationType"] == "NONE", route.key
        else:
            assert deployed["AuthorizationType"] == "CUSTOM", route.key
            assert deployed["AuthorizerId"] == {"Ref": authorizer}, route.key


def test_the_api_has_the_routes_of_the_table(template: Template) -> None:
    assert set(routes(template)) == {route.key for route in (*ROUTES, *HEADS, *PREFLIGHTS)}


def test_a_preflight_needs_no_token_and_goes_to_the_metadata(template: Template) -> None:
    target = routes(template)["GET /.well-known/jwks.json"]["Target"]
    assert len(PREFLIGHTS) == 12
    for each in PREFLIGHTS:
        deployed = routes(template)[each.key]
        assert (deployed["AuthorizationType"], deployed["Target"]) == ("NONE", target), each.key


def test_what_only_some_stages_have_is_deployed_nowhere_else(plain_template: Template) -> None:
    assert "demo" not in functions(plain_template)
    # where CORS is configured, API Gateway answers preflights
    assert not [key for key in routes(plain_template) if "/demo" in key or key.startswith("OPTIONS ")]


def test_a_cached_decision_belongs_to_one_token_and_one_route(template: Template) -> None:
    (authorizer,) = of_type(template, "AWS::ApiGatewayV2::Authorizer").values()
    assert authorizer["IdentitySource"] == ["$request.header.Authorization", "$context.routeKey"]
    assert authorizer["AuthorizerPayloadFormatVersion"] == "2.0"
    assert authorizer["EnableSimpleResponses"] is True
    assert authorizer["AuthorizerResultTtlInSeconds"] == 5


def test_every_route_has_its_limit_and_head_that_of_get(template: Template) -> None:
    (stage,) = of_type(template, "AWS::ApiGatewayV2::Stage").values()
    assert stage["RouteSettings"]["POST /developer/login"] == {"ThrottlingRateLimit": 20, "ThrottlingBurstLimit": 40}
    limits = stage["RouteSettings"]
    usual = [key for key in routes(template) if key not in limits]  # HEAD, where GET has the limits of all
    assert all(limits[key.replace("HEAD", "GET")] == stage["DefaultRouteSettings"] for key in usual)
    heads = [key for key in limits if key.startswith("HEAD ")]
    assert heads == [
        f"HEAD {path}"
        for path in (
            "/authorization/register/{client_id}", "/.well-known/revocations", "/.well-known/revocations/{name}"
        )
    ]  # fmt: skip
    assert all(limits[key] == limits[key.replace("HEAD", "GET")] for key in heads)
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}


def test_a_named_route_has_its_own_limit_and_the_others_theirs_times_the_scale(plain_template: Template) -> None:
    (stage,) = of_type(plain_template, "AWS::ApiGatewayV2::Stage").values()
    limits = {
        key: (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"]) for key, each in stage["RouteSettings"].items()
    }
    assert limits["POST /authorization/token"] == (1000, 2000)
    assert limits["POST /developer/forgotten"] == (7, 14)
    assert limits["POST /developer/login"] == (60, 120)
    assert limits["POST /authorization/introspect"] == (300, 600)
    assert limits["GET /developer"] == limits["HEAD /developer"] == (9, 18)
    assert set(limits) <= set(routes(plain_template))
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 300, "ThrottlingBurstLimit": 600}


def test_the_access_log_holds_no_query_string_path_or_header(template: Template) -> None:
    (stage,) = of_type(template, "AWS::ApiGatewayV2::Stage").values()
    variables = set(re.findall(r"\$context\.([\w.]+)", stage["AccessLogSettings"]["Format"]))
    assert variables == {
        *("requestId", "requestTime", "identity.sourceIp", "routeKey", "status", "responseLength", "responseLatency"),
        *("integrationLatency", "integrationErrorMessage", "authorizer.error"),
    }


def test_every_table_is_on_demand_encrypted_recoverable_protected_and_forgets(template: Template) -> None:
    tables = of_type(template, "AWS::DynamoDB::Table")
    assert len(tables) == 7
    for name, table in tables.items():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["SSESpecification"] == {"SSEEnabled": True}
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        assert table["DeletionProtectionEnabled"] is True
        assert template["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate"


def test_protection_and_removal_are_settings(plain_template: Template) -> None:
    for name, table in of_type(plain_template, "AWS::DynamoDB::Table").items():
        assert table["DeletionProtectionEnabled"] is False
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": False}
        assert plain_template["Resources"][name]["DeletionPolicy"] == "Delete"


@pytest.mark.parametrize(("fixture", "days"), [("template", 365), ("plain_template", 7)])
def test_logs_are_kept_as_long_as_the_setting_says(request: pytest.FixtureRequest, fixture: str, days: int) -> None:
    rendered: Template = request.getfixturevalue(fixture)
    groups = of_type(rendered, "AWS::Logs::LogGroup").values()
    assert len(groups) == len(functions(rendered)) + 1  # and the access log
    assert {group["RetentionInDays"] for group in groups} == {days}
    kept = {each["DeletionPolicy"] for each in rendered["Resources"].values() if each["Type"] == "AWS::Logs::LogGroup"}
    assert kept == {"RetainExceptOnCreate" if fixture == "template" else "Delete"}  # as the tables
    assert all("LogGroup" in each["LoggingConfig"] for each in functions(rendered).values())


def test_functions_end_before_the_api_stops_waiting_and_keep_the_limits_of_lambda(template: Template) -> None:
    for name, function in functions(template).items():
        variables = function["Environment"]["Variables"].items()
        assert sum(len(key) + (len(value) if isinstance(value, str) else 200) for key, value in variables) < 4096
        assert function["Timeout"] < 30 or name in ("rotate_keys", "backchannel_logout")  # which serve no API
        assert function["Handler"] == "handler.handler"
        assert len(function["Layers"]) <= 5


def test_the_endpoints_are_a_setting(template: Template, everything: Synthesized) -> None:
    told = {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"}

    for function in functions(everything.main).values():
        assert told.items() <= function["Environment"]["Variables"].items()
    assert not [each for each in functions(template).values() if {*told} & {*each["Environment"]["Variables"]}]


def test_the_secrets_hold_no_key_until_they_are_rotated_at_once(template: Template) -> None:
    secrets = of_type(template, "AWS::SecretsManager::Secret")
    schedules = of_type(template, "AWS::SecretsManager::RotationSchedule").values()
    assert len(secrets) == 2
    assert {each["SecretId"]["Ref"] for each in schedules} == set(secrets)
    for schedule in schedules:
        assert schedule["RotateImmediatelyOnUpdate"] is True
    signing, refresh = (each["RotationRules"] for each in schedules)
    assert signing == {"AutomaticallyAfterDays": 30, "Duration": "23h"}  # by the number of its algorithms
    assert refresh == {"AutomaticallyAfterDays": 30}


def test_only_this_api_and_this_account_invoke_the_functions(template: Template) -> None:
    for permission in of_type(template, "AWS::Lambda::Permission").values():
        if permission["Principal"] == "apigateway.amazonaws.com":
            assert ":execute-api:" in str(permission["SourceArn"])
        else:
            assert permission["Principal"] == "secretsmanager.amazonaws.com"
            assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}


def test_the_issuer_is_the_address_of_the_api_unless_it_is_set(template: Template, plain_template: Template) -> None:
    (api,) = of_type(template, "AWS::ApiGatewayV2::Api")
    variables = functions(template)["token"]["Environment"]["Variables"]
    assert variables["GATEPOST_ISSUER"] == {"Fn::GetAtt": [api, "ApiEndpoint"]}
    variables = functions(plain_template)["token"]["Environment"]["Variables"]
    assert variables["GATEPOST_ISSUER"] == "https://auth.example.com"


def test_an_own_domain_has_its_certificate_its_record_and_no_second_address(plain_template: Template) -> None:
    (domain,) = of_type(plain_template, "AWS::ApiGatewayV2::DomainName").values()
    records = of_type(plain_template, "AWS::Route53::RecordSet").values()
    (api,) = of_type(plain_template, "AWS::ApiGatewayV2::Api").values()
    assert {domain["DomainName"], *(record["Name"] for record in records)} == {"auth.example.com"}
    assert {record["Type"] for record in records} == {"A", "AAAA"}
    assert domain["DomainNameConfigurations"] == [
        {
            "CertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/0",
            "EndpointType": "REGIONAL",
            "IpAddressType": "dualstack",
            "SecurityPolicy": "TLS_1_2",
        }
    ]
    assert plain_template["Outputs"]["DnsTarget"]["Value"]["Fn::GetAtt"][1] == "RegionalDomainName"
    assert api["DisableExecuteApiEndpoint"] is True


def test_without_a_hosted_zone_the_record_is_made_by_hand() -> None:
    asked = synthesized("asked").main
    (domain,) = of_type(asked, "AWS::ApiGatewayV2::DomainName")

    assert not of_type(asked, "AWS::Route53::RecordSet")
    assert asked["Outputs"]["DnsTarget"]["Value"] == {"Fn::GetAtt": [domain, "RegionalDomainName"]}


def test_api_gateway_configures_cors_for_named_origins_only_and_never_with_credentials(
    template: Template, plain_template: Template
) -> None:
    (api,) = of_type(template, "AWS::ApiGatewayV2::Api").values()
    assert "CorsConfiguration" not in api
    (api,) = of_type(plain_template, "AWS::ApiGatewayV2::Api").values()
    assert api["CorsConfiguration"]["AllowOrigins"] == ["https://app.example.com"]
    assert api["CorsConfiguration"]["AllowCredentials"] is False


def test_the_template_needs_no_parameters_custom_resources_or_containers(template: Template) -> None:
    assert set(template) == {"Description", "Outputs", "Resources"}
    kinds: set[Any] = {each["Type"] for each in template["Resources"].values()}
    assert not [kind for kind in kinds if "Custom" in kind]
    assert {"Issuer", "BaseUrl", "TableApps", "TableTokens"} <= set(template["Outputs"])
