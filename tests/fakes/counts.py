"""The fake of ports.CountStore."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatepost.model.counts import DAY, AppTokens, EventCounts, day_of, start_of
from gatepost.model.records import App
from gatepost.stores.audit_lists import position_of
from tests.fakes.records import MemoryRecords

MOST_READ = 3  # entries of one read of the audit log


class MemoryCounts(MemoryRecords):
    """See ports.CountStore."""

    def add_tokens(self, client_id: str, tokens: int, *, now: float) -> None:
        day = day_of(now)
        with self._lock:
            by_day = self._tokens.setdefault((day[:7], client_id), {})
            by_day[day] = by_day.get(day, 0) + tokens

    def tokens_of(self, client_id: str, months: Sequence[str]) -> Sequence[AppTokens]:
        return [each for month in months for each in self.tokens_in(month) if each.client_id == client_id]

    def tokens_in(self, month: str) -> Iterator[AppTokens]:
        for (each, client_id), by_day in sorted(self._tokens.items()):
            if each == month:
                yield AppTokens(client_id=client_id, by_day=dict(by_day))

    def last_uses(self, status: str) -> Iterator[tuple[str, int]]:
        yield from [(app.client_id, app.last_used_at) for app in self._all(App) if app.status == status]

    def event_counts(self, first: str, last: str) -> Sequence[EventCounts]:
        return [counts for day, counts in sorted(self._event_counts.items()) if first <= day <= last]

    def keep_event_counts(self, counts: EventCounts, *, before: EventCounts) -> None:
        with self._lock:
            if self._event_counts.get(counts.day, EventCounts(day=counts.day)).reached == before.reached:
                self._event_counts[counts.day] = counts

    def audited_events(self, day: str, *, after: str, until: float) -> tuple[Sequence[tuple[str, str]], str]:
        end = f"{int(min(until, start_of(day) + DAY) * 1000):015d}"
        entries = sorted((position_of(each), each) for each in self._audit if day_of(each.at) == day)
        found = [(key, each) for key, each in entries if f"{after} " <= key <= end]
        part = found[:MOST_READ]
        return [(each.event, each.reason) for _, each in part], part[-1][0] if len(found) > MOST_READ else end
