"""Daily totals of the audit log, counted when an administrator looks, and kept.

Each entry is read once: a day's total is kept with the place that it reaches, and the next look continues there. So no
schedule is needed, an interrupted count loses nothing, and two at once keep the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gatepost.model.counts import COUNTED_EVENTS, DAY, FAILURES, EventCounts, start_of
from gatepost.settings import Settings
from gatepost.stores.ports.counts import CountStore

SETTLED = 120  # seconds after which no entry is written any more: longer than any function runs
_MOST_READS = 40  # of one look; each is 1 MB of entries, about three thousand


def counted_days(store: CountStore, settings: Settings, days: Sequence[str], now: float) -> list[EventCounts]:
    """Return the totals of `days`, today last, counted as far as one look may read, the latest days first.

    A day whose entries may have expired before they were counted stays as it was kept.
    """
    kept = {counts.day: counts for counts in store.event_counts(days[0], days[-1])}
    settled, still_there = now - SETTLED, now - settings.audit_retention_days * DAY
    found: list[EventCounts] = []
    reads = _MOST_READS
    for day in reversed(days):
        before = kept.get(day, EventCounts(day=day))
        counts = before
        while reads and start_of(day) > still_there and not counts.is_complete and counts.counted_until < int(settled):
            counts = _counted_on(store, counts, settled)
            reads -= 1
        if counts is not before:
            store.keep_event_counts(counts, before=before)
        found.insert(0, counts)
    return found


def _counted_on(store: CountStore, counts: EventCounts, until: float) -> EventCounts:
    entries, reached = store.audited_events(counts.day, after=counts.reached, until=until)
    found = Counter(event for event, _ in entries if event in COUNTED_EVENTS)
    found.update(FAILURES[reason] for event, reason in entries if event == "sign_in_failed" and reason in FAILURES)
    return counts._replace(reached=reached, events=dict(Counter(counts.events) + found))
