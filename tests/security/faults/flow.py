"""A flow: one request on a prepared deployment, and the conditions that must hold after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.security.faults.world import Answer, Event, World

Arrange = Callable[[World], Event]
Check = Callable[[World, Answer | None], None]


def _nothing(world: World, answer: Answer | None) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A request to one function.

    `answer` is the undisturbed response. `check` fails unless the request took effect; it gets the response, None if
    that looked like a failure. `again` is the response that the same request may get after an attempt that took effect
    although it seemed to fail, and `settled` is then checked instead of `check`. `unless` holds if it may get that
    although it did not take effect yet. `tolerated` are findings of the auditor, `open` are those that a retry fixes.
    """

    name: str
    function: str
    answer: str
    arrange: Arrange
    check: Check = _nothing
    again: frozenset[str] = frozenset()
    settled: Check | None = None
    unless: Check | None = None
    tolerated: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict)


class Flows:
    """A list of flows, filled by decorating the functions that prepare them."""

    def __init__(self) -> None:
        """None yet."""
        self.all: list[Flow] = []

    def add(
        self,
        function: str,
        name: str,
        answer: str,
        *,
        check: Check = _nothing,
        again: tuple[str, ...] = (),
        settled: Check | None = None,
        unless: Check | None = None,
        tolerated: tuple[str, ...] = (),
        open: tuple[str, ...] = (),  # noqa: A002 — a field of Flow
        **settings: Any,
    ) -> Callable[[Arrange], Arrange]:
        """Decorate a function that prepares a world and returns the request."""

        def decorate(arrange: Arrange) -> Arrange:
            flow = Flow(
                name=name,
                function=function,
                answer=answer,
                arrange=arrange,
                check=check,
                again=frozenset(again),
                settled=settled,
                unless=unless,
                tolerated=frozenset(tolerated),
                open=frozenset(open),
                settings=settings,
            )
            self.all.append(flow)
            return arrange

        return decorate
