"""CloudFront and WAF in front of the API: a second stack, only if configured."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.configuration.context import configuration
from tests.infra.rendered import Template, functions, of_type
from tests.infra.synthesized import EDGE, ORIGIN, Synthesized, synthesized

SCOPES = {"scopes": {"read": "Read your data"}}


@pytest.fixture(scope="module")
def opening() -> Synthesized:
    return synthesized("opening")


@pytest.fixture(scope="module")
def edge(opening: Synthesized) -> Template:
    return opening.edge


def test_the_second_stack_exists_only_once_the_origin_is_known() -> None:
    begun = synthesized("begun")

    assert set(begun.templates) == {"Gatepost"}
    assert "ApiHost" in begun.main["Outputs"]


def test_behind_the_edge_the_domain_is_the_issuer_and_the_api_keeps_its_address(opening: Synthesized) -> None:
    (api,) = of_type(opening.main, "AWS::ApiGatewayV2::Api").values()

    assert functions(opening.main)["token"]["Environment"]["Variables"]["GATEPOST_ISSUER"] == "https://auth.example.com"
    assert api["DisableExecuteApiEndpoint"] is False
    assert not of_type(opening.main, "AWS::ApiGatewayV2::DomainName")
    assert not of_type(opening.main, "AWS::Route53::RecordSet")


def test_the_second_stack_is_in_us_east_1_and_refers_to_nothing_of_the_first(opening: Synthesized) -> None:
    stack = opening.artifacts["GatepostEdge"]

    assert stack["environment"].endswith("/us-east-1")
    assert stack["properties"]["stackName"] == "Gatepost-prod-edge-eu-west-1"
    assert "Gatepost" in stack["dependencies"]  # an order: the secret that it names is made there
    assert set(opening.edge) == {"Description", "Outputs", "Resources"}
    assert "ImportValue" not in json.dumps(opening.edge)
    assert not [each["Type"] for each in opening.edge["Resources"].values() if "Custom" in each["Type"]]


def test_two_regions_of_a_stage_share_no_name(opening: Synthesized) -> None:
    """The names that an account has once, or that both edges would have in us-east-1."""
    for resource in opening.edge["Resources"].values():
        properties = resource.get("Properties", {})
        for name in (properties.get("Name"), properties.get("CachePolicyConfig", {}).get("Name")):
            if isinstance(name, str) and resource["Type"] != "AWS::Route53::RecordSet":  # each region has its domain
                assert name.startswith("Gatepost-prod-edge-eu-west-1"), resource["Type"]
    (dashboard,) = of_type(opening.main, "AWS::CloudWatch::Dashboard").values()
    assert dashboard["DashboardName"]["Fn::Join"][1][-1] == {"Ref": "AWS::Region"}
    (secret,) = (each for each in of_type(opening.main, "AWS::SecretsManager::Secret").values() if "Name" in each)
    assert secret["Name"] == {"Fn::Join": ["", ["Gatepost-prod-edge-", {"Ref": "AWS::Region"}]]}


def test_an_edge_from_before_keeps_its_name(everything: Synthesized) -> None:
    (secret,) = (each for each in of_type(everything.main, "AWS::SecretsManager::Secret").values() if "Name" in each)

    assert everything.artifacts["GatepostEdge"]["properties"]["stackName"] == secret["Name"] == "Gatepost-prod-edge"


def test_the_domain_points_to_the_distribution_where_its_zone_is_known(edge: Template, everything: Synthesized) -> None:
    records = of_type(edge, "AWS::Route53::RecordSet").values()
    (distribution,) = of_type(edge, "AWS::CloudFront::Distribution")
    target = {"DNSName": {"Fn::GetAtt": [distribution, "DomainName"]}, "HostedZoneId": "Z2FDTNDATAQYW2"}

    assert {record["Type"] for record in records} == {"A", "AAAA"}
    for record in records:
        assert (record["Name"], record["AliasTarget"]) == ("auth.example.com", target)
    by_hand = everything.edge
    assert not of_type(by_hand, "AWS::Route53::RecordSet")
    assert by_hand["Outputs"]["DnsTarget"]["Value"] == {"Fn::GetAtt": [distribution, "DomainName"]}


def test_what_is_sent_on_and_kept(edge: Template) -> None:
    (distribution,) = of_type(edge, "AWS::CloudFront::Distribution").values()
    config = distribution["DistributionConfig"]
    all_but_host, no_caching = "b689b0a8-53d0-40ab-baf2-68738e2966ac", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    revocations, documents = config["CacheBehaviors"]  # the first that fits counts
    policies = of_type(edge, "AWS::CloudFront::CachePolicy")
    of_list, kept = (policies[each["CachePolicyId"]["Ref"]]["CachePolicyConfig"] for each in (revocations, documents))

    assert config["Aliases"] == ["auth.example.com"]
    assert config["HttpVersion"] == "http2and3"
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    (origin,) = config["Origins"]
    assert origin["DomainName"] == ORIGIN
    assert origin["CustomOriginConfig"] == {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}
    assert config["DefaultCacheBehavior"]["CachePolicyId"] == no_caching
    assert documents["PathPattern"] == "/.well-known/*"
    assert revocations["PathPattern"] == "/.well-known/revocations*"
    for behavior in (config["DefaultCacheBehavior"], documents, revocations):
        assert behavior["OriginRequestPolicyId"] == all_but_host
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
    assert (kept["MinTTL"], kept["DefaultTTL"]) == (0, 0)  # what says nothing about it is not kept
    key = kept["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Origin"]}  # CORS answers it
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "none"}
    nothing = of_list["ParametersInCacheKeyAndForwardedToOrigin"]  # of a request makes another response
    assert nothing["HeadersConfig"] == {"HeaderBehavior": "none"}
    assert nothing["CookiesConfig"] == {"CookieBehavior": "none"}
    assert nothing["QueryStringsConfig"] == {"QueryStringBehavior": "none"}
    assert (of_list["MinTTL"], of_list["DefaultTTL"], of_list["MaxTTL"]) == (0, 0, 31_536_000)


def test_an_error_is_kept_for_nobody(edge: Template) -> None:
    """Without this CloudFront answers everybody with one function's error for ten seconds."""
    (distribution,) = of_type(edge, "AWS::CloudFront::Distribution").values()
    responses = distribution["DistributionConfig"]["CustomErrorResponses"]

    # all that CloudFront lets a distribution name (CustomErrorResponse in its API reference)
    assert {each["ErrorCode"] for each in responses} == {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
    assert {each["ErrorCachingMinTTL"] for each in responses} == {0}
    assert not [each for each in responses if "ResponsePagePath" in each]  # the page is the function's


def test_the_web_acl_limits_each_address_and_counts_what_honest_requests_would_trip(edge: Template) -> None:
    ((logical, acl),) = of_type(edge, "AWS::WAFv2::WebACL").items()
    (distribution,) = of_type(edge, "AWS::CloudFront::Distribution").values()
    rate, *managed = acl["Rules"]
    counted = {
        rule["Name"]: {
            each["Name"]: each["ActionToUse"]
            for each in rule["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
        }
        for rule in managed
    }

    assert distribution["DistributionConfig"]["WebACLId"] == {"Fn::GetAtt": [logical, "Arn"]}
    assert acl["Scope"] == "CLOUDFRONT"
    assert rate["Statement"] == {"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 500}}
    assert rate["Action"] == {"Block": {"CustomResponse": {"ResponseCode": 429}}}
    assert set(counted) == {
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesAmazonIpReputationList",
    }
    common = counted["AWSManagedRulesCommonRuleSet"]
    assert set(common) == {
        *("NoUserAgent_HEADER", "SizeRestrictions_QUERYSTRING", "SizeRestrictions_BODY"),
        *("EC2MetaDataSSRF_QUERYARGUMENTS", "EC2MetaDataSSRF_BODY"),
        *("GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY"),
    }
    assert list(common.values()) == [{"Count": {}}] * 9


def test_nothing_at_the_edge_keeps_query_strings_paths_or_headers(edge: Template) -> None:
    (delivery,) = of_type(edge, "AWS::Logs::Delivery").values()
    (acl,) = of_type(edge, "AWS::WAFv2::WebACL").values()
    (distribution,) = of_type(edge, "AWS::CloudFront::Distribution").values()
    visible = [acl["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in acl["Rules"])]

    assert {field for field in delivery["RecordFields"] if field.startswith("cs")} == {"cs-method"}
    assert "Logging" not in distribution["DistributionConfig"]  # the older log has no choice of fields
    assert not any(each["SampledRequestsEnabled"] for each in visible)
    assert not of_type(edge, "AWS::WAFv2::LoggingConfiguration")


@pytest.mark.parametrize(
    ("given", "published"),
    [
        ({}, False),
        (EDGE, True),
        ({"published_revocations": True}, True),
        ({**EDGE, "published_revocations": False}, False),
    ],
    ids=["without an edge", "with an edge", "set", "not set, with an edge"],
)
def test_the_list_of_revocations_is_published_behind_the_edge_or_where_it_is_set(
    given: dict[str, Any], published: bool
) -> None:
    settings = configuration({**SCOPES, **given}).settings_for("https://auth.example.com")

    assert settings.published_revocations is published
