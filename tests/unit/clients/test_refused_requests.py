"""Problems of an app: who is told what, and when it is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import gatepost
from gatepost import errors
from gatepost.clients.refused_requests import EVERY, KEPT, MOST_SHOWN, REASONS, Waiting, problem_of, shown_problems
from gatepost.errors import InvalidGrant, OAuthError, about
from gatepost.model.problem import SLOTS, Problem
from tests.unit.world import NATIVE, NOW, WEB

PACKAGE = Path(str(gatepost.__file__)).parent
# Where the requests of a registered app are refused.
SOURCES = [
    *sorted((PACKAGE / "grants").glob("*.py")),
    *sorted((PACKAGE / "oauth" / "client_authentication").glob("*.py")),
    *(PACKAGE / "oauth" / f"{name}.py" for name in (
        "pkce", "redirect_differences", "resource_indicators", "parameters",
    )),
    *(PACKAGE / "endpoints" / f"{name}.py" for name in (
        "authorization", "decision", "introspection", "revocation",
    )),
    *(PACKAGE / name for name in (
        "scope.py", "tokens/refresh_token.py", "oauth/grant_standing.py", "oidc/logout_request.py",
    )),
]  # fmt: skip
# Raised before the app is read, so of no registered app; or an answer that an app waits for, and no problem.
NOBODYS = {
    "grant_type is missing", "grant_type is not supported", "client_id is missing", "client_id is unknown",
    "unknown app", "the app must authenticate in the header or in the body, not in both",
    "client_id differs in the header and in the body", "the Authorization header is not valid Basic authentication",
    "a parameter is not UTF-8", "the user has to consent", "account changed while approving",
    "redirect_uri is no longer registered for this app", "app was deleted meanwhile",
}  # fmt: skip


def told(reason: str, *, client_id: str = WEB, proven: bool = False, detail: str = "") -> OAuthError:
    return about(InvalidGrant("not valid", reason=reason, detail=detail), client_id, proven=proven)


def problem(reason: str = "expired", *, client_id: str = WEB, proven: bool = False, detail: str = "") -> Problem:
    found = problem_of(told(reason, client_id=client_id, proven=proven, detail=detail), "token", NOW)
    assert found is not None
    return found


def test_a_problem_has_the_reason_and_not_the_description() -> None:
    assert problem_of(told("redeemed twice", proven=True, detail="x"), "token", NOW + 0.5) == Problem(
        client_id=WEB,
        endpoint="token",
        error="invalid_grant",
        reason="The code was redeemed twice. All tokens issued for it have been revoked.",
        detail="x",
        proven=True,
        times=1,
        first_at=NOW,
        last_at=NOW,
        expires_at=NOW + KEPT,
    )


def test_s152_an_app_that_is_not_registered_has_no_problems_nor_is_another_reason_told() -> None:
    assert problem_of(InvalidGrant("not valid", reason="expired"), "token", NOW) is None
    assert problem_of(told("account changed while approving"), "authorize", NOW) is None


@pytest.mark.parametrize(
    "reasons",
    [
        ("unknown code", "code of another app"),
        ("malformed", "not authentic", "no such grant", "refresh token of another app"),
        ("account is not active", "account is gone", "revoked"),
    ],
)
def test_s151_an_owner_can_not_tell_apart_what_is_anothers(reasons: tuple[str, ...]) -> None:
    assert len({problem(reason) for reason in reasons}) == 1


@pytest.mark.parametrize("reason", ["wrong password", "unknown user name", "account is not active", "account is gone"])
def test_s151_an_owner_does_not_learn_which_user_names_there_are(reason: str) -> None:
    refused = about(InvalidGrant("the user name or password is wrong", reason=reason), WEB, proven=True)
    found = problem_of(refused, "token", NOW)

    assert found is not None
    assert found.reason == "The user name or the password is wrong, or the account is not active."


def test_equal_problems_wait_as_one_and_are_written_every_ten_seconds() -> None:
    waiting = Waiting()

    assert waiting.due(problem(), NOW) == (problem(),)
    assert [waiting.due(problem(), NOW + second) for second in range(1, EVERY)] == [()] * 9
    assert waiting.due(problem(), NOW + EVERY) == (replace(problem(), times=10),)


def test_a_write_takes_the_newest_problem_and_all_that_wait() -> None:
    waiting = Waiting()
    sent = [problem("expired", detail=f"{number}") for number in range(5)]

    assert waiting.due(sent[0], NOW) == (sent[0],)
    assert waiting.due(sent[1], NOW + 4) == waiting.due(sent[2], NOW + 8) == ()
    assert waiting.due(sent[3], NOW + 12) == tuple(sent[1:4])
    assert waiting.due(sent[4], NOW + 72) == (sent[4],)


def test_s152_an_app_has_one_write_in_ten_seconds_whatever_is_sent() -> None:
    waiting = Waiting()
    sent = [problem("expired", detail=f"{number}", proven=number % 2 == 0) for number in range(1000)]
    written = [waiting.due(each, NOW + number / 50) for number, each in enumerate(sent)]

    assert len([each for each in written if each]) == 2
    assert max(map(len, written)) <= 11


def test_s152_of_too_many_the_oldest_that_anybody_sent_goes() -> None:
    waiting = Waiting()
    known = list({text: reason for reason, text in REASONS.items()}.values())[:15]
    sent = [problem(reason, proven=place == 1) for place, reason in enumerate(known)]
    for each in sent:
        waiting.due(each, NOW)

    assert waiting.due(problem("expired"), NOW + EVERY) == (sent[1], *sent[6:], problem("expired"))


def test_an_app_waits_neither_for_another_nor_for_a_clock_that_was_set_back() -> None:
    waiting = Waiting()
    waiting.due(problem(), NOW)

    assert waiting.due(problem(client_id=NATIVE), NOW) == (problem(client_id=NATIVE),)
    assert waiting.due(problem(), NOW - 3600) == (problem(),)


def test_s113_what_waits_is_bounded() -> None:
    waiting = Waiting()
    for number in range(1100):
        waiting.due(problem(client_id=f"{number:08}{WEB[8:]}"), NOW)
    for number in range(500):
        waiting.due(problem("wrong secret", detail=f"{number}"), NOW)

    assert len(waiting) == 1000
    assert len(waiting._apps[WEB][1]) <= SLOTS


def test_the_last_twenty_are_shown_newest_first_without_those_that_are_over() -> None:
    known = [replace(problem(), detail=f"{age}", last_at=NOW - age, expires_at=NOW - age + KEPT) for age in range(30)]
    over = replace(problem(), detail="over", last_at=NOW - KEPT, expires_at=NOW)
    shown = shown_problems([over, *reversed(known)], NOW)

    assert [each.detail for each in shown] == [f"{age}" for age in range(20)]
    assert shown_problems([over, known[0]], NOW) == [known[0]]


def test_s152_half_of_what_is_shown_is_the_apps_own_however_much_others_send() -> None:
    own = [replace(problem(proven=True), detail=f"own {age}", last_at=NOW - 1000 - age) for age in range(15)]
    others = [replace(problem(), detail=f"{age}", last_at=NOW - age) for age in range(40)]
    shown = shown_problems([*others, *own], NOW)

    assert len(shown) == MOST_SHOWN
    assert [each.detail for each in shown if each.proven] == [f"own {age}" for age in range(10)]
    assert len(shown_problems([*others[:2], *own], NOW)) == 17


def reasons_in(path: Path) -> Iterator[str]:
    """The reasons of the errors that a module raises: `reason=`, else the description; f-strings in their parts."""
    kinds = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, OAuthError)}
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        named = {each.arg: each.value for each in node.keywords}
        if node.func.id in {"_refuse", "refused_scope", *kinds}:
            texts = [named["reason"]] if "reason" in named else node.args[:1] if node.func.id != "refused_scope" else []
            yield from (str(each.value) for each in texts if isinstance(each, ast.Constant))
        if node.func.id == "_invalid":
            yield from (str(each.value) for each in node.args[1:] if isinstance(each, ast.Constant))


def test_every_reason_for_which_an_app_is_refused_is_told_or_known_to_be_nobodys() -> None:
    found = {reason for path in SOURCES for reason in reasons_in(path)}

    assert len(found) > 40
    assert sorted(found - set(REASONS) - NOBODYS) == []
