"""What is counted of what happens, and that it is written as CloudWatch reads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from gatepost.metrics import RULES, measure, measured


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
    ],
)
def test_an_event_adds_to_the_metrics_that_somebody_acts_on(
    event: str, facts: dict[str, object], values: dict[str, float]
) -> None:
    assert measured(event, facts) == values


def test_no_metric_is_named_twice() -> None:
    names = [rule.metric for rule in RULES]

    assert len(set(names)) == len(names) == 8  # each is paid for: docs/deploy.md


def test_a_line_is_what_cloudwatch_reads_and_holds_nothing_of_the_facts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "gatepost-prod")

    measure("token.answered", {"status": 429, "sign_in": "failed", "client_id": "c-1", "user_name": "maria"})

    (line,) = capsys.readouterr().out.splitlines()
    document: dict[str, Any] = json.loads(line)
    assert document.pop("_aws")["CloudWatchMetrics"] == [
        {
            "Namespace": "Gatepost",
            "Dimensions": [["service"]],
            "Metrics": [{"Name": "TokenErrors", "Unit": "Count"}, {"Name": "SignInFailures", "Unit": "Count"}],
        }
    ]
    assert document == {"service": "gatepost-prod", "TokenErrors": [1.0], "SignInFailures": [1.0]}


def test_nothing_is_written_for_an_event_without_metrics_or_where_they_are_turned_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    measure("metadata.answered", {"status": 200})
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    measure("token.answered", {"status": 200})

    assert capsys.readouterr().out == ""


def test_metrics_import_nothing_that_the_logger_has_not_imported() -> None:
    """So the authorizer, which writes some only when it fails, pays nothing for them."""
    program = (
        "import sys; from aws_lambda_powertools import Logger; before = set(sys.modules); import gatepost.metrics\n"
        "print([name for name in set(sys.modules) - before if name.startswith('aws_lambda_powertools')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True, capture_output=True, text=True, env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip

    assert done.stdout == "[]\n"
