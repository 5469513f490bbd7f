"""The web ACL of the distribution: a rate limit per address, and AWS's managed rules."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct

from infra.configuration.context import Configuration

# Rules of the managed groups that would reject legitimate requests: counted, not blocked.
_GUARDED = "redirect URIs and ids of apps are URLs, of http://127.0.0.1 too, and what is fetched is guarded"
_ANY_TEXT = "a password may be any text, and pages escape everything"
_OWN_LIMIT = "functions have their own limit, which a long state or an app's description stays under"
COUNTED: Mapping[str, Mapping[str, str]] = {
    "AWSManagedRulesCommonRuleSet": {
        "NoUserAgent_HEADER": "clients are programs, and not all of them name themselves",
        "SizeRestrictions_QUERYSTRING": _OWN_LIMIT,
        "SizeRestrictions_BODY": _OWN_LIMIT,
        "EC2MetaDataSSRF_QUERYARGUMENTS": _GUARDED,
        "EC2MetaDataSSRF_BODY": _GUARDED,
        "GenericRFI_QUERYARGUMENTS": _GUARDED,
        "GenericRFI_BODY": _GUARDED,
        "CrossSiteScripting_BODY": _ANY_TEXT,
        "GenericLFI_BODY": _ANY_TEXT,
    },
    "AWSManagedRulesKnownBadInputsRuleSet": {},
    "AWSManagedRulesAmazonIpReputationList": {},
}


def web_acl(scope: Construct, configuration: Configuration) -> wafv2.CfnWebACL:
    """Return the web ACL of the edge."""
    rules = [_rate_rule(configuration.edge_rate_limit)]
    rules += [_managed_rule(name, counted, number) for number, (name, counted) in enumerate(COUNTED.items(), start=1)]
    return wafv2.CfnWebACL(
        scope,
        "WebAcl",
        name=configuration.edge_in(configuration.region),
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
    """Return visibility without samples: sampled requests show their Authorization header and cookies."""
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
