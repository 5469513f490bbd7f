"""Problems of an app: who is told what."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gatepost
from gatepost import errors
from gatepost.clients.refusal_reasons import REASONS
from gatepost.clients.refused_requests import KEPT, MOST_SHOWN, Kind, explanation, problem_of, shown_problems
from gatepost.errors import InvalidGrant, OAuthError, about
from gatepost.model.counts import DAY
from gatepost.model.problem import Problem
from gatepost.settings import Settings
from tests.unit.world import NOW, WEB

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
    "unknown app", "the secret is sent twice: authenticate in the header or in the body, not in both",
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
        reason="The code was already used, so all tokens issued for it were revoked. Redeem each code once.",
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


def test_kinds_are_counted_over_the_days_and_shown_newest_first_without_those_that_are_over() -> None:
    today, known = problem()._replace(times=3), problem("reused")
    days = [today._replace(times=2, detail=f"{n}", first_at=NOW - n * DAY, last_at=NOW - n * DAY) for n in (1, 2)]
    old_form = today._replace(times=5, first_at=NOW - 3 * DAY, last_at=NOW - 60)
    over = problem("revoked")._replace(last_at=NOW - KEPT, expires_at=NOW)
    earlier = known._replace(last_at=NOW - 5)

    assert shown_problems([over, *days, earlier, old_form, today], NOW) == [
        Kind(newest=today, times=12, today=3, first_at=NOW - 3 * DAY),
        Kind(newest=earlier, times=1, today=1, first_at=NOW),
    ]


def test_s152_what_others_send_hides_nothing_of_the_apps_own() -> None:
    own = [problem(proven=True)._replace(endpoint=f"own {age}", last_at=NOW - 1000 - age) for age in range(50)]
    others = [problem()._replace(endpoint=f"{age}", last_at=NOW - age) for age in range(50)]
    shown = [each.newest for each in shown_problems([*others, *own], NOW)]

    assert [each.endpoint for each in shown if each.proven] == [f"own {age}" for age in range(MOST_SHOWN)]
    assert [each.endpoint for each in shown if not each.proven] == [f"{age}" for age in range(MOST_SHOWN)]


LOCAL, ELSEWHERE = Settings(issuer="http://localhost:8080"), Settings(issuer="https://id.example.test")
DEV = ELSEWHERE._replace(explain_to_public_apps=True)
EXPIRED = "The code has expired. Redeem codes as soon as they arrive."
REUSED = "The refresh token was already used, so the grant was revoked. Always store the newest token."
# reason, description if another; what is told
EXPLAINED = [
    ("expired", "not valid", EXPIRED),
    ("reused", "not valid", REUSED),
    ("wrong password", "the user name or password is wrong", "the user name or password is wrong"),
    ("account is not active", "the user name or password is wrong", "the user name or password is wrong"),
    ("a reason of the log alone", "not valid", "not valid"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "description", "expected"), EXPLAINED)
def test_an_app_with_its_secret_is_told_why_its_grant_is_invalid(reason: str, description: str, expected: str) -> None:
    refused = about(InvalidGrant(description, reason=reason), WEB, proven=True, authenticated=True)

    assert explanation(refused, ELSEWHERE) == expected


@pytest.mark.parametrize(("settings", "expected"), [(LOCAL, EXPIRED), (DEV, EXPIRED), (ELSEWHERE, "not valid")])
def test_s151_an_app_without_a_secret_is_told_on_loopback_and_where_a_setting_says_so(
    settings: Settings, expected: str
) -> None:
    holder_of_a_code = about(InvalidGrant("not valid", reason="expired"), WEB, proven=True)

    assert explanation(holder_of_a_code, settings) == expected


def test_what_was_sent_is_told_with_characters_of_a_description_and_the_other_one_is_not() -> None:
    sent = f'https://maria:pw@client.example.test/{"p" * 30}\\"é?code=x'
    refused = InvalidGrant("not valid", reason="redirect_uri differs", detail="sent a, was b", repeated=sent)

    assert explanation(about(refused, WEB, proven=True, authenticated=True), ELSEWHERE) == (
        "redirect_uri differs from the one in the authorization request. Send the same, character by character. "
        f"Sent: https://...@client.example.test/{'p' * 30}?'?xe9?code=..."
    )


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_is_a_sentence_that_a_description_may_hold(reason: str) -> None:
    assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+\.", REASONS[reason])


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
