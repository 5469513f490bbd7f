"""The log lines: their content, and their metrics for CloudWatch."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gatepost.observability import log
from gatepost.observability.metrics import RULES, UNITS, measured

Said = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Said]:
    """A function that notes an event, in an environment with these variables, and returns the lines."""
    for name in (log.SERVICE, log.LEVEL, log.METRICS, "_X_AMZN_TRACE_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.123456)

    def note(event: str, facts: dict[str, Any], environ: dict[str, str] | None = None, *, failed: bool = False) -> Any:
        for name, value in (environ or {}).items():
            monkeypatch.setenv(name, value)
        log.environment.cache_clear()
        log.note(event, facts, failed=failed)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    yield note
    log.environment.cache_clear()


def test_a_line_holds_the_event_its_facts_the_time_and_the_trace(said: Said) -> None:
    (line,) = said("metadata.answered", {"status": 200, "ms": 1.5})
    about = {"message": "metadata.answered", "level": "INFO", "timestamp": "2023-11-14T22:13:20.123Z"}
    assert line == about | {"service": "gatepost", "status": 200, "ms": 1.5}

    trace = "1-5759e988-bd862e3fe1be46a994272793"
    (line,) = said("demo.answered", {}, {"_X_AMZN_TRACE_ID": f"Root={trace};Parent=53995c3f42cd8ad8;Sampled=1"})
    assert line["xray_trace_id"] == trace


def test_an_event_that_counts_is_a_line_that_cloudwatch_reads(said: Said) -> None:
    facts = {"status": 429, "sign_in": "failed", "client_id": "c-1"}
    (line,) = said("token.answered", facts, {log.SERVICE: "gatepost-prod"})
    metrics = [{"Name": name, "Unit": "Count"} for name in ("TokenErrors", "SignInFailures")]
    assert line["_aws"] == {
        "Timestamp": 1_700_000_000_123,
        "CloudWatchMetrics": [{"Namespace": "Gatepost", "Dimensions": [["service"]], "Metrics": metrics}],
    }
    assert (line["TokenErrors"], line["SignInFailures"], line["service"]) == (1, 1, "gatepost-prod")
    assert (line["message"], line["client_id"]) == ("token.answered", "c-1")


@pytest.mark.parametrize(
    ("level", "succeeded", "failed"),
    [
        *((level, True, True) for level in ("DEBUG", "INFO", "nonsense")),
        *(("WARNING", False, True), ("ERROR", False, True), ("CRITICAL", False, False)),
    ],
)
def test_what_is_below_the_level_is_not_written(said: Said, level: str, succeeded: bool, failed: bool) -> None:
    assert len(said("demo.answered", {}, {log.LEVEL: level})) == succeeded
    assert len(said("demo.failed", {}, failed=True)) == failed


def test_metrics_are_counted_below_the_level_without_the_facts_and_can_be_turned_off(said: Said) -> None:
    (line,) = said("token.answered", {"status": 200, "client_id": "c-1"}, {log.LEVEL: "ERROR"})
    assert (line["TokensIssued"], "client_id" in line) == (1, False)
    (line,) = said("token.answered", {"status": 200}, {log.LEVEL: "INFO", log.METRICS: "off"})
    assert not {"_aws", "TokensIssued"} & line.keys()


def test_no_fact_stands_in_the_place_of_what_every_line_says(said: Said) -> None:
    about = {"message": "token.answered", "level": "INFO", "timestamp": "2023-11-14T22:13:20.123Z"}
    about |= {"service": "gatepost"}
    (line,) = said("token.answered", {**dict.fromkeys(about, "forged"), "status": 200})
    assert {name: line[name] for name in about} == about
    assert list(line)[:5] == [*about, "status"]
    assert line["TokensIssued"] == 1


@pytest.mark.parametrize("fact", ["half a \ud800 character", "two\nlines", {1: object}, float("nan"), b"octets"])
def test_odd_facts_make_one_line_and_no_error(said: Said, fact: object) -> None:
    assert [line["message"] for line in said("demo.answered", {"fact": fact})] == ["demo.answered"]


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
