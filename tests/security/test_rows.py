"""docs/security.md and docs/security-rows.md are those of `make security-doc`, and every row has its tests."""

from __future__ import annotations

import re

import pytest

from tests.security.costs import guesses_a_day, guesses_by_both
from tests.security.document import DOCUMENT, LIST, carriers_of, collected, document, numbers_of
from tests.security.rows import ROWS


@pytest.fixture(scope="module")
def tests() -> tuple[str, ...]:
    return collected()


def test_every_row_has_a_test(tests: tuple[str, ...]) -> None:
    assert [row.name for row in ROWS if not carriers_of(row, tests)] == []
    assert len(ROWS) == len({row.number for row in ROWS}) == 214


def test_every_test_that_names_a_row_names_one_that_there_is(tests: tuple[str, ...]) -> None:
    known = {row.number for row in ROWS}

    assert [test for test in tests if not numbers_of(test) <= known] == []
    assert [also for row in ROWS for also in row.also if also not in tests] == []


def test_the_documents_are_not_stale() -> None:
    texts = {path: path.read_text() for path in (DOCUMENT, LIST)}

    assert {path: document(text) for path, text in texts.items()} == texts, "run `make security-doc`"
    parts = [re.findall(r"<!-- (\w+): make security-doc -->", text) for text in texts.values()]
    assert parts == [["costs"], ["rows", "roles"]]


@pytest.mark.parametrize(
    ("test", "numbers"),
    [
        ("tests/a.py::test_s01_a_sentence", {1}),
        ("tests/a.py::test_s80_s82_a_sentence_of_s99", {80, 82}),
        ("tests/a.py::test_s34_and_s59_a_sentence", {34, 59}),
        ("tests/a.py::test_a_sentence_s01_", set()),
    ],
)
def test_rows_are_read_from_the_names_of_tests(test: str, numbers: set[int]) -> None:
    assert numbers_of(test) == numbers


def test_guesses_are_counted_as_the_counters_let_them_through() -> None:
    assert guesses_a_day(5, 900) == 109
    assert guesses_by_both(5, 900, first=True) == 168
    assert guesses_by_both(5, 900, first=False) == 154
