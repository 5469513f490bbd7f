"""The numbers that somebody acts on, in CloudWatch's embedded metric format (docs/operations.md says who, and how).

`RULES` is the whole list: each metric with the event that it comes from, as the log has it. The one dimension is the
service (`POWERTOOLS_SERVICE_NAME`, a stage's own); no id, name or address ever becomes one. Where the stack sets
`POWERTOOLS_METRICS_DISABLED`, nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Powertools' Logger has imported this module already: it costs nothing more.
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

NAMESPACE = "Gatepost"
DIMENSION = "service"

Facts = Mapping[str, object]
FAILED, SUCCEEDED = "failed", "succeeded"  # the fact `sign_in` of an event


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one event adds to a metric, None for nothing. Events are named as in the log."""

    metric: str
    value: Callable[[str, Facts], float | None]
    unit: MetricUnit = MetricUnit.Count


def _one(happened: Callable[[str, Facts], object]) -> Callable[[str, Facts], float | None]:
    return lambda event, facts: 1 if happened(event, facts) else None


def _status(facts: Facts) -> int:
    status = facts.get("status")
    return status if isinstance(status, int) else 0


def _signed_in(event: str, facts: Facts) -> bool:
    by_password_grant = event == "token.answered" and facts.get("grant_type") == "password" and _status(facts) == 200
    return by_password_grant or facts.get("sign_in") == SUCCEEDED


def _age_days(event: str, facts: Facts) -> float | None:
    age = facts.get("age_days")
    return age if event == "signing_key.read" and isinstance(age, int | float) else None


RULES: tuple[Rule, ...] = (
    Rule(
        metric="TokensIssued",
        value=_one(lambda event, facts: event == "token.answered" and 200 <= _status(facts) < 300),
    ),
    Rule(
        metric="TokenErrors", value=_one(lambda event, facts: event == "token.answered" and 400 <= _status(facts) < 500)
    ),
    Rule(metric="SignIns", value=_one(_signed_in)),
    Rule(metric="SignInFailures", value=_one(lambda _, facts: facts.get("sign_in") == FAILED)),
    Rule(metric="AuthorizerFailed", value=_one(lambda event, _: event == "authorizer.failed")),
    Rule(metric="AuditLost", value=_one(lambda event, _: event == "audit.lost")),
    Rule(metric="MailLost", value=_one(lambda event, _: event == "recovery.mail_not_sent")),
    Rule(metric="KeyAge", value=_age_days, unit=MetricUnit.NoUnit),  # days: CloudWatch has no such unit
)
UNITS: Mapping[str, MetricUnit] = {rule.metric: rule.unit for rule in RULES}


def measured(event: str, facts: Facts) -> dict[str, float]:
    """What an event adds to which metrics."""
    found = ((rule.metric, rule.value(event, facts)) for rule in RULES)
    return {metric: value for metric, value in found if value is not None}


def measure(event: str, facts: Facts) -> None:
    """Write the metrics of an event, one line for all of them; most events have none and cost nothing."""
    values = measured(event, facts)
    if not values:
        return
    metrics = EphemeralMetrics(namespace=NAMESPACE)
    for metric, value in values.items():
        metrics.add_metric(name=metric, unit=UNITS[metric], value=value)
    metrics.flush_metrics()
