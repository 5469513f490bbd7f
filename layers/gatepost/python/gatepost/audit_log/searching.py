"""A search of the audit log: by account, app, event and days, from the shortest list that has it all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from gatepost.authentication.sign_in import normalized
from gatepost.model.audit_entry import AuditEntry
from gatepost.stores.audit_lists import app_list, position_at, position_of, user_list
from gatepost.stores.ports.audit import AuditStore

_CHUNK = 1000  # entries of one query, at about 400 bytes each: DynamoDB's page is 1 MB
MOST_WORK = 25_000  # entries looked at for one part, where a query counts for 50


class Search(NamedTuple):
    """A search. An account or app of which only the name is known is sought in the lists of days."""

    first: date
    last: date
    event: str = ""
    user_id: str = ""
    user_name: str = ""  # as sign-in compares it; only entries without an id of the account are found by it
    client_id: str = ""
    app_name: str = ""
    by_day: bool = False  # read the days even if an account or app has its own list

    @property
    def kept_in(self) -> str:
        """The list of the account or app, "" for those of the days."""
        if self.by_day:
            return ""
        return user_list(self.user_id) if self.user_id else app_list(self.client_id) if self.client_id else ""

    @property
    def is_narrow(self) -> bool:
        """Whether it seeks only some entries of its list."""
        sought = [self.event, self.user_name, self.client_id, self.app_name, self.user_id]
        return len([each for each in sought if each]) > bool(self.kept_in)

    @property
    def start(self) -> float:
        """The first moment."""
        return _midnight(self.first)

    @property
    def end(self) -> float:
        """The moment after the last one."""
        return _midnight(self.last + timedelta(days=1))

    def matches(self, entry: AuditEntry) -> bool:
        """Whether an entry of its days is sought."""
        return (
            (not self.event or entry.event == self.event)
            and (not (self.user_id or self.user_name) or self._is_of_user(entry))
            and (not self.client_id or entry.client_id == self.client_id)
            and (not self.app_name or entry.subject == self.app_name or entry.subject.startswith(f"{self.app_name}: "))
        )

    def _is_of_user(self, entry: AuditEntry) -> bool:
        if self.user_id and self.user_id in (entry.actor, entry.about, entry.subject):
            return True
        names = (entry.actor_name, entry.subject if not entry.about else "")
        return bool(self.user_name) and self.user_name in map(normalized, names)


class Found(NamedTuple):
    """A part of the entries of a search; `cursor` is the position from which the search goes on, None at its end."""

    entries: Sequence[AuditEntry]
    cursor: str | None
    looked: int  # entries that were read


def search(
    store: AuditStore,
    sought: Search,
    *,
    cursor: str | None,
    room: int,
    newest_first: bool = True,
    weigh: Callable[[AuditEntry], int] = lambda entry: 1,
    most_work: int = MOST_WORK,
) -> Found:
    """Return as many entries as fit into `room` by their weight, fewer if finding them takes more than `most_work`."""
    start, end = sought.start, sought.end
    position = _position(cursor, sought, newest_first=newest_first)
    limit = _CHUNK if sought.is_narrow else min(_CHUNK, room + 1)
    entries: list[AuditEntry] = []
    looked = weight = 0
    chunks = _chunks(store, sought, position, limit, newest_first=newest_first)
    for queries, (chunk, following) in enumerate(chunks, 1):
        for entry in chunk:
            if not start <= entry.at < end:
                return Found(entries=entries, cursor=None, looked=looked)
            if sought.matches(entry):
                weight += weigh(entry)
                if weight > room and entries:
                    return Found(entries=entries, cursor=position, looked=looked)
                entries.append(entry)
            looked, position = looked + 1, position_of(entry)
        if following is None:
            break
        position = following
        if looked + 50 * queries >= most_work:
            return Found(entries=entries, cursor=position, looked=looked)
    return Found(entries=entries, cursor=None, looked=looked)


def moment_of(cursor: str) -> float | None:
    """Return the moment of a position, None for text that is none."""
    try:
        moment = int(cursor[:15]) / 1000
        datetime.fromtimestamp(moment, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment


def _chunks(
    store: AuditStore, sought: Search, position: str, limit: int, *, newest_first: bool
) -> Iterator[tuple[Sequence[AuditEntry], str | None]]:
    """Yield the entries of one query after the other, each with the position after it, None at the end."""
    following: str | None = position
    if sought.kept_in:
        while following is not None:
            page = store.entries(sought.kept_in, cursor=following, limit=limit, newest_first=newest_first)
            following = page.cursor
            yield page.items, following
        return
    at_border = newest_first and "#" not in position  # of no entry: the day that begins then was read
    day = datetime.fromtimestamp((moment_of(position) or 0) - at_border, UTC).date()
    while following is not None:
        page = store.entries(day.isoformat(), cursor=following, limit=limit, newest_first=newest_first)
        following = page.cursor
        if following is None:
            border = _midnight(day) if newest_first else _midnight(day + timedelta(days=1))
            day += timedelta(days=-1 if newest_first else 1)
            following = position_at(border) if sought.first <= day <= sought.last else None
        yield page.items, following


def _position(cursor: str | None, sought: Search, *, newest_first: bool) -> str:
    """Return the position to begin at: the cursor if it is within the days."""
    moment = None if cursor is None else moment_of(cursor)
    if cursor is not None and moment is not None and sought.start <= moment <= sought.end:
        return cursor
    return position_at(sought.end if newest_first else sought.start)


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
