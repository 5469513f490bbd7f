"""When the problems of an app are written."""

from __future__ import annotations

from gatepost.clients.waiting_problems import EVERY, EVERY_NOTICE, MOST_DETAILS, Waiting
from gatepost.model.problem import Problem
from tests.contract.records import PROBLEM
from tests.unit.world import NATIVE, NOW


def problem(reason: str = "The code has expired.", *, client_id: str = PROBLEM.client_id, detail: str = "") -> Problem:
    return PROBLEM._replace(reason=reason, client_id=client_id, detail=detail)


def test_equal_problems_wait_as_one_and_are_written_every_ten_seconds() -> None:
    waiting = Waiting()

    assert waiting.due(problem(), NOW) == [problem()]
    assert [waiting.due(problem(), NOW + second) for second in range(1, EVERY)] == [[]] * 9
    assert waiting.due(problem(), NOW + EVERY) == [problem()._replace(times=10)]


def test_each_of_twenty_kinds_is_written_at_once_and_a_write_takes_what_is_due() -> None:
    waiting = Waiting()
    sent = [problem(f"{number}") for number in range(20)]

    assert [waiting.due(each, NOW) for each in sent] == [[each] for each in sent]
    assert [waiting.due(each, NOW + 1) for each in sent] == [[]] * 20
    assert waiting.due(sent[3], NOW + EVERY) == [*sent[:3], sent[3]._replace(times=2), *sent[4:]]
    assert waiting.due(sent[3], NOW + EVERY + 1) == []
    assert waiting.due(sent[4], NOW + EVERY + 1) == [sent[4]]


def test_another_detail_is_written_at_once_a_few_times() -> None:
    waiting = Waiting()
    written = [waiting.due(problem(detail=f"sent {number}"), NOW + number) for number in range(EVERY)]

    assert [[each.detail for each in some] for some in written if some] == [
        [f"sent {number}"] for number in range(MOST_DETAILS)
    ]
    assert waiting.due(problem(detail="last"), NOW + EVERY) == [problem(detail="last")._replace(times=7)]


def test_what_was_not_refused_is_written_once_an_hour_and_another_day_is_another_place() -> None:
    waiting = Waiting()
    notice, tomorrow = problem()._replace(error=""), problem()._replace(first_at=NOW + 86400, last_at=NOW + 86400)

    assert waiting.due(notice, NOW) == [notice]
    assert waiting.due(notice, NOW + EVERY_NOTICE - 1) == []
    assert waiting.due(notice, NOW + EVERY_NOTICE) == [notice._replace(times=2)]
    assert waiting.due(problem(), NOW + EVERY_NOTICE) == [problem()]
    assert waiting.due(tomorrow, NOW + EVERY_NOTICE) == [tomorrow]


def test_an_app_waits_neither_for_another_nor_for_a_clock_that_was_set_back() -> None:
    waiting = Waiting()
    waiting.due(problem(), NOW)

    assert waiting.due(problem(client_id=NATIVE), NOW) == [problem(client_id=NATIVE)]
    assert waiting.due(problem(), NOW - 3600) == [problem()]


def test_s152_whatever_others_send_what_the_app_caused_is_written_at_once() -> None:
    waiting = Waiting()
    for number in range(1000):
        waiting.due(problem(detail=f"{number}")._replace(proven=False), NOW)

    assert waiting.due(problem(), NOW) == [problem()]


def test_s113_what_waits_is_bounded() -> None:
    waiting = Waiting()
    for number in range(1100):
        waiting.due(problem(client_id=f"{number:08}{PROBLEM.client_id[8:]}"), NOW)
    for number in range(500):
        waiting.due(problem(f"{number}"), NOW)

    assert len(waiting) == 1000
    assert len(waiting._apps[PROBLEM.client_id]) == 40
