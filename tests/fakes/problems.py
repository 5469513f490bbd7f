"""The fake of ports.ProblemStore."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.model.problem import Problem
from tests.fakes.records import MemoryRecords


class MemoryProblems(MemoryRecords):
    """See ports.ProblemStore."""

    def note_problems(self, *problems: Problem) -> None:
        with self._lock:
            for problem in problems:
                slots = self._problems.setdefault(problem.client_id, {})
                before = slots.get(problem.slot)
                times, first_at = (before.times, before.first_at) if before else (0, problem.first_at)
                slots[problem.slot] = problem._replace(times=times + problem.times, first_at=first_at)

    def problems_of(self, client_id: str) -> Sequence[Problem]:
        with self._lock:
            return list(self._problems.get(client_id, {}).values())

    def forget_problems(self, client_id: str) -> None:
        with self._lock:
            self._problems.pop(client_id, None)
