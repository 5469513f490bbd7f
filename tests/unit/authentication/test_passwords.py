"""Passwords: their hashes, and rejected passwords."""

from __future__ import annotations

from time import thread_time

import pytest

from gatepost.authentication.passwords import hash_password, needs_rehash, password_fault, password_matches


def test_a_password_opens_its_hash_and_no_other_does() -> None:
    password_hash = hash_password("correct horse", cost=5)

    assert password_hash.startswith("$2b$05$")
    assert password_hash != hash_password("correct horse", cost=5)
    assert password_matches("correct horse", password_hash, cost=5)
    for other in ("", "Correct horse", "correct horse ", "correct hors", "correct horse\x00"):
        assert not password_matches(other, password_hash, cost=5)


def test_what_stands_beyond_72_bytes_or_after_a_nul_counts() -> None:
    password_hash = hash_password("x" * 100 + "\x00a", cost=4)

    assert not password_matches("x" * 100 + "\x00b", password_hash, cost=4)
    assert not password_matches("x" * 100, password_hash, cost=4)


def test_the_same_letters_from_two_keyboards_are_the_same_password() -> None:
    assert password_matches("cafe\u0301 au lait", hash_password("caf\u00e9 au lait", cost=4), cost=4)


def test_a_hash_of_another_cost_is_to_be_replaced() -> None:
    password_hash = hash_password("correct horse", cost=4)

    assert [needs_rehash(password_hash, cost=cost) for cost in (4, 5, 12)] == [False, True, True]


def work(password_hash: str | None) -> float:
    """Seconds of computing that a wrong password costs, the best of three."""
    spent = []
    for _ in range(3):
        before = thread_time()
        assert not password_matches("wrong", password_hash, cost=8)
        spent.append(thread_time() - before)
    return min(spent)


def test_s33_without_a_hash_nothing_matches_and_it_takes_as_long() -> None:
    known, unknown = work(hash_password("correct horse", cost=8)), work(None)

    assert known / 2 < unknown < known * 2


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("123456789", "Use at least 10 characters."),
        ("", "Use at least 10 characters."),
        ("my-ALICE-password", "Do not use your user name in the password."),
        ("Password123", "This is one of the most common passwords and would be easy to guess."),
        (" 1qaz2wsx3edc", "This is one of the most common passwords and would be easy to guess."),
        ("abcabcabcabc", "Use more than three different characters."),
        ("correct horse", None),
        ("xkcd-tails", None),
        ("abcdabcdabcd", None),
        ("ÄÖÜß straße", None),
        ("x" * 50 + "yz 1" * 50, None),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, fault: str | None) -> None:
    assert password_fault(password, min_length=10, user_name="alice") == fault
    assert password_fault("my-ALICE-password", min_length=10, user_name="") is None
