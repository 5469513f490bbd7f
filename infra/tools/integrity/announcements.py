"""Lines of the functions' logs about the audit list, read page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatepost.audit_log.announcing import LOST, WRITTEN
from infra.tools.integrity.writers import EVENTS_OF
from infra.tools.operator.target import Target

MOST_PAGES = 1_000  # of one function's log
_DAY = 86400
_PATTERN = f'{{ ($.message = "{WRITTEN}") || ($.message = "{LOST}") }}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """An entry that a function announced; if `lost`, it could not be written to all of its lists."""

    function: str
    event: str
    entry: str  # its position in the lists
    until: int
    fixed: str
    whole: str
    lost: bool

    @property
    def at(self) -> float:
        """The time of the entry."""
        return int(self.entry[:15]) / 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """The announcements of all functions, complete from `since` on; `unread` are functions with too long a log."""

    announcements: Sequence[Announcement]
    since: float
    unread: Sequence[str] = ()


def announced(target: Target, *, now: float, days: int | None = None, most_pages: int = MOST_PAGES) -> Announced:
    """Read the logs of every function that writes the audit list: of the last `days`, or as long as logs are kept."""
    logs, functions = target.client("logs"), target.client("lambda")
    found: list[Announcement] = []
    unread: list[str] = []
    since = now - days * _DAY if days else 0.0
    groups: dict[str, str] = {}
    for name in sorted(EVENTS_OF.keys() & target.functions.keys()):
        configured = functions.get_function_configuration(FunctionName=target.functions[name])
        groups[name] = configured["LoggingConfig"]["LogGroup"]
        since = max(since, _kept_since(logs, groups[name], now))
    for name, group in groups.items():
        for number, page in enumerate(_pages(logs, group, since)):
            if number == most_pages:
                unread.append(name)
                break
            found += filter(None, (announcement_in(name, event["message"]) for event in page["events"]))
    since = max(since, min((each.at for each in found), default=now))  # before it, this version did not run
    return Announced(announcements=found, since=since, unread=unread)


def announcement_in(function: str, line: str) -> Announcement | None:
    """Return the announcement in a line of a function's log, None for any other line."""
    try:
        said = json.loads(line)
        if said["message"] not in (WRITTEN, LOST):
            return None
        made = Announcement(
            function=function,
            **{name: str(said[name]) for name in ("event", "entry", "fixed", "whole")},
            until=int(said["until"]),
            lost=said["message"] == LOST,
        )
        made.at  # noqa: B018 — raises ValueError if the position is none
    except (ValueError, TypeError, KeyError):
        return None
    return made


def _pages(logs: Any, group: str, since: float) -> Iterator[Mapping[str, Any]]:
    pages = logs.get_paginator("filter_log_events")
    yield from pages.paginate(logGroupName=group, filterPattern=_PATTERN, startTime=int(since * 1000))


def _kept_since(logs: Any, group: str, now: float) -> float:
    """Return since when the log is certainly complete: CloudWatch removes older lines some time later."""
    described = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    kept = [each.get("retentionInDays") for each in described if each["logGroupName"] == group]
    return now - kept[0] * _DAY if kept and kept[0] else 0.0
