"""The metrics, all of which someone acts on (docs/operations.md).

`RULES` is the complete list: each metric with its event in the log. `log.note` writes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

Facts = Mapping[str, object]
FAILED, SUCCEEDED = "failed", "succeeded"  # the fact `sign_in` of an event
ANY = ""  # instead of an event's name


class Rule(NamedTuple):
    """A rule that adds an event's value to a metric, None for nothing. `event` is its name in the log, or `ANY`."""

    metric: str
    event: str
    value: Callable[[Facts], float | None]
    unit: str = "Count"


def _always(facts: Facts) -> float | None:
    return 1


def _status(low: int, high: int) -> Callable[[Facts], float | None]:
    def value(facts: Facts) -> float | None:
        status = facts.get("status")
        return 1 if isinstance(status, int) and low <= status < high else None

    return value


def _password_grant(facts: Facts) -> float | None:
    return 1 if facts.get("grant_type") == "password" and facts.get("status") == 200 else None


def _sign_in(outcome: str) -> Callable[[Facts], float | None]:
    return lambda facts: 1 if facts.get("sign_in") == outcome else None


def _age_days(facts: Facts) -> float | None:
    age = facts.get("age_days")
    return age if isinstance(age, int | float) else None


def _entries(facts: Facts) -> float | None:
    entries = facts.get("entries")
    return entries if isinstance(entries, int) else None


RULES: tuple[Rule, ...] = (
    Rule(metric="TokensIssued", event="token.answered", value=_status(200, 300)),
    Rule(metric="TokenErrors", event="token.answered", value=_status(400, 500)),
    Rule(metric="SignIns", event="token.answered", value=_password_grant),
    Rule(metric="SignIns", event=ANY, value=_sign_in(SUCCEEDED)),
    Rule(metric="SignInFailures", event=ANY, value=_sign_in(FAILED)),
    Rule(metric="AuthorizerFailed", event="authorizer.failed", value=_always),
    Rule(metric="AuditLost", event="audit.lost", value=_always),
    Rule(metric="MailLost", event="recovery.mail_not_sent", value=_always),
    Rule(metric="MailLost", event="account.mail_not_sent", value=_always),
    Rule(metric="LogoutsNotAnnounced", event="logout.not_announced", value=_always),
    Rule(metric="HoursNearlyUsedUp", event="hour.nearly_used_up", value=_always),
    Rule(metric="FeedEntries", event="feed.written", value=_always),
    Rule(metric="FeedSize", event="feed.read", value=_entries),
    Rule(metric="KeyAge", event="signing_key.read", value=_age_days, unit="None"),  # days: CloudWatch has no such unit
)
UNITS: Mapping[str, str] = {rule.metric: rule.unit for rule in RULES}
_BY_EVENT: Mapping[str, tuple[Rule, ...]] = {
    event: tuple(rule for rule in RULES if rule.event in (event, ANY)) for event in {rule.event for rule in RULES}
}


def measured(event: str, facts: Facts) -> dict[str, float]:
    """Return the values that an event adds, by metric."""
    found = ((rule.metric, rule.value(facts)) for rule in _BY_EVENT.get(event, _BY_EVENT[ANY]))
    return {metric: value for metric, value in found if value is not None}
