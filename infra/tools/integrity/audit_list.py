"""Compares the audit list with what the functions' logs say of it, and names what differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gatepost.audit_log.announcing import fixed_digest, whole_digest
from gatepost.model.audit_entry import AuditEntry
from gatepost.stores.audit_lists import day_list, lists_of, position_of
from infra.tools.integrity.announcements import Announced, Announcement
from infra.tools.integrity.kinds import Entry, Finding
from infra.tools.integrity.living import Living
from infra.tools.integrity.writers import BY_HAND, EVENTS_OF
from infra.tools.operator.command import OPERATOR
from infra.tools.operator.forgotten import ERASED

SETTLED = 300  # seconds until an entry is written and its line can be read in the log
_GONE = "-"  # in place of an erased user's address


@dataclass(slots=True, kw_only=True)
class Compared:
    """How much was compared; `by_hand` are the entries that an operator's commands say they wrote."""

    since: float
    entries: int = 0
    older: int = 0
    by_hand: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def compared(living: Living, said: Announced, *, settled: float = SETTLED) -> Compared:
    """Compare every entry that is old enough to be settled and not older than the logs."""
    result, until = Compared(since=said.since), living.now - settled
    by_entry: dict[str, list[Announcement]] = defaultdict(list)
    for announcement in said.announcements:
        by_entry[announcement.entry].append(announcement)
    copies: dict[str, list[Entry]] = defaultdict(list)
    for entry in living.of(AuditEntry):
        copies[position_of(entry.record)].append(entry)
    erased = _erased(living)
    for name in said.unread:
        sentence = "its log is too long for one look: compare fewer days, DAYS=7"
        result.findings.append(Finding(name="audit list not compared", key=name, sentence=sentence))
    for position in sorted({*by_entry, *copies}):
        at, announcements, found = int(position[:15]) / 1000, by_entry[position], copies[position]
        if until < at <= living.now:
            continue
        if at < said.since:
            result.older += bool(found)
            continue
        result.entries += 1
        if announcements:
            result.findings += _announced(position, announcements, found, erased, living.now)
        elif _is_by_hand(found[0].record):
            result.by_hand.append(found[0])
        elif not said.unread:
            sentence = "no function’s log has it: other code wrote it, with a function’s or an operator’s rights"
            result.findings.append(found[0].finding("audit entry that nobody announced", sentence))
    return result


def _announced(
    position: str, announcements: Sequence[Announcement], found: Sequence[Entry], erased: frozenset[str], now: float
) -> Iterator[Finding]:
    first = announcements[0]
    place = Finding(name="", key=f"audit: {day_list(first.at)} {position}", sentence="")
    for each in announcements:
        if each.event not in EVENTS_OF[each.function]:
            sentence = f"the log of {each.function} has it, which writes no {each.event}"
            yield Finding(name="audit entry of another function", key=place.key, sentence=sentence)
    if len({(each.function, each.fixed, each.whole) for each in announcements}) > 1:
        sentence = "it was announced more than once: by " + ", ".join(sorted({each.function for each in announcements}))
        yield Finding(name="audit entry announced twice", key=place.key, sentence=sentence)
        return
    lists = set(lists_of(found[0].record)) if found else {day_list(first.at)}
    missing = lists - {entry.address.partition(" ")[0] for entry in found}
    if missing and not first.lost and first.until > now:
        for name in sorted(missing):
            sentence = f"the log of {first.function} has it ({first.event}), the list does not"
            yield Finding(name="audit entry missing", key=f"audit: {name} {position}", sentence=sentence)
    for entry in found:
        if entry.ttl != first.until:
            yield entry.finding("audit entry changed", "it ends at another time than was announced")
        if not _is_as(entry.record, first, erased):
            yield entry.finding("audit entry changed", f"it is not what {first.function} wrote ({first.event})")


def _is_as(entry: AuditEntry, said: Announcement, erased: frozenset[str]) -> bool:
    """Whether the entry is as announced; where a user was erased, but for names, addresses and phrases."""
    if whole_digest(entry) == said.whole:
        return True
    return fixed_digest(entry) == said.fixed and _is_without_names(entry, erased)


def _is_without_names(entry: AuditEntry, erased: frozenset[str]) -> bool:
    """Whether the entry looks as an erasure leaves it, of somebody who was erased."""
    if entry.salt:
        return False
    theirs = bool({entry.actor, entry.about} & erased) or (bool(erased) and not entry.actor and not entry.about)
    return theirs and (ERASED in (entry.actor_name, entry.subject) or entry.source_ip == _GONE)


def _erased(living: Living) -> frozenset[str]:
    """Return the ids of the users who were erased and have no account."""
    events = (each.record for each in living.of(AuditEntry) if each.record.event == "account_erased")
    return frozenset(record.about for record in events if record.about not in living.users)


def _is_by_hand(entry: AuditEntry) -> bool:
    """Whether it says that it comes from a command that an operator ran with rights on the tables."""
    return entry.event in BY_HAND and entry.actor_name == OPERATOR and not (entry.actor or entry.request_id)
