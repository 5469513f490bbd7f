"""CloudFront and AWS WAF in front of the API: a separate stack, because both must be created in us-east-1.

Two things cross regions: the first stack's output `ApiHost`, which `edge_origin` repeats here, and its secret for the
edge, which is replicated here under the same name.
"""

from __future__ import annotations

from aws_cdk import CfnOutput, DefaultStackSynthesizer, Environment, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from gatepost.edge.origin_secret import SECRET_HEADER, VIEWER_HEADER
from gatepost.routes import REVOCATION_LIST
from infra.configuration.context import EDGE_REGION, Configuration
from infra.stack.account import hold, of_the_account
from infra.stack.domain import CLOUDFRONT_ZONE, alias_records
from infra.stack.vended_logs import vended_log_group
from infra.stack.web_acl import web_acl

TEMPLATE = "GatepostEdge"

# Policies and a zone of AWS's own, the same in all accounts.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

_ORIGIN = "api"
# Every status for which CloudFront would keep an error of its own accord, for ten seconds and for everybody.
ERRORS = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
# No cs-uri-query, cs(Cookie) or cs(Referer): they may hold codes and tokens. No cs-uri-stem, as in the API's log.
LOGGED = (
    *("date", "time", "x-edge-location", "c-ip", "cs-method", "sc-status", "sc-bytes", "time-taken"),
    *("x-edge-result-type", "x-edge-detailed-result-type", "ssl-protocol", "x-edge-request-id"),
)

# An origin request policy can forward either all of a viewer's headers except Host, which must be API Gateway's own, or
# all of them including Host with headers of CloudFront's. So a function sets the viewer's address, replacing any value
# that the viewer sent.
_TELL_VIEWER = f"""function handler(event) {{
  event.request.headers["{VIEWER_HEADER}"] = {{value: event.viewer.ip}};
  return event.request;
}}
"""


class EdgeStack(Stack):
    """The distribution that serves the domain, and its web ACL."""

    def __init__(self, scope: Construct, *, configuration: Configuration) -> None:
        """Create the stack; needs `edge_origin`."""
        super().__init__(
            scope,
            TEMPLATE,
            stack_name=configuration.edge_in(configuration.region),
            description="Gatepost, CloudFront and WAF before it",
            env=Environment(region=EDGE_REGION),
            synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
            analytics_reporting=False,
            **of_the_account(configuration),
        )
        hold(self, configuration)
        acl = web_acl(self, configuration)
        distribution = _distribution(self, configuration, acl)
        _access_log(self, configuration, distribution)
        if not configuration.keeps_record:
            alias_records(self, configuration, target=distribution.attr_domain_name, zone_id=CLOUDFRONT_ZONE)
        CfnOutput(self, "DnsTarget", value=distribution.attr_domain_name)


def _distribution(scope: Construct, configuration: Configuration, acl: wafv2.CfnWebACL) -> cloudfront.CfnDistribution:
    telling = _tell_viewer(scope, configuration)
    documents = _cache(scope, "Documents", configuration, headers=["Origin"], max_ttl=3600)  # CORS answers the origin
    lists = _cache(scope, "Revocations", configuration, headers=[], max_ttl=31_536_000)
    return cloudfront.CfnDistribution(
        scope,
        "Distribution",
        distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
            enabled=True,
            comment=configuration.edge_in(configuration.region),
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
                    origin_custom_headers=[_secret_header(configuration)],
                )
            ],
            default_cache_behavior=cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
                target_origin_id=_ORIGIN,
                viewer_protocol_policy="redirect-to-https",
                allowed_methods=_METHODS,
                cache_policy_id=CACHING_DISABLED,
                origin_request_policy_id=ALL_VIEWER_EXCEPT_HOST_HEADER,
                compress=False,
                function_associations=telling,
            ),
            custom_error_responses=[
                cloudfront.CfnDistribution.CustomErrorResponseProperty(error_code=code, error_caching_min_ttl=0)
                for code in ERRORS
            ],
            cache_behaviors=[  # the first that fits counts
                _cached(f"{REVOCATION_LIST.path}*", lists, telling),
                _cached("/.well-known/*", documents, telling),
            ],
        ),
    )


def _secret_header(configuration: Configuration) -> cloudfront.CfnDistribution.OriginCustomHeaderProperty:
    """Return the header that identifies the edge. CloudFormation resolves it when the reference changes."""
    name, slot = configuration.edge_in(configuration.region), configuration.edge_secret
    value = f"{{{{resolve:secretsmanager:{name}:SecretString:{slot}}}}}"
    return cloudfront.CfnDistribution.OriginCustomHeaderProperty(header_name=SECRET_HEADER, header_value=value)


def _tell_viewer(
    scope: Construct, configuration: Configuration
) -> list[cloudfront.CfnDistribution.FunctionAssociationProperty]:
    function = cloudfront.CfnFunction(
        scope,
        "TellViewer",
        name=f"{configuration.edge_in(configuration.region)}-viewer",
        auto_publish=True,
        function_code=_TELL_VIEWER,
        function_config=cloudfront.CfnFunction.FunctionConfigProperty(
            comment="Tells the origin where a request comes from", runtime="cloudfront-js-2.0"
        ),
    )
    return [
        cloudfront.CfnDistribution.FunctionAssociationProperty(
            event_type="viewer-request", function_arn=function.attr_function_arn
        )
    ]


def _cached(
    path: str,
    policy: cloudfront.CfnCachePolicy,
    telling: list[cloudfront.CfnDistribution.FunctionAssociationProperty],
) -> cloudfront.CfnDistribution.CacheBehaviorProperty:
    return cloudfront.CfnDistribution.CacheBehaviorProperty(
        path_pattern=path,
        target_origin_id=_ORIGIN,
        viewer_protocol_policy="redirect-to-https",
        allowed_methods=["GET", "HEAD", "OPTIONS"],
        cache_policy_id=policy.ref,
        origin_request_policy_id=ALL_VIEWER_EXCEPT_HOST_HEADER,
        compress=True,
        function_associations=telling,
    )


def _cache(
    scope: Construct, name: str, configuration: Configuration, *, headers: list[str], max_ttl: int
) -> cloudfront.CfnCachePolicy:
    """Return a policy that caches as long as a document allows. Only `headers` of a request make another response."""
    keyed = cloudfront.CfnCachePolicy.HeadersConfigProperty(
        header_behavior="whitelist" if headers else "none", headers=headers or None
    )
    return cloudfront.CfnCachePolicy(
        scope,
        name,
        cache_policy_config=cloudfront.CfnCachePolicy.CachePolicyConfigProperty(
            name=f"{configuration.edge_in(configuration.region)}-{name.lower()}",
            min_ttl=0,
            default_ttl=0,
            max_ttl=max_ttl,
            parameters_in_cache_key_and_forwarded_to_origin=cloudfront.CfnCachePolicy.ParametersInCacheKeyAndForwardedToOriginProperty(
                cookies_config=cloudfront.CfnCachePolicy.CookiesConfigProperty(cookie_behavior="none"),
                headers_config=keyed,
                query_strings_config=cloudfront.CfnCachePolicy.QueryStringsConfigProperty(query_string_behavior="none"),
                enable_accept_encoding_brotli=True,
                enable_accept_encoding_gzip=True,
            ),
        ),
    )


def _access_log(scope: Construct, configuration: Configuration, distribution: cloudfront.CfnDistribution) -> None:
    """Log with CloudFront's standard logging v2, the only one in which fields can be chosen."""
    name = configuration.edge_in(configuration.region)
    group = vended_log_group(scope, "AccessLogs", configuration, f"cloudfront/{name}")
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
