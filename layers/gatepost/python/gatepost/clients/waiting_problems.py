"""The problems of a container that are not written yet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from gatepost.model.problem import Problem

EVERY = 10  # seconds between two writes of one kind of an app, in a container
EVERY_NOTICE = 3600  # the same, of requests that were not refused
MOST_DETAILS = 4  # writes of one kind in that time, if each has another detail
_MOST_APPS = 1000  # that a container remembers
_MOST_KINDS = 40  # of one app


class _Kind:
    """The writes of one kind of problem of an app, and what waits for the next."""

    __slots__ = ("detail", "waiting", "writes", "written_at")

    def __init__(self) -> None:
        self.waiting: Problem | None = None
        self.detail = ""  # of the last write
        self.written_at = float("-inf")  # the first write of an interval
        self.writes = 0  # in that interval

    def add(self, problem: Problem) -> None:
        if self.waiting is not None:
            problem = problem._replace(times=self.waiting.times + 1, first_at=self.waiting.first_at)
        self.waiting = problem

    def taken(self, now: float, *, along: bool) -> Problem | None:
        """Return what to write now, if anything; `along` with another kind begins no interval."""
        found = self.waiting
        if found is None:
            return None
        if not 0 <= now - self.written_at < (EVERY if found.error else EVERY_NOTICE):
            self.written_at, self.writes = self.written_at if along else now, 0
        elif found.detail == self.detail or self.writes == MOST_DETAILS:
            return None
        self.waiting, self.detail = None, found.detail
        self.writes += 1
        return found


class Waiting:
    """Each kind of problem of an app has its first write at once, and equal ones wait as one for the next.

    So no kind waits for another, and nobody keeps an owner from seeing what the app caused by sending other requests. A
    write takes along whatever else of the app is due. What waits when the requests or the container end, the last
    counts of a kind, stands in the log only.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._apps: OrderedDict[str, dict[str, _Kind]] = OrderedDict()

    def due(self, problem: Problem, now: float) -> Sequence[Problem]:
        """Add a problem, and return those of the same app to write now: none if they were written just before."""
        kinds = self._apps.pop(problem.client_id, {})
        own = kinds.setdefault(problem.slot, _Kind())
        own.add(problem)
        due = [found for each in kinds.values() if (found := each.taken(now, along=each is not own)) is not None]
        if len(kinds) > _MOST_KINDS:
            del kinds[min(kinds, key=lambda slot: (kinds[slot].waiting is not None, kinds[slot].written_at))]
        self._apps[problem.client_id] = kinds
        if len(self._apps) > _MOST_APPS:
            self._apps.popitem(last=False)
        return due

    def __len__(self) -> int:
        """Return the number of apps that are remembered."""
        return len(self._apps)
