"""Calls of a deployment's claims.py: what may be in a token comes back, anything else is an error."""

from __future__ import annotations

import json
import signal
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from gatepost.claims import RESERVED, TokenFacts, UserinfoFacts
from gatepost.tokens.claims_code import LONGEST, SECONDS, ClaimsFailed, checked, stated
from tests.raising import raised
from tests.unit.claims import ClaimsPy

FACTS = TokenFacts(
    user_id="alice-id",
    user_name="alice",
    email="alice@example.test",
    groups=("editors", "staff"),
    client_id="web",
    scope=frozenset(["read"]),
    kind="access_token",
    grant_type="authorization_code",
    audience="https://api.example.test",
    app_name="Web",
)


def refused(found: object, groups_claim: str = "groups") -> tuple[str, str]:
    caught = raised(ClaimsFailed, checked, found, FACTS, groups_claim)
    return caught.reason, caught.detail


def failure(claims_py: ClaimsPy, source: str) -> tuple[str, str]:
    claims_py(source)
    caught = raised(ClaimsFailed, stated, "token_claims", FACTS, "")
    assert (caught.code, caught.status) == ("server_error", 500)
    assert caught.description == "something went wrong"
    return caught.reason, caught.detail


def test_what_the_function_returns_is_stated(claims_py: ClaimsPy) -> None:
    claims_py("""
        def token_claims(facts):
            return {"tenant": facts.groups[0], "https://example.test/level": 3, "plan": {"seats": [1, None, True, 2.5]}}
    """)

    assert stated("token_claims", FACTS, "groups") == {
        "tenant": "editors",
        "https://example.test/level": 3,
        "plan": {"seats": [1, None, True, 2.5]},
    }


def test_either_function_may_be_absent(claims_py: ClaimsPy) -> None:
    claims_py("def userinfo_claims(facts): return {'plan': facts.version}")

    assert stated("token_claims", FACTS, "") == {}
    assert stated("userinfo_claims", UserinfoFacts(client_id="web", scope=frozenset()), "") == {"plan": 1}


def test_a_module_beside_it_can_be_imported(claims_py: ClaimsPy, tmp_path: Any) -> None:
    (tmp_path / "plans.py").write_text("PLAN = 'gold'")
    claims_py("""
        from .plans import PLAN

        def token_claims(facts): return {"plan": PLAN}
    """)

    assert stated("token_claims", FACTS, "") == {"plan": "gold"}


def test_nothing_is_computed_with_the_functions_own_objects_afterwards() -> None:
    given: dict[str, Any] = {"roles": ("viewer",)}

    found = checked(given, FACTS, "")
    given["sub"] = "somebody else"

    assert found == {"roles": ["viewer"]}


