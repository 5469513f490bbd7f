"""A flow: one request on a prepared deployment, and the conditions that must hold after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gatepost.model.records import Grant
from gatepost.stores.record_keys import Key
from tests.security.faults.world import ALICE, Answer, Event, World

Check = Callable[[World, Answer | None], None]
Given = Callable[[World], object]


def _nothing(*_: object) -> None:
    pass


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """A request to one function, after `given` has prepared the world.

    `answer` is the undisturbed response. `check` fails unless the request took effect; it gets the response, None if
    that looked like a failure. `again` is the response that the same request may get after an attempt that took effect
    although it seemed to fail, and `settled` is then checked instead of `check`. `unless` holds if it may get that
    although it did not take effect yet. `tolerated` are findings of the auditor, `open` are those that a retry fixes.
    """

    function: str
    name: str
    request: Event | Callable[[World], Event]
    answer: str
    given: Given
    check: Check
    again: str
    settled: Check | None
    unless: Check | None
    tolerated: frozenset[str]
    open: frozenset[str]
    settings: Mapping[str, Any]

    def arrange(self, world: World) -> Event:
        """Prepare the world; return the request."""
        self.given(world)
        return self.request(world) if callable(self.request) else self.request


def flow(
    function: str,
    name: str,
    request: Event | Callable[[World], Event],
    answer: str = "200",
    *,
    given: Given = _nothing,
    check: Check = _nothing,
    again: str = "",
    settled: Check | None = None,
    unless: Check | None = None,
    tolerated: tuple[str, ...] = (),
    open: tuple[str, ...] = (),  # noqa: A002 — a field of Flow
    **settings: Any,
) -> Flow:
    """A row of a table of flows."""
    done = frozenset(tolerated), frozenset(open)
    return Flow(function, name, request, answer, given, check, again, settled, unless, *done, settings)


def every(*checks: Check) -> Check:
    """All of the checks."""

    def check(world: World, answer: Answer | None) -> None:
        for each in checks:
            each(world, answer)

    return check


def has(key: Key[Any], **expected: object) -> Check:
    """Check that a record is there, with these values."""

    def check(world: World, _: Answer | None) -> None:
        assert _values(world.store.read(key)[0], expected) == expected

    return check


def gone(*keys: Key[Any]) -> Check:
    """Check that none of the records is there."""

    def check(world: World, _: Answer | None) -> None:
        assert list(world.store.read_each(keys)) == [None] * len(keys)

    return check


def grants(world: World) -> list[Grant]:
    """Alice's grants."""
    return list(world.store.grants_of(ALICE.user_id))


def one_grant(**expected: object) -> Check:
    """Check that alice has one grant, with these values."""

    def check(world: World, _: Answer | None) -> None:
        assert [_values(grant, expected) for grant in grants(world)] == [expected]

    return check


def in_feed(kind: str, *subjects: str) -> Check:
    """Check which subjects of a kind the feed names, and no others."""

    def check(world: World, _: Answer | None) -> None:
        assert {each.subject for each in world.store.feed(0) if each.kind == kind} == {*subjects}

    return check


def _values(record: object, names: Mapping[str, object]) -> dict[str, object]:
    assert record is not None
    return {name: getattr(record, name) for name in names}
