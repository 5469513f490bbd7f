"""Problems of apps."""

from __future__ import annotations

import pytest

from gatepost.model.problem import Problem
from gatepost.stores.ports.store import Store
from tests.contract.cloud import race
from tests.contract.records import PROBLEM
from tests.unit.world import NATIVE, NOW, WEB


@pytest.mark.parametrize("problem", [PROBLEM, PROBLEM._replace(detail="", proven=False)])
def test_a_problem_is_found_with_its_app_until_it_is_forgotten(store: Store, problem: Problem) -> None:
    store.note_problems(problem)
    other = problem._replace(client_id=NATIVE)
    store.note_problems(other)

    assert list(store.problems_of(WEB)) == [problem]
    store.forget_problems(WEB)
    store.forget_problems(WEB)
    assert list(store.problems_of(WEB)) == []
    assert list(store.problems_of(NATIVE)) == [other]


def test_the_same_problem_is_counted_and_shows_its_last_time(store: Store) -> None:
    store.note_problems(PROBLEM)
    store.note_problems(PROBLEM._replace(times=3, first_at=NOW + 9, last_at=NOW + 10, expires_at=NOW + 70))

    assert list(store.problems_of(WEB)) == [PROBLEM._replace(times=4, last_at=NOW + 10, expires_at=NOW + 70)]


def test_another_reason_and_another_sender_have_a_place_of_their_own(store: Store) -> None:
    others = [PROBLEM._replace(reason="The secret is wrong."), PROBLEM._replace(proven=False)]
    store.note_problems(PROBLEM)
    store.note_problems(PROBLEM._replace(first_at=NOW + 9, last_at=NOW + 10), *others)

    found = store.problems_of(WEB)
    assert len(found) == 3
    for each in (PROBLEM._replace(times=2, last_at=NOW + 10), *others):
        assert each in found


def test_s152_whatever_is_sent_one_reason_takes_one_place_a_day(store: Store) -> None:
    for number in range(40):
        store.note_problems(PROBLEM._replace(detail=f"sent {number}"))
    tomorrow = PROBLEM._replace(first_at=NOW + 86400, last_at=NOW + 86400)
    store.note_problems(tomorrow)

    found = sorted(store.problems_of(WEB), key=lambda each: each.last_at)
    assert found == [PROBLEM._replace(detail="sent 39", times=40), tomorrow]


def test_s111_a_problem_whose_time_is_over_is_still_read_and_says_so(store: Store) -> None:
    over = PROBLEM._replace(expires_at=NOW - 10**6)
    store.note_problems(over)

    assert list(store.problems_of(WEB)) == [over]


def test_no_count_is_lost_to_another_write(racing_store: Store) -> None:
    other = PROBLEM._replace(proven=False)
    race(8, lambda number: racing_store.note_problems(*(PROBLEM, other)[: 1 + number % 2]))

    assert sorted(each.times for each in racing_store.problems_of(WEB)) == [4, 8]
