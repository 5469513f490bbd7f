"""The marks that a container keeps: what they revoke, and what they cover."""

from __future__ import annotations

import pytest

from gatepost.model.feed import Compacted, Marked, Revocation, RevocationKind, mark
from gatepost.scope import Scope
from gatepost.tokens.access_token import Claims
from gatepost.tokens.revoked_marks import RevokedMarks, written_cutoffs, written_marks
from tests.unit.world import NOW

CLAIMS = Claims(sub="u", client_id="c", scope=Scope(), jti="j", iat=NOW, exp=NOW + 9, grant_id="u.g", kid="k")


def entry(kind: RevocationKind, subject: str, at: float = NOW) -> Revocation:
    return Revocation(kind=kind, subject=subject, revoked_at=at, expires_at=NOW + 9)


def test_an_entry_is_covered_by_its_mark_and_a_cutoff_by_one_that_is_as_late() -> None:
    known = RevokedMarks(None, [entry("jti", "j"), entry("user", "u", NOW + 5.5)])

    assert known.cover(entry("jti", "j"))
    assert known.cover(Marked(mark("jti", "j"), NOW + 9))
    assert [known.cover(entry("user", "u", NOW + late)) for late in (4, 5, 5.9, 6)] == [True, True, True, False]
    assert not known.cover(entry("jti", "another"))
    assert not known.cover(entry("user", "another", 0))
    assert not known.cover(entry("client", "u"))


@pytest.mark.parametrize("entries", [[], [entry("jti", "another")], [entry("client", "x", NOW - 1)]])
def test_a_token_that_nothing_names_is_not_revoked_however_old_it_is(entries: list[Revocation]) -> None:
    assert not RevokedMarks(None, entries).revokes(CLAIMS._replace(iat=0))


def test_a_cutoff_at_the_second_of_its_issue_revokes_a_token() -> None:
    known = RevokedMarks(Compacted(cutoffs=(written_cutoffs([entry("client", "c", NOW + 0.5)]),)))

    assert [known.revokes(CLAIMS._replace(iat=NOW + later)) for later in (-1, 0, 1)] == [True, True, False]


def test_marks_are_found_at_both_ends_of_a_sorted_list_and_in_between() -> None:
    entries = [entry("jti", f"j{number}") for number in range(100)]
    known = RevokedMarks(Compacted(marks=(written_marks(entries[:60]), written_marks(entries[60:]))))

    assert len(known) == 100
    assert all(known.revokes(CLAIMS._replace(jti=each.subject)) for each in entries)
    assert not any(known.revokes(CLAIMS._replace(jti=f"other-{number}")) for number in range(100))


def test_what_is_known_is_not_taken_again() -> None:
    known = RevokedMarks(Compacted(marks=(written_marks([entry("jti", "a")]),)), [entry("jti", "b")])

    assert known.add([entry("jti", "a"), entry("jti", "b"), entry("jti", "c"), entry("user", "u")]) == 2
    assert known.add([entry("jti", "c"), entry("user", "u", NOW + 9)]) == 0
    assert len(known) == 4


def test_it_is_outgrown_by_more_than_eight_thousand_and_a_quarter_of_what_it_began_with() -> None:
    known = RevokedMarks(None, (entry("jti", f"j{number}") for number in range(40_000)))
    known.add(entry("jti", f"later-{number}") for number in range(10_000))
    assert not known.outgrown
    known.add([entry("jti", "one more")])
    assert known.outgrown

    small = RevokedMarks()
    small.add(entry("jti", f"j{number}") for number in range(8192))
    assert not small.outgrown
    small.add([entry("jti", "one more")])
    assert small.outgrown
