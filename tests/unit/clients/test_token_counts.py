"""Tokens counted in a container: few writes, nothing counted twice, at least half kept; and apps that are not used."""

from __future__ import annotations

import pytest

from gatepost.clients.app_use import use_of, use_of_apps
from gatepost.clients.token_counts import TokenCounts
from gatepost.errors import TemporarilyUnavailable
from gatepost.model.counts import days_until
from gatepost.model.records import Login
from tests.fakes import MemoryStore
from tests.unit.world import NATIVE, NOW, OTHER, OWNER, WEB, web_app

DAY = 86400


class Counting(MemoryStore):
    """A store that remembers its writes of tokens, and fails if it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[int] = []
        self.broken = False

    def add_tokens(self, client_id: str, tokens: int, *, now: float) -> None:
        self.writes.append(tokens)
        if self.broken:
            raise TemporarilyUnavailable("try again", reason="broken")
        super().add_tokens(client_id, tokens, now=now)

    def written(self, client_id: str = WEB, now: float = NOW) -> list[int]:
        return [tokens for tokens in use_of(self, client_id, days_until(now)) if tokens]


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.mark.parametrize(("tokens", "writes"), [(1, [1]), (7, [1, 2, 4]), (5000, [2**n for n in range(12)])])
def test_tokens_are_written_when_they_outnumber_the_written(store: Counting, tokens: int, writes: list[int]) -> None:
    counts = TokenCounts()
    for _ in range(tokens):
        counts.add(store, WEB, now=NOW)

    assert store.writes == writes
    assert tokens / 2 <= sum(store.written()) == sum(writes) <= tokens


def test_a_steady_app_is_written_every_five_minutes_however_many_tokens_it_gets(store: Counting) -> None:
    counts = TokenCounts()
    for second in range(3 * 3600):
        counts.add(store, WEB, now=NOW + second)

    assert len(store.writes) < 3 * 12 + 12
    assert 3 * 3600 - 300 <= sum(store.written(now=NOW + 3 * 3600)) <= 3 * 3600


def test_tokens_that_wait_over_midnight_count_for_the_day_on_which_they_began(store: Counting) -> None:
    counts, midnight = TokenCounts(), NOW // DAY * DAY + DAY
    for moment in (midnight - 100, midnight - 90, midnight + DAY // 2, midnight + DAY // 2 + 400):
        counts.add(store, WEB, now=moment)

    assert use_of(store, WEB, days_until(midnight, 2)) == [3, 1]


def test_apps_are_counted_apart_and_containers_together(store: Counting) -> None:
    one, other = TokenCounts(), TokenCounts()
    for counts, client_id in ((one, WEB), (one, NATIVE), (other, WEB)):
        counts.add(store, client_id, now=NOW)

    assert (store.written(WEB), store.written(NATIVE), store.written(OTHER)) == ([2], [1], [])


def test_tokens_of_a_failed_write_are_not_written_again(store: Counting) -> None:
    counts = TokenCounts()
    store.broken = True
    with pytest.raises(TemporarilyUnavailable):
        counts.add(store, WEB, now=NOW)
    store.broken = False
    for _ in range(2):
        counts.add(store, WEB, now=NOW)

    assert (store.writes, store.written()) == ([1, 2], [2])


def test_the_overview_orders_apps_by_their_tokens_of_thirty_days(store: Counting) -> None:
    for client_id, days_ago, tokens in ((WEB, 0, 5), (WEB, 29, 5), (NATIVE, 1, 30), (OTHER, 30, 1000)):
        store.add_tokens(client_id, tokens, now=NOW - days_ago * DAY)

    days = days_until(NOW, 32)
    use = use_of_apps(store, days[2:], before=days[:2])

    assert list(use.used) == [(NATIVE, 30), (WEB, 10)]
    assert [use.by_day[day] for day in days] == [0, 1000, 5, *[0] * 27, 30, 5]


def test_an_app_is_unused_if_neither_its_last_use_nor_its_count_is_of_these_days(store: Counting) -> None:
    store.create_user(OWNER, Login(user_id=OWNER.user_id, password_hash=""))
    for name, last_used_at, status in (
        ("long ago", NOW - 40 * DAY, "active"),
        ("never", 0, "active"),
        ("lately", NOW - 29 * DAY, "active"),
        ("stopped", 0, "deactivated"),
        ("longest ago", NOW - 100 * DAY, "active"),
        ("counted only", NOW - 60 * DAY, "active"),  # by the implicit grant
    ):
        app = web_app(client_id=name, name=name, last_used_at=last_used_at, status=status)
        store.create_app(app, owner=OWNER, limit=99)
    store.add_tokens("counted only", 2, now=NOW)

    use = use_of_apps(store, days_until(NOW))

    assert list(use.unused) == ["never", "longest ago", "long ago"]
    assert list(use.used) == [("counted only", 2)]
    assert use.looked_at_all
