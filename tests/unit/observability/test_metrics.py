"""The metrics of events."""

from __future__ import annotations

import pytest

from gatepost.observability.metrics import RULES, UNITS, measured


@pytest.mark.parametrize(
    ("event", "facts", "values"),
    [
        ("token.answered", {"status": 200, "grant_type": "refresh_token"}, {"TokensIssued": 1}),
        ("token.answered", {"status": 200, "grant_type": "password"}, {"TokensIssued": 1, "SignIns": 1}),
        ("token.answered", {"status": 400, "error": "invalid_grant"}, {"TokenErrors": 1}),
        ("token.answered", {"status": 401, "error": "invalid_client"}, {"TokenErrors": 1}),
        ("token.answered", {"status": 429, "sign_in": "failed"}, {"TokenErrors": 1, "SignInFailures": 1}),
        ("token.answered", {"status": 503}, {}),  # the API's own 5xx counts these
        ("console.answered", {"status": 303, "sign_in": "succeeded"}, {"SignIns": 1}),
        ("console.answered", {"status": 400, "sign_in": "failed"}, {"SignInFailures": 1}),
        ("console.answered", {"status": 200}, {}),
        ("introspect.answered", {"status": 401}, {}),
        ("authorizer.failed", {"reason": "KeyError"}, {"AuthorizerFailed": 1}),
        ("authorizer.denied", {"reason": "scope"}, {}),
        ("audit.lost", {"event": "signed_in"}, {"AuditLost": 1}),
        ("recovery.mail_not_sent", {"reason": "sandbox"}, {"MailLost": 1}),
        ("signing_key.read", {"age_days": 12.25}, {"KeyAge": 12.25}),
        ("signing_key.read", {}, {}),
        ("account.mail_not_sent", {"reason": "sandbox"}, {"MailLost": 1}),
        ("hour.nearly_used_up", {"kind": "registration"}, {"HoursNearlyUsedUp": 1}),
        ("feed.written", {"kind": "user", "subject": "alice-id"}, {"FeedEntries": 1}),
        ("feed.read", {"entries": 7}, {"FeedSize": 7}),
        ("feed.read", {}, {}),
    ],
)
def test_an_event_adds_to_the_metrics_that_somebody_acts_on(
    event: str, facts: dict[str, object], values: dict[str, float]
) -> None:
    assert measured(event, facts) == values


def test_there_are_as_many_metrics_as_are_paid_for() -> None:
    assert len(UNITS) == 12  # docs/deploy.md


def test_a_metric_has_one_unit() -> None:
    assert {(rule.metric, rule.unit) for rule in RULES} == set(UNITS.items())
