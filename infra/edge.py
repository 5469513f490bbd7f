"""CloudFront and AWS WAF before the API: a stack of its own, because both must be made in us-east-1.

Nothing crosses regions: the first stack says its host (`ApiHost`), and `edge_origin` repeats it here.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import CfnOutput, DefaultStackSynthesizer, Environment, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.context import Configuration
from infra.domain import alias_records
from infra.tables import removal_policy

TEMPLATE = "GatepostEdge"
REGION = "us-east-1"

# Policies and a zone that AWS keeps, the same ones for everybody.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"

_ORIGIN = "api"
_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
# No cs-uri-query, cs(Cookie) or cs(Referer): they may hold codes and tokens. No cs-uri-stem, as in the API's own log.
LOGGED = (
    *("date", "time", "x-edge-location", "c-ip", "cs-method", "sc-status", "sc-bytes", "time-taken"),
    *("x-edge-result-type", "x-edge-detailed-result-type", "ssl-protocol", "x-edge-request-id"),
)

# Rules of the managed groups that would refuse honest requests: counted, not blocked.
_FETCHES_NOTHING = "a redirect URI may be http://localhost or http://127.0.0.1, and the server fetches no address"
_ANY_TEXT = "a password may be any text, and pages escape everything"
_OWN_LIMIT = "functions have their own limit, which a long state or an app's description stays under"
COUNTED: Mapping[str, Mapping[str, str]] = {
    "AWSManagedRulesCommonRuleSet": {
        "NoUserAgent_HEADER": "clients are programs, and not all of them name themselves",
        "SizeRestrictions_QUERYSTRING": _OWN_LIMIT,
        "SizeRestrictions_BODY": _OWN_LIMIT,
        "EC2MetaDataSSRF_QUERYARGUMENTS": _FETCHES_NOTHING,
        "EC2MetaDataSSRF_BODY": _FETCHES_NOTHING,
        "GenericRFI_QUERYARGUMENTS": _FETCHES_NOTHING,
        "GenericRFI_BODY": _FETCHES_NOTHING,
        "CrossSiteScripting_BODY": _ANY_TEXT,
        "GenericLFI_BODY": _ANY_TEXT,
    },
    "AWSManagedRulesKnownBadInputsRuleSet": {},
    "AWSManagedRulesAmazonIpReputationList": {},
}


class EdgeStack(Stack):
    """The distribution that serves the domain, and the web ACL before it."""

    def __init__(self, scope: Construct, *, configuration: Configuration) -> None:
        """Needs `edge_origin`."""
        super().__init__(
            scope,
            TEMPLATE,
            stack_name=f"{configuration.stack_name}-edge",
            description="Gatepost, CloudFront and WAF before it",
            env=Environment(region=REGION),
            synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
            analytics_reporting=False,
        )
        acl = _web_acl(self, configuration)
        distribution = _distribution(self, configuration, acl)
        _access_log(self, configuration, distribution)
        alias_records(self, configuration, target=distribution.attr_domain_name, zone_id=CLOUDFRONT_ZONE)
        CfnOutput(self, "DnsTarget", value=distribution.attr_domain_name)


def _web_acl(scope: Construct, configuration: Configuration) -> wafv2.CfnWebACL:
    rules = [_rate_rule(configuration.edge_rate_limit)]
    rules += [_managed_rule(name, counted, number) for number, (name, counted) in enumerate(COUNTED.items(), start=1)]
    return wafv2.CfnWebACL(
        scope,
        "WebAcl",
        name=f"{configuration.stack_name}-edge",
        scope="CLOUDFRONT",
        default_action=wafv2.CfnWebACL.DefaultActionProperty(allow={}),
        visibility_config=_visible("all"),
        rules=rules,
    )


def _rate_rule(limit: int) -> wafv2.CfnWebACL.RuleProperty:
    statement = wafv2.CfnWebACL.RateBasedStatementProperty(limit=limit, aggregate_key_type="IP")
    return wafv2.CfnWebACL.RuleProperty(
        name="rate",
        priority=0,
        action=wafv2.CfnWebACL.RuleActionProperty(
            block=wafv2.CfnWebACL.BlockActionProperty(
                custom_response=wafv2.CfnWebACL.CustomResponseProperty(response_code=429)
            )
        ),
        statement=wafv2.CfnWebACL.StatementProperty(rate_based_statement=statement),
        visibility_config=_visible("rate"),
    )


def _managed_rule(name: str, counted: Mapping[str, str], priority: int) -> wafv2.CfnWebACL.RuleProperty:
    counting = wafv2.CfnWebACL.RuleActionProperty(count={})
    statement = wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(
        vendor_name="AWS",
        name=name,
        rule_action_overrides=[
            wafv2.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=counting) for rule in counted
        ],
    )
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=wafv2.CfnWebACL.StatementProperty(managed_rule_group_statement=statement),
        visibility_config=_visible(name),
    )


def _visible(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    """Counted, but without samples: a sampled request shows its Authorization header and cookies in the console."""
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )


def _distribution(scope: Construct, configuration: Configuration, acl: wafv2.CfnWebACL) -> cloudfront.CfnDistribution:
    documents = _document_cache(scope, configuration)
    return cloudfront.CfnDistribution(
        scope,
        "Distribution",
        distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
            enabled=True,
            comment=configuration.stack_name,
            aliases=[configuration.domain_name],
            http_version="http2and3",
            ipv6_enabled=True,
            price_class="PriceClass_All",
            web_acl_id=acl.attr_arn,
            viewer_certificate=cloudfront.CfnDistribution.ViewerCertificateProperty(
                acm_certificate_arn=configuration.edge_certificate_arn,
                minimum_protocol_version="TLSv1.2_2021",
                ssl_support_method="sni-only",
            ),
            origins=[
                cloudfront.CfnDistribution.OriginProperty(
                    id=_ORIGIN,
                    domain_name=configuration.edge_origin,
                    custom_origin_config=cloudfront.CfnDistribution.CustomOriginConfigProperty(
                        origin_protocol_policy="https-only", origin_ssl_protocols=["TLSv1.2"]
                    ),
                )
            ],
            default_cache_behavior=cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
                target_origin_id=_ORIGIN,
                viewer_protocol_policy="redirect-to-https",
                allowed_methods=_METHODS,
                cache_policy_id=CACHING_DISABLED,
                origin_request_policy_id=ALL_VIEWER_EXCEPT_HOST_HEADER,
                compress=False,
            ),
            cache_behaviors=[
                cloudfront.CfnDistribution.CacheBehaviorProperty(
                    path_pattern="/.well-known/*",
                    target_origin_id=_ORIGIN,
                    viewer_protocol_policy="redirect-to-https",
                    allowed_methods=["GET", "HEAD", "OPTIONS"],
                    cache_policy_id=documents.ref,
                    origin_request_policy_id=ALL_VIEWER_EXCEPT_HOST_HEADER,
                    compress=True,
                )
            ],
        ),
    )


def _document_cache(scope: Construct, configuration: Configuration) -> cloudfront.CfnCachePolicy:
    """Kept as long as the document itself says; the answer is the same for everybody but for the headers of CORS."""
    origin = cloudfront.CfnCachePolicy.HeadersConfigProperty(header_behavior="whitelist", headers=["Origin"])
    return cloudfront.CfnCachePolicy(
        scope,
        "Documents",
        cache_policy_config=cloudfront.CfnCachePolicy.CachePolicyConfigProperty(
            name=f"{configuration.stack_name}-documents",
            min_ttl=0,
            default_ttl=0,
            max_ttl=3600,
            parameters_in_cache_key_and_forwarded_to_origin=cloudfront.CfnCachePolicy.ParametersInCacheKeyAndForwardedToOriginProperty(
                cookies_config=cloudfront.CfnCachePolicy.CookiesConfigProperty(cookie_behavior="none"),
                headers_config=origin,
                query_strings_config=cloudfront.CfnCachePolicy.QueryStringsConfigProperty(query_string_behavior="none"),
                enable_accept_encoding_brotli=True,
                enable_accept_encoding_gzip=True,
            ),
        ),
    )


def _access_log(scope: Construct, configuration: Configuration, distribution: cloudfront.CfnDistribution) -> None:
    """CloudFront's newer way of logging, the only one in which fields are chosen."""
    name = f"{configuration.stack_name}-edge"
    group = logs.CfnLogGroup(
        scope,
        "AccessLogs",
        log_group_name=f"/aws/vendedlogs/cloudfront/{name}",
        retention_in_days=configuration.log_retention_days,
    )
    group.apply_removal_policy(removal_policy(configuration))
    stack = Stack.of(scope)
    arn = f"arn:{stack.partition}:cloudfront::{stack.account}:distribution/{distribution.ref}"
    source = logs.CfnDeliverySource(scope, "LogSource", name=name, log_type="ACCESS_LOGS", resource_arn=arn)
    destination = logs.CfnDeliveryDestination(
        scope, "LogDestination", name=name, destination_resource_arn=group.attr_arn, output_format="json"
    )
    delivery = logs.CfnDelivery(
        scope,
        "LogDelivery",
        delivery_source_name=source.name,
        delivery_destination_arn=destination.attr_arn,
        record_fields=list(LOGGED),
    )
    delivery.add_resource_dependency(source)
