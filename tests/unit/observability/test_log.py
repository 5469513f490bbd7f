"""The log lines: their content, and their metrics for CloudWatch."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gatepost.observability import log
from gatepost.observability.metrics import RULES, UNITS, measured


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (log.SERVICE, log.LEVEL, log.METRICS, "_X_AMZN_TRACE_ID"):
        monkeypatch.delenv(name, raising=False)
    log.environment.cache_clear()
    yield
    log.environment.cache_clear()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_holds_the_event_its_facts_the_time_and_the_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.123456)
    log.note("metadata.answered", {"status": 200, "ms": 1.5})

    (line,) = written(capsys)
    said = {"message": "metadata.answered", "level": "INFO", "timestamp": "2023-11-14T22:13:20.123Z"}
    assert line == said | {"service": "gatepost", "status": 200, "ms": 1.5}

    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    log.note("demo.answered", {})
    assert written(capsys)[0]["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"


def test_an_event_that_counts_is_a_line_that_cloudwatch_reads(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(log.SERVICE, "gatepost-prod")
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.5)

    log.note("token.answered", {"status": 429, "sign_in": "failed", "client_id": "c-1"})

    (line,) = written(capsys)
    assert line["_aws"] == {
        "Timestamp": 1_700_000_000_500,
        "CloudWatchMetrics": [
            {
                "Namespace": "Gatepost",
                "Dimensions": [["service"]],
                "Metrics": [{"Name": "TokenErrors", "Unit": "Count"}, {"Name": "SignInFailures", "Unit": "Count"}],
            }
        ],
    }
    assert (line["TokenErrors"], line["SignInFailures"], line["service"]) == (1, 1, "gatepost-prod")
    assert (line["message"], line["client_id"]) == ("token.answered", "c-1")


@pytest.mark.parametrize(
    ("level", "messages"),
    [
        *((level, ["demo.answered", "demo.failed"]) for level in ("DEBUG", "INFO", "nonsense")),
        *(("WARNING", ["demo.failed"]), ("ERROR", ["demo.failed"]), ("CRITICAL", [])),
    ],
)
def test_what_is_below_the_level_is_not_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, level: str, messages: list[str]
) -> None:
    monkeypatch.setenv(log.LEVEL, level)

    log.note("demo.answered", {})
    log.note("demo.failed", {}, failed=True)

    assert [line["message"] for line in written(capsys)] == messages


def test_metrics_are_counted_below_the_level_too_without_the_facts_and_can_be_turned_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(log.LEVEL, "ERROR")
    log.note("token.answered", {"status": 200, "client_id": "c-1"})
    (line,) = written(capsys)
    assert line["TokensIssued"] == 1
    assert "client_id" not in line

    monkeypatch.setenv(log.LEVEL, "INFO")
    monkeypatch.setenv(log.METRICS, "off")
    log.environment.cache_clear()
    log.note("token.answered", {"status": 200})
    (line,) = written(capsys)
    assert not {"_aws", "TokensIssued"} & line.keys()


def test_no_fact_stands_in_the_place_of_what_every_line_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.5)
    said = {"message": "token.answered", "level": "INFO", "timestamp": "2023-11-14T22:13:20.500Z"}
    said |= {"service": "gatepost"}

    log.note("token.answered", {**dict.fromkeys(said, "forged"), "status": 200})

    (line,) = written(capsys)
    assert {name: line[name] for name in said} == said
    assert list(line)[:5] == [*said, "status"]
    assert line["TokensIssued"] == 1


@pytest.mark.parametrize("fact", ["half a \ud800 character", "two\nlines", {1: object}, float("nan"), b"octets"])
def test_odd_facts_make_one_line_and_no_error(capsys: pytest.CaptureFixture[str], fact: object) -> None:
    log.note("demo.answered", {"fact": fact})

    (line,) = written(capsys)
    assert line["message"] == "demo.answered"


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
def test_an_event_adds_to_its_metrics(event: str, facts: dict[str, object], values: dict[str, float]) -> None:
    assert measured(event, facts) == values


def test_there_are_as_many_metrics_as_are_paid_for_and_each_has_one_unit() -> None:
    assert len(UNITS) == 12  # docs/deploy.md
    assert {(rule.metric, rule.unit) for rule in RULES} == set(UNITS.items())
