"""Port for the problems of apps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gatepost.model.problem import Problem


class ProblemStore(Protocol):
    """The problems of apps' requests; nothing is decided by them."""

    def note_problems(self, *problems: Problem) -> None:
        """Write problems of one app into their slots, no two into the same: one write without a condition.

        If a slot has one, `times` is added to its own and its `first_at` stays; everything else is replaced. No count
        is lost to a concurrent write; one that is repeated after a lost response may count again.
        """

    def problems_of(self, client_id: str) -> Sequence[Problem]:
        """Return the problems of an app, unordered; expired ones, too: the caller compares `expires_at` with now."""

    def forget_problems(self, client_id: str) -> None:
        """Remove the problems of an app. One that is noted meanwhile stays until it expires."""
