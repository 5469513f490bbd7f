"""The log lines: their content, and their metrics for CloudWatch."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gatepost.observability import log


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (log.SERVICE, log.LEVEL, log.METRICS, "_X_AMZN_TRACE_ID"):
        monkeypatch.delenv(name, raising=False)
    log.environment.cache_clear()
    yield
    log.environment.cache_clear()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_holds_the_event_its_facts_and_the_time(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.123456)

    log.note("metadata.answered", {"status": 200, "ms": 1.5})

    assert written(capsys) == [
        {
            "message": "metadata.answered",
            "level": "INFO",
            "timestamp": "2023-11-14T22:13:20.123Z",
            "service": "gatepost",
            "status": 200,
            "ms": 1.5,
        }
    ]


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


def test_metrics_can_be_turned_off(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(log.METRICS, "off")

    log.note("token.answered", {"status": 200})

    (line,) = written(capsys)
    assert "_aws" not in line
    assert "TokensIssued" not in line


@pytest.mark.parametrize(
    ("level", "messages"),
    [
        ("DEBUG", ["demo.answered", "demo.failed"]),
        ("INFO", ["demo.answered", "demo.failed"]),
        ("nonsense", ["demo.answered", "demo.failed"]),
        ("WARNING", ["demo.failed"]),
        ("ERROR", ["demo.failed"]),
        ("CRITICAL", []),
    ],
)
def test_what_is_below_the_level_is_not_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, level: str, messages: list[str]
) -> None:
    monkeypatch.setenv(log.LEVEL, level)

    log.note("demo.answered", {})
    log.note("demo.failed", {}, failed=True)

    assert [line["message"] for line in written(capsys)] == messages


def test_metrics_are_counted_below_the_level_too_without_the_facts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(log.LEVEL, "ERROR")

    log.note("token.answered", {"status": 200, "client_id": "c-1"})

    (line,) = written(capsys)
    assert line["TokensIssued"] == 1
    assert "client_id" not in line


def test_no_fact_stands_in_the_place_of_what_every_line_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.5)
    said = {
        "message": "token.answered",
        "level": "INFO",
        "timestamp": "2023-11-14T22:13:20.500Z",
        "service": "gatepost",
    }

    log.note("token.answered", {**dict.fromkeys(said, "forged"), "status": 200})

    (line,) = written(capsys)
    assert {name: line[name] for name in said} == said
    assert list(line)[:5] == [*said, "status"]
    assert line["TokensIssued"] == 1


def test_a_trace_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")

    log.note("demo.answered", {})

    assert written(capsys)[0]["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"


@pytest.mark.parametrize("fact", ["half a \ud800 character", "two\nlines", {1: object}, float("nan"), b"octets"])
def test_odd_facts_make_one_line_and_no_error(capsys: pytest.CaptureFixture[str], fact: object) -> None:
    log.note("demo.answered", {"fact": fact})

    (line,) = written(capsys)
    assert line["message"] == "demo.answered"
