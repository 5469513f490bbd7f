"""A custom domain for the API, and the target of its record."""

from __future__ import annotations

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_route53 as route53
from constructs import Construct

from infra.configuration.context import Configuration

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"  # AWS's, the same one for everybody


class Domain(Construct):
    """The custom domain of `cdk.json`, and its DNS record where the zone is known.

    The record stays when an edge takes the domain over: it leads there then, and the API's own domain goes later.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, configuration: Configuration, stage: apigateway.CfnStage
    ) -> None:
        """`target` is the host that serves the domain, if that is the API's."""
        super().__init__(scope, construct_id)
        self.target, zone_id = "", ""
        if configuration.serves_domain:
            name = self._served(configuration, stage)
            self.target, zone_id = name.attr_regional_domain_name, name.attr_regional_hosted_zone_id
        if configuration.edge_target:
            alias_records(self, configuration, target=configuration.edge_target, zone_id=CLOUDFRONT_ZONE)
        else:
            alias_records(self, configuration, target=self.target, zone_id=zone_id)

    def _served(self, configuration: Configuration, stage: apigateway.CfnStage) -> apigateway.CfnDomainName:
        name = apigateway.CfnDomainName(
            self,
            "Name",
            domain_name=configuration.domain_name,
            domain_name_configurations=[
                apigateway.CfnDomainName.DomainNameConfigurationProperty(
                    certificate_arn=configuration.certificate_arn,
                    endpoint_type="REGIONAL",
                    security_policy="TLS_1_2",
                    ip_address_type="dualstack",
                )
            ],
        )
        mapping = apigateway.CfnApiMapping(
            self, "Mapping", api_id=stage.api_id, domain_name=name.ref, stage=stage.stage_name
        )
        mapping.add_resource_dependency(stage)
        return name


def alias_records(scope: Construct, configuration: Configuration, *, target: str, zone_id: str) -> None:
    """Point the domain to `target`, for IPv4 and IPv6, if the hosted zone is known; else it is done by hand."""
    if not configuration.hosted_zone_id:
        return
    for name, kind in (("Record", "A"), ("RecordV6", "AAAA")):
        route53.CfnRecordSet(
            scope,
            name,
            name=configuration.domain_name,
            type=kind,
            hosted_zone_id=configuration.hosted_zone_id,
            alias_target=route53.CfnRecordSet.AliasTargetProperty(dns_name=target, hosted_zone_id=zone_id),
        )
