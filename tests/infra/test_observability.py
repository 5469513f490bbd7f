"""Alarms, topic, dashboard and runbook agree."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gatepost.observability.metrics import UNITS
from infra.configuration.context import ROOT
from infra.stack.function_table import FUNCTIONS
from tests.infra.rendered import Template, functions, of_type
from tests.infra.synthesized import synthesized

RUNBOOK = (ROOT / "docs" / "operations.md").read_text()
OWN = "Gatepost"


@pytest.fixture(scope="session")
def alarms(template: Template) -> dict[str, dict[str, Any]]:
    """By name, without the stack before it."""
    found = of_type(template, "AWS::CloudWatch::Alarm").values()
    return {each["AlarmName"].removeprefix("Gatepost-prod-"): each for each in found}


def named_in(document: Any) -> set[str]:
    """The custom metrics that an alarm or the dashboard looks at."""
    text = json.dumps(document)
    return set(re.findall(r'"Namespace": "Gatepost"[^{}]*?"MetricName": "(\w+)"', text)) | set(
        re.findall(r'"MetricName": "(\w+)", "Namespace": "Gatepost"', text)
    )


def dashboard(template: Template) -> dict[str, Any]:
    (board,) = of_type(template, "AWS::CloudWatch::Dashboard").values()
    parts = board["DashboardBody"]["Fn::Join"][1]
    body: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else "ref" for part in parts))
    return body


def test_each_alarm_has_its_section_in_the_runbook_and_each_section_its_alarm(alarms: dict[str, Any]) -> None:
    told = set(re.findall(r"^### (.+)$", RUNBOOK.split("## The alarms\n")[1].split("\n## ")[0], re.MULTILINE))
    pointed = {each["AlarmDescription"].rpartition("docs/operations.md#")[2] for each in alarms.values()}

    assert pointed == told
    assert {re.sub(r"-\d$", "", name) for name in alarms} == told


def test_what_the_functions_count_is_watched_and_what_is_watched_is_counted(
    template: Template, alarms: dict[str, Any]
) -> None:
    counted = set(UNITS)
    shown = {line[1] for w in dashboard(template)["widgets"] for line in w["properties"]["metrics"] if line[0] == OWN}

    assert set().union(*(named_in(each) for each in alarms.values())) == counted
    assert shown == counted


def test_custom_metrics_are_looked_for_where_this_stage_writes_them(template: Template, alarms: dict[str, Any]) -> None:
    variables = functions(template)["token"]["Environment"]["Variables"]
    for alarm in alarms.values():
        for query in alarm["Metrics"]:
            metric = query.get("MetricStat", {}).get("Metric", {})
            if metric.get("Namespace") == OWN:
                assert metric["Dimensions"] == [{"Name": "service", "Value": variables["GATEPOST_LOG_SERVICE"]}]


def share(of: str, others: str) -> str:
    """Return the expression of a percentage, from 50 on."""
    everything = f"({of} + FILL({others}, 0))"
    return f"IF({everything[1:-1]} >= 50, 100 * {of} / {everything}, 0)"


@pytest.mark.parametrize(
    ("name", "expression", "threshold", "periods"),
    [
        ("server-errors", "IF(errors >= 5, 100 * errors / requests, 0)", ">1", 1),
        ("token-errors", share("refused", "issued"), ">50", 3),
        ("sign-in-failures", share("failed", "entered"), ">50", 1),
        ("authorizer-errors", "FILL(broken, 0) + FILL(failed, 0)", ">=5", 1),
        ("key-age", "age", ">32", 1),
        ("rotation-failed", "errors", ">=1", 1),
        ("audit-lost", "lost", ">=1", 1),
        ("mail-lost", "lost", ">=1", 1),
        ("hour-used-up", "refused", ">=1", 1),
    ],
)
def test_an_alarm_rings_from_its_value(
    alarms: dict[str, Any], name: str, expression: str, threshold: str, periods: int
) -> None:
    alarm = alarms[name]
    (watched,) = (query for query in alarm["Metrics"] if query["ReturnData"])
    sign = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">="}[alarm["ComparisonOperator"]]

    assert (watched["Expression"], f"{sign}{alarm['Threshold']}") == (expression, threshold)
    assert alarm["EvaluationPeriods"] == alarm["DatapointsToAlarm"] == periods


def test_every_function_and_every_table_that_a_request_can_fail_for_is_watched(
    template: Template, alarms: dict[str, Any]
) -> None:
    def watched(metric: str) -> int:
        queries = [query for alarm in alarms.values() for query in alarm["Metrics"]]
        return sum(query.get("MetricStat", {}).get("Metric", {}).get("MetricName") == metric for query in queries)

    deployed = len(functions(template))
    assert deployed == len(FUNCTIONS)
    assert watched("Errors") == watched("Throttles") == deployed
    assert (
        watched("ReadThrottleEvents")
        == watched("WriteThrottleEvents")
        == len(of_type(template, "AWS::DynamoDB::Table")) - 1  # counts
    )


def test_an_alarm_keeps_the_limits_of_cloudwatch_and_tells_both_ways(
    template: Template, alarms: dict[str, Any]
) -> None:
    (topic,) = of_type(template, "AWS::SNS::Topic")
    for name, alarm in alarms.items():
        series = [query for query in alarm["Metrics"] if "MetricStat" in query]
        (expression,) = (query["Expression"] for query in alarm["Metrics"] if "Expression" in query)
        assert 1 <= len(series) <= 10, name
        assert "SEARCH" not in expression
        assert all(re.search(rf"\b{query['Id']}\b", expression) for query in series), name
        assert alarm["TreatMissingData"] == "notBreaching"  # no request, no failure
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
        assert len(alarm["AlarmDescription"]) < 1024


def test_only_this_account_s_alarms_publish_and_only_by_tls(template: Template) -> None:
    (policy,) = of_type(template, "AWS::SNS::TopicPolicy").values()
    allowed, denied = policy["PolicyDocument"]["Statement"]

    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_dashboard_shows_every_alarm_with_its_threshold(template: Template, alarms: dict[str, Any]) -> None:
    widgets = dashboard(template)["widgets"]
    marked = [w for w in widgets if "annotations" in w["properties"]]
    places = {(w["x"], w["y"]) for w in widgets}

    assert {w["properties"]["title"].replace(" ", "-") for w in marked} == set(alarms)
    for widget in marked:
        alarm = alarms[widget["properties"]["title"].replace(" ", "-")]
        assert widget["properties"]["annotations"]["horizontal"][0]["value"] == alarm["Threshold"]
    assert len(places) == len(widgets)
    assert all(x + 8 <= 24 for x, _ in places)


def test_without_alarms_there_is_nothing_to_pay_for_and_functions_write_no_metrics(
    template: Template, plain_template: Template
) -> None:
    kinds = {each["Type"] for each in plain_template["Resources"].values()}

    assert not {kind for kind in kinds if kind.startswith(("AWS::CloudWatch", "AWS::SNS"))}
    for rendered, told in ((plain_template, {"off"}), (template, {None})):
        variables = [each["Environment"]["Variables"] for each in functions(rendered).values()]
        assert {each.get("GATEPOST_METRICS") for each in variables} == told


def test_an_address_subscribes() -> None:
    (subscription,) = of_type(synthesized("asked").main, "AWS::SNS::Subscription").values()

    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")


# Fields that Logs Insights finds: facts of gatepost.http.entry_point, and the access log of infra.stack.api.
FIELDS = {
    *("message", "endpoint", "status", "error", "reason", "at", "client_id", "route", "event", "sign_in", "user_id"),
    *("kind", "queue", "xray_trace_id", "integration_error", "ip"),
}


def queries() -> list[str]:
    blocks = re.findall(r"^```insights\n(.*?)^```", RUNBOOK, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 10
    return blocks


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.split("\n")[0])
def test_a_query_of_the_runbook_asks_for_fields_that_lines_have(query: str) -> None:
    bare = re.sub(r'"[^"]*"|/[^/\n]*/|\[[^]]*\]', "", query)
    named = set(re.findall(r"[@a-z_]+(?:\.\w+)?", bare)) - {
        *("filter", "stats", "fields", "sort", "limit", "count", "count_distinct", "as", "by", "desc", "and", "or"),
        *("like", "in", "bin", "m"),
    }
    aliases = set(re.findall(r"\bas (\w+)", bare))
    read = {name for name in named if not name.startswith("@")} - aliases

    assert read <= FIELDS


def test_the_cost_of_the_alarms_is_the_one_that_the_docs_tell(alarms: dict[str, Any]) -> None:
    series = sum("MetricStat" in query for alarm in alarms.values() for query in alarm["Metrics"])
    others = 2 * sum(spec.demo or spec.only_if is not None for spec in FUNCTIONS)  # errors and throttles, not in `prod`
    optional = [alarm for name, alarm in alarms.items() if name.endswith(("logouts-late", "logouts-lost"))]
    others += sum("MetricStat" in query for alarm in optional for query in alarm["Metrics"])
    told = (ROOT / "docs" / "deploy.md").read_text()

    assert f"| {series - others} alarm metrics | – | 6.70 | 0.10 for each" in told
    assert f"| {len(UNITS)} custom metrics |" in told
