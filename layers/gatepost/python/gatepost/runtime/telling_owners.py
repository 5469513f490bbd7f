"""The problems of apps as a function notes them, once it has a response to a refused request."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gatepost.errors import OAuthError
from gatepost.runtime.wiring import store

if TYPE_CHECKING:
    from gatepost.clients.waiting_problems import Waiting


@cache
def waiting() -> Waiting:
    """Return the problems of this container that are not written yet."""
    from gatepost.clients.waiting_problems import Waiting

    return Waiting()


def tell_owner(endpoint: str, error: OAuthError, now: float) -> None:
    """Note a refused request for the owner of its app: one write of a kind in ten seconds, none for any other error."""
    from gatepost.clients.refused_requests import problem_of  # 1 ms of a cold start, for refused requests alone

    problem = problem_of(error, endpoint, now)
    due = waiting().due(problem, now) if problem else ()
    if due:
        store().note_problems(*due)
