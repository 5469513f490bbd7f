"""The way of a running domain to the edge: at each step its record stands, and leads to what is deployed already."""

from __future__ import annotations

from typing import Any

import pytest

from infra.configuration.allowed_values import BadContext
from infra.configuration.context import Configuration, configuration
from infra.tools.operator.before_deploy import NotYet, arguments_of_the_first
from tests.infra.rendered import of_type
from tests.infra.synthesized import DOMAIN, EDGE, ORIGIN, OWN, TARGET, ZONE, Synthesized, synthesized
from tests.infra.test_before_deploy import Account

SCOPES = {"scopes": {"read": "Read your data"}}
Steps = dict[str, Synthesized]


@pytest.fixture(scope="module")
def steps() -> Steps:
    return {name: synthesized(name) for name in ("running", "beside", "led", "done")}


def records(step: Synthesized) -> dict[tuple[str, str], dict[str, Any]]:
    """The records of the domain by stack and logical id."""
    return {
        (stack, logical): each
        for stack, template in step.templates.items()
        for logical, each in of_type(template, "AWS::Route53::RecordSet").items()
    }


def led_to(step: Synthesized) -> list[Any]:
    return [each["AliasTarget"]["DNSName"] for each in records(step).values()]


def test_a_record_for_the_issuer_stands_at_every_step_in_the_same_place(steps: Steps) -> None:
    """The same resource of the same stack: CloudFormation changes it and never deletes it to make another one."""
    places = [sorted(records(step)) for step in steps.values()]

    assert len(places[0]) == 2
    assert places == [places[0]] * 4
    assert {stack for stack, _ in places[0]} == {"Gatepost"}
    for step in steps.values():
        kinds = [(each["Name"], each["Type"]) for each in records(step).values()]
        assert sorted(kinds) == [(DOMAIN, "A"), (DOMAIN, "AAAA")]


def test_the_record_is_changed_once_and_leads_to_what_was_deployed_before(steps: Steps) -> None:
    (name,) = of_type(steps["running"].main, "AWS::ApiGatewayV2::DomainName")
    api = {"Fn::GetAtt": [name, "RegionalDomainName"]}

    assert [led_to(step) for step in steps.values()] == [[api] * 2, [api] * 2, [TARGET] * 2, [TARGET] * 2]
    serving = [set(of_type(each.main, "AWS::ApiGatewayV2::DomainName")) for each in steps.values()]
    assert serving == [{name}, {name}, {name}, set()]  # it goes after nothing leads there any more
    assert [len(each.templates) for each in steps.values()] == [1, 2, 2, 2]  # first the distribution
    for each in records(steps["done"]).values():
        assert each["AliasTarget"]["HostedZoneId"] == "Z2FDTNDATAQYW2"


def test_each_step_changes_what_it_says_and_the_distribution_stays(steps: Steps) -> None:
    edges = [steps[name].edge for name in ("beside", "led", "done")]
    assert edges[0] == edges[1] == edges[2]
    issuers = {
        each["Environment"]["Variables"]["GATEPOST_ISSUER"]
        for step in steps.values()
        for each in of_type(step.main, "AWS::Lambda::Function").values()
    }
    assert issuers == {f"https://{DOMAIN}"}
    changed = [
        logical
        for logical, resource in steps["beside"].main["Resources"].items()
        if steps["led"].main["Resources"][logical] != resource
    ]
    assert sorted(changed) == sorted(logical for _, logical in records(steps["led"]))


def test_what_goes_around_the_edge_is_refused_only_when_the_domain_leads_there() -> None:
    with pytest.raises(BadContext, match="edge_only is true; allowed is false while the API has the domain itself"):
        configuration({**SCOPES, **OWN, **EDGE, "edge_only": True})
    with pytest.raises(BadContext, match="edge_target is for a record of hosted_zone_id that leads to the edge"):
        configuration({**SCOPES, **EDGE, "edge_target": TARGET})
    with pytest.raises(BadContext, match="edge is false; edge_target is for the edge"):
        configuration({**SCOPES, **OWN, **ZONE, "edge_target": TARGET})


def test_an_order_that_deletes_the_record_first_is_refused() -> None:
    def asked(template: str, **values: Any) -> str:
        made = Configuration(
            settings={}, stage="prod", domain_name=DOMAIN, hosted_zone_id="Z0123456789", edge=True, **values
        )
        return arguments_of_the_first(made, Account("Gatepost-prod", template=template))

    with pytest.raises(NotYet, match=r"The record of auth\.example\.com is in the stack Gatepost-prod") as refused:
        asked('{"Type": "AWS::Route53::RecordSet"}')
    assert "keep certificate_arn until edge_target is set and deployed" in str(refused.value)
    assert asked('{"Type": "AWS::Route53::RecordSet"}', certificate_arn="arn:aws:acm:x", edge_origin=ORIGIN) == ""
    assert asked('{"Type": "AWS::Route53::RecordSet"}', edge_target=TARGET, edge_origin=ORIGIN) == ""
    assert asked("{}") == ""  # records of an edge that was made with the domain are in its own stack