def test_s215_what_tokens_say_of_themselves_is_reserved() -> None:
    assert {
        *("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "scope", "client_id", "grant_id", "handles"),
        *("auth_time", "nonce", "amr", "acr", "sid", "at_hash", "azp", "events", "cnf", "act", "typ"),
        *("active", "username", "token_type"),
    } <= RESERVED
    for name in RESERVED:
        assert refused({"plan": "gold", name: "x"}) == ("claims.py returned a reserved name", name)


def test_s215_the_claim_of_the_groups_is_refused() -> None:
    assert refused({"teams": ["admins"]}, groups_claim="teams") == ("claims.py returned a reserved name", "teams")
    assert checked({"teams": ["admins"]}, FACTS, "groups") == {"teams": ["admins"]}


def test_s215_the_account_is_stated_as_it_is() -> None:
    claims = {"email": "alice@example.test", "email_verified": False, "name": "alice", "preferred_username": "alice"}
    others = {"email": "root@example.test", "name": "Root", "preferred_username": "root"}

    assert checked(claims, FACTS, "") == claims
    for name, value in [("email_verified", True), ("email_verified", 0), *others.items()]:
        assert refused({name: value}) == ("claims.py returned another value than the account has", name)


def test_s350_an_address_that_is_not_confirmed_is_never_stated_without_saying_so() -> None:
    address = {"email": "alice@example.test"}

    assert checked(address, FACTS, "") == {**address, "email_verified": False}
    assert checked(address, replace(FACTS, email_verified=True), "") == address
    assert checked({"name": "alice"}, FACTS, "") == {"name": "alice"}


class Text(str):
    """A text that says it is another one."""

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


ENDLESS: dict[str, object] = {}
ENDLESS["a"] = ENDLESS
NO_CLAIMS: dict[str, list[object]] = {
    "no dict": [None, [("sub", "x")]],
    "what JSON can't hold": [
        *({"a": value} for value in ({1, 2}, b"bytes", float("nan"), "\ud800")),
        *({(1, 2): "a"}, ENDLESS),
    ],
    "a name twice": [{1: "a", "1": "b"}],
    "a name that is not 1 to 100 ASCII characters without spaces": [
        {name: "a"} for name in ("", "two words", "sub\0", "ѕub", "sub\n", "n" * 101)
    ],
    "too much": [{"a": "x" * LONGEST}, {"a": "€" * (LONGEST // 5)}],
    "a reserved name": [{Text("sub"): "a"}],
}


@pytest.mark.parametrize(("what", "found"), [(what, each) for what, several in NO_CLAIMS.items() for each in several])
def test_s215_what_is_no_set_of_claims_is_refused(what: str, found: object) -> None:
    assert refused(found)[0] == f"claims.py returned {what}"


def test_s215_a_value_as_large_as_allowed_is_stated() -> None:
    largest = {"a": "x" * (2000 - len('{"a":""}'))}

    assert len(json.dumps(checked(largest, FACTS, ""), separators=(",", ":"))) == 2000
    assert refused({"a": f"{largest['a']}x"}) == (
        "claims.py returned too much",
        "2001 characters of JSON; allowed are 2000",
    )


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def token_claims(facts):\n    return facts.grops", ("claims.py raised", "AttributeError at claims.py:2")),
        ("def token_claims(facts):\n    raise SystemExit", ("claims.py raised", "SystemExit at claims.py:2")),
        ("def token_claims(facts):\n    facts.scope = 1", ("claims.py raised", "FrozenInstanceError at claims.py:2")),
        ("def token_claims(facts):\n    raise SyntaxError", ("claims.py raised", "SyntaxError at claims.py:2")),
        ("def token_claims(facts):\n    raise OSError(facts.email)", ("claims.py raised", "OSError at claims.py:2")),
        ("def token_claims():\n    return {}", ("claims.py raised", "TypeError at unknown")),
        ("token_claims = {}", ("claims.py raised", "TypeError at unknown")),
        ("import nothing_of_this_name", ("claims.py can't be imported", "ModuleNotFoundError at claims.py:1")),
        ("def token_claims(facts)\n", ("claims.py can't be imported", "SyntaxError at line 1")),
        ("raise SystemExit", ("claims.py can't be imported", "SystemExit at claims.py:1")),
    ],
)  # fmt: skip
def test_s215_an_error_is_told_by_type_and_line(claims_py: ClaimsPy, source: str, told: tuple[str, str]) -> None:
    assert failure(claims_py, source) == told


@pytest.mark.parametrize(
    ("body", "caught"),
    [
        ("time.sleep(30)", "Exception"),
        ("while True: pass", "Exception"),
        ("re.match('(a+)+$', 'a' * 60 + 'b')", "Exception"),
        ("threading.Event().wait(30)", "Exception"),
        ("time.sleep(30)", "BaseException"),  # takes the interruption for its own
    ],
)
def test_s215_a_function_that_does_not_return_is_interrupted(claims_py: ClaimsPy, body: str, caught: str) -> None:
    source = f"""
        import re, threading, time

        def token_claims(facts):
            try:
                {body}
            except {caught}:
                return {{}}
    """
    began = time.monotonic()

    assert failure(claims_py, source) == ("claims.py was too slow", "it took over 0.25 seconds")
    assert time.monotonic() - began < 5


def test_s215_elsewhere_than_in_the_main_thread_a_slow_function_is_refused_when_it_returns(claims_py: ClaimsPy) -> None:
    told: list[object] = []

    def call() -> None:
        told.append(failure(claims_py, f"import time\ndef token_claims(facts): time.sleep({SECONDS + 0.1})"))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()

    assert told == [("claims.py was too slow", "it took over 0.25 seconds")]


def test_afterwards_no_alarm_rings(claims_py: ClaimsPy) -> None:
    claims_py("def token_claims(facts): return {}")
    before = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    try:
        stated("token_claims", FACTS, "")

        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGALRM) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGALRM, before)
