"""The comparison of the audit list with the functions' logs: what differs is named, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gatepost.audit_log.announcing import announcement
from gatepost.audit_log.event_texts import EVENTS
from gatepost.model.audit_entry import AuditEntry
from gatepost.stores.audit_lists import lists_of, position_of
from gatepost.stores.dynamodb.codec import to_item
from infra.stack.function_table import FUNCTIONS
from infra.stack.operators import OPERATORS
from infra.tools.integrity.announcements import Announced, Announcement, announced, announcement_in
from infra.tools.integrity.audit_list import SETTLED, Compared, compared
from infra.tools.integrity.kinds import Item, entries
from infra.tools.integrity.living import Living
from infra.tools.integrity.writers import BY_HAND, EVENTS_OF
from infra.tools.operator.forgotten import ERASED
from tests.unit.world import NOW

USER, APP = "10000000-0000-4000-8000-00000000abcd", "20000000-0000-4000-8000-00000000abcd"
AT, END = NOW - 1000.5, NOW + 1000
ENTRY = AuditEntry(
    entry_id="30000000-0000-4000-8000-00000000abcd", at=AT, event="app_changed", actor=USER, actor_name="maria",
    client_id=APP, subject="Shop", source_ip="192.0.2.7", changes=("name", "Web", "Shop"), salt="s1",
)  # fmt: skip
BY_OPERATOR = ENTRY._replace(event="keys_ended", actor="", actor_name="operator", client_id="", changes=())
ERASURE = BY_OPERATOR._replace(event="account_erased", subject=USER, about=USER, entry_id=f"{APP[:-1]}e")
WITHOUT_NAMES = ENTRY._replace(actor_name=ERASED, source_ip="-", changes=("name", "-", "-"), salt="")


def said(entry: AuditEntry = ENTRY, function: str = "apps", *, lost: bool = False, until: int = END) -> Announcement:
    line = {"message": "audit.lost" if lost else "audit.written", **announcement(entry, until)}
    made = announcement_in(function, json.dumps(line))
    assert made is not None
    return made


def items_of(entry: AuditEntry, *lists: str, ttl: int = END) -> list[Item]:
    return [
        to_item(entry, {"day": {"S": name}, "sk": {"S": position_of(entry)}}, ttl=ttl)
        for name in lists or lists_of(entry)
    ]


def found_in(
    items: Sequence[Item],
    announcements: Sequence[Announcement],
    *,
    since: float = NOW - 5000,
    settled: float = SETTLED,
    unread: Sequence[str] = (),
) -> Compared:
    living = Living(entries({"audit": items}), NOW)
    return compared(living, Announced(announcements=announcements, since=since, unread=unread), settled=settled)


def names(result: Compared) -> list[str]:
    return sorted({each.name for each in result.findings})


def test_a_list_that_is_as_announced_is_clean() -> None:
    result = found_in(items_of(ENTRY), [said()])

    assert (result.entries, result.older, result.by_hand, result.findings) == (1, 0, [], [])


@pytest.mark.parametrize(
    ("items", "announcements", "expected"),
    [
        (items_of(ENTRY._replace(event="app_deleted")), [said()], ["audit entry changed"]),
        (items_of(ENTRY._replace(salt="s2")), [said()], ["audit entry changed"]),
        (items_of(WITHOUT_NAMES), [said()], ["audit entry changed"]),
        (items_of(ENTRY, ttl=END - 1), [said()], ["audit entry changed"]),
        ([], [said()], ["audit entry missing"]),
        (items_of(ENTRY)[1:], [said()], ["audit entry missing"]),
        (items_of(ENTRY)[:-1], [said()], ["audit entry missing"]),
        (items_of(ENTRY, ttl=NOW), [said()], ["audit entry missing"]),
        (items_of(ENTRY), [], ["audit entry that nobody announced"]),
        (items_of(ENTRY._replace(at=NOW + 999)), [], ["audit entry that nobody announced"]),
        (items_of(ENTRY), [said(function="token")], ["audit entry of another function"]),
        (items_of(ENTRY), [said(), said(function="consumer")], ["audit entry announced twice"]),
        (items_of(ENTRY), [said(ENTRY._replace(subject="x")), said()], ["audit entry announced twice"]),
        (items_of(BY_OPERATOR._replace(actor_name="maria")), [], ["audit entry that nobody announced"]),
        (items_of(BY_OPERATOR._replace(request_id="r")), [], ["audit entry that nobody announced"]),
        (items_of(BY_OPERATOR._replace(event="signed_in")), [], ["audit entry that nobody announced"]),
        (items_of(BY_OPERATOR._replace(actor=USER)), [], ["audit entry that nobody announced"]),
    ],
)
def test_s371_what_differs_is_named(items: list[Item], announcements: list[Announcement], expected: list[str]) -> None:
    assert names(found_in(items, announcements)) == expected


@pytest.mark.parametrize(
    ("items", "announcements", "compared"),
    [
        (items_of(ENTRY)[:1], [said(lost=True)], 1),  # not written to its other lists
        ([], [said(lost=True)], 1),
        ([], [said(until=NOW)], 1),  # removed at its end
        (items_of(ENTRY._replace(at=NOW - SETTLED + 1)), [], 0),  # its line may not be readable yet
        ([], [said(ENTRY._replace(at=NOW - SETTLED + 1))], 0),
        (items_of(ENTRY._replace(at=NOW - 5001)), [], 0),  # older than the logs
    ],
)
def test_what_may_differ_is_not_named(items: list[Item], announcements: list[Announcement], compared: int) -> None:
    result = found_in(items, announcements)

    assert (names(result), result.entries) == ([], compared)


def test_entries_that_are_older_than_the_logs_are_counted_once() -> None:
    assert found_in(items_of(ENTRY), [], since=NOW).older == 1


def test_s371_an_operators_command_has_no_log_so_its_entries_are_listed() -> None:
    result = found_in(items_of(BY_OPERATOR), [])

    assert (names(result), [each.record for each in result.by_hand]) == ([], [BY_OPERATOR])


def test_s371_an_erasure_takes_names_and_nothing_else() -> None:
    rest = [*items_of(ERASURE)]

    assert names(found_in([*items_of(WITHOUT_NAMES), *rest], [said()])) == []
    for changed in (
        WITHOUT_NAMES._replace(reason="x"),
        WITHOUT_NAMES._replace(salt="s1"),
        WITHOUT_NAMES._replace(actor_name="john", source_ip="192.0.2.7"),
    ):
        assert names(found_in([*items_of(changed), *rest], [said()])) == ["audit entry changed"], changed
    stranger = ENTRY._replace(actor=APP, about="")
    of_another = [*items_of(stranger._replace(actor_name=ERASED, salt="")), *rest]
    assert names(found_in(of_another, [said(stranger)])) == ["audit entry changed"]


@pytest.mark.parametrize("there", [True, False])
def test_s371_nobody_is_erased_who_has_an_account(there: bool) -> None:
    account = {"pk": USER, "sk": "account", "user_id": USER, "user_name": "maria", "status": "active"}
    users = [{**{name: {"S": text} for name, text in account.items()}, "created_at": {"N": "1"}}] if there else []
    living = Living(entries({"audit": [*items_of(WITHOUT_NAMES), *items_of(ERASURE)], "accounts": users}), NOW)

    result = compared(living, Announced(announcements=[said()], since=0))

    assert names(result) == (["audit entry changed"] if there else [])


@pytest.mark.parametrize("erased", [True, False])
def test_a_failed_sign_in_without_an_account_loses_its_name_only_after_an_erasure(erased: bool) -> None:
    failed = ENTRY._replace(event="sign_in_failed", actor="", actor_name="", client_id="", subject="maria", changes=())
    without = failed._replace(subject=ERASED, source_ip="-", salt="")

    result = found_in([*items_of(without), *(items_of(ERASURE) if erased else [])], [said(failed, "console")])

    assert names(result) == ([] if erased else ["audit entry changed"])


def test_where_a_log_is_too_long_that_is_said_and_nothing_is_called_unannounced() -> None:
    result = found_in(items_of(ENTRY), [], unread=["token"])

    assert [(each.name, each.key) for each in result.findings] == [("audit list not compared", "token")]


@pytest.mark.parametrize(
    "line",
    [
        "not JSON",
        "[]",
        "7",
        json.dumps({"message": "token.answered"}),
        json.dumps({"message": "audit.written", "event": "signed_in"}),
        json.dumps({"message": "audit.written", **announcement(ENTRY, END), "entry": "x"}),
        json.dumps({"message": "audit.written", **announcement(ENTRY, END), "until": "x"}),
    ],
)
def test_any_other_line_is_no_announcement(line: str) -> None:
    assert announcement_in("apps", line) is None


def test_every_event_has_its_functions_and_every_function_that_may_write_the_list_its_events() -> None:
    assert {event for events in EVENTS_OF.values() for event in events} == set(EVENTS)
    assert set(EVENTS) >= BY_HAND
    tables = {each.name: each.whole.tables for each in FUNCTIONS} | {each.name: each.tables for each in OPERATORS}
    assert EVENTS_OF.keys() == {
        name
        for name, accesses in tables.items()
        if any(access.table == "audit" and "PutItem" in access.actions for access in accesses)
    }


class Logs:
    """CloudWatch Logs and Lambda as `announced` calls them: one log group a function, of some pages."""

    def __init__(self, pages: int, *, kept: int | None) -> None:
        self._pages, self._kept = pages, kept
        self.asked: list[dict[str, Any]] = []

    def get_function_configuration(self, *, FunctionName: str) -> dict[str, Any]:  # noqa: N803 — as boto3
        return {"LoggingConfig": {"LogGroup": f"logs-of-{FunctionName}"}}

    def describe_log_groups(self, *, logGroupNamePrefix: str) -> dict[str, Any]:  # noqa: N803 — as boto3
        group = {"logGroupName": logGroupNamePrefix, **({"retentionInDays": self._kept} if self._kept else {})}
        return {"logGroups": [{"logGroupName": f"{logGroupNamePrefix}-2", "retentionInDays": 1}, group]}

    def get_paginator(self, operation: str) -> Logs:
        assert operation == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        self.asked.append(asked)
        line = json.dumps({"message": "audit.written", **announcement(ENTRY, END)})
        return [{"events": [{"message": line}, {"message": "noise"}]}] * self._pages


class Stage:
    """A target with two functions, of which one writes the audit list."""

    def __init__(self, logs: Logs) -> None:
        self.client: Callable[[str], Any] = lambda service: logs
        self.functions = {"apps": "apps-1", "whoami": "whoami-1"}


@pytest.mark.parametrize(
    ("kept", "days", "asked", "since"),
    [
        (None, None, 0, AT),
        (30, None, NOW - 30 * 86400, AT),
        (30, 7, NOW - 7 * 86400, AT),
        (1, 7, NOW - 86400, AT),
    ],
)
def test_logs_are_read_as_far_back_as_they_are_kept_and_asked_for(
    kept: int | None, days: int | None, asked: int, since: float
) -> None:
    logs = Logs(2, kept=kept)

    found = announced(Stage(logs), now=NOW, days=days)  # type: ignore[arg-type]

    assert [(each["logGroupName"], each["startTime"]) for each in logs.asked] == [("logs-of-apps-1", asked * 1000)]
    assert (len(found.announcements), found.since, found.unread) == (2, since, [])


def test_a_log_is_read_up_to_a_number_of_pages_and_without_any_line_nothing_is_compared() -> None:
    assert announced(Stage(Logs(3, kept=7)), now=NOW, most_pages=2).unread == ["apps"]  # type: ignore[arg-type]
    assert announced(Stage(Logs(2, kept=7)), now=NOW, most_pages=2).unread == []  # type: ignore[arg-type]
    assert announced(Stage(Logs(0, kept=7)), now=NOW).since == NOW  # type: ignore[arg-type]
