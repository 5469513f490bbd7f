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
    with pytest.raises(ClaimsFailed) as raised:
        checked(found, FACTS, groups_claim)
    return raised.value.reason, raised.value.detail


def failure(claims_py: ClaimsPy, source: str) -> tuple[str, str]:
    claims_py(source)
    with pytest.raises(ClaimsFailed) as raised:
        stated("token_claims", FACTS, "")
    assert (raised.value.code, raised.value.status) == ("server_error", 500)
    assert raised.value.description == "something went wrong"
    return raised.value.reason, raised.value.detail


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


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_s215_a_reserved_name_is_refused(name: str) -> None:
    assert refused({"plan": "gold", name: "x"}) == ("claims.py returned a reserved name", name)


def test_s215_what_tokens_say_of_themselves_is_reserved() -> None:
    assert {
        *("iss", "sub", "aud", "exp", "iat", "nbf", "jti", "scope", "client_id", "grant_id", "handles"),
        *("auth_time", "nonce", "amr", "acr", "sid", "at_hash", "azp", "events", "cnf", "act", "typ"),
        *("active", "username", "token_type"),
    } <= RESERVED


def test_s215_the_claim_of_the_groups_is_refused() -> None:
    assert refused({"teams": ["admins"]}, groups_claim="teams") == ("claims.py returned a reserved name", "teams")
    assert checked({"teams": ["admins"]}, FACTS, "groups") == {"teams": ["admins"]}


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email_verified": True}, "email_verified"),
        ({"email_verified": 0}, "email_verified"),
        ({"email": "root@example.test"}, "email"),
        ({"name": "Root"}, "name"),
        ({"preferred_username": "root"}, "preferred_username"),
    ],
)
def test_s215_the_account_is_stated_as_it_is(claims: dict[str, object], name: str) -> None:
    assert refused(claims) == ("claims.py returned another value than the account has", name)


def test_the_account_may_be_stated() -> None:
    claims = {"email": "alice@example.test", "email_verified": False, "name": "alice", "preferred_username": "alice"}

    assert checked(claims, FACTS, "") == claims


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


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (None, "claims.py returned no dict"),
        ([("sub", "x")], "claims.py returned no dict"),
        ({"a": {1, 2}}, "claims.py returned what JSON can't hold"),
        ({"a": b"bytes"}, "claims.py returned what JSON can't hold"),
        ({"a": float("nan")}, "claims.py returned what JSON can't hold"),
        ({"a": "\ud800"}, "claims.py returned what JSON can't hold"),
        ({(1, 2): "a"}, "claims.py returned what JSON can't hold"),
        ({1: "a", "1": "b"}, "claims.py returned a name twice"),
        ({"": "a"}, "claims.py returned a name that is not 1 to 100 ASCII characters without spaces"),
        ({"two words": "a"}, "claims.py returned a name that is not 1 to 100 ASCII characters without spaces"),
        ({"sub\0": "a"}, "claims.py returned a name that is not 1 to 100 ASCII characters without spaces"),
        ({"ѕub": "a"}, "claims.py returned a name that is not 1 to 100 ASCII characters without spaces"),
        ({"sub\n": "a"}, "claims.py returned a name that is not 1 to 100 ASCII characters without spaces"),
        ({"n" * 101: "a"}, "claims.py returned a name that is not 1 to 100 ASCII characters without spaces"),
        ({"a": "x" * LONGEST}, "claims.py returned too much"),
        ({"a": "€" * (LONGEST // 5)}, "claims.py returned too much"),
        ({Text("sub"): "a"}, "claims.py returned a reserved name"),
    ],
)
def test_s215_what_is_no_set_of_claims_is_refused(found: object, reason: str) -> None:
    assert refused(found)[0] == reason


def test_s215_a_value_that_holds_itself_is_refused() -> None:
    endless: dict[str, object] = {}
    endless["a"] = endless

    assert refused(endless)[0] == "claims.py returned what JSON can't hold"


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
        ("def token_claims():\n    return {}", ("claims.py raised", "TypeError at unknown")),
        ("token_claims = {}", ("claims.py raised", "TypeError at unknown")),
        ("import nothing_of_this_name", ("claims.py can't be imported", "ModuleNotFoundError at claims.py:1")),
        ("def token_claims(facts)\n", ("claims.py can't be imported", "SyntaxError at line 1")),
        ("raise SystemExit", ("claims.py can't be imported", "SystemExit at claims.py:1")),
    ],
)  # fmt: skip
def test_s215_an_error_is_told_by_type_and_line(claims_py: ClaimsPy, source: str, told: tuple[str, str]) -> None:
    assert failure(claims_py, source) == told


def test_s215_the_message_of_an_error_is_not_told(claims_py: ClaimsPy) -> None:
    told = failure(claims_py, "def token_claims(facts):\n    raise ValueError(facts.email)")

    assert told == ("claims.py raised", "ValueError at claims.py:2")


@pytest.mark.parametrize(
    "body",
    ["time.sleep(30)", "while True: pass", "re.match('(a+)+$', 'a' * 60 + 'b')", "threading.Event().wait(30)"],
)
def test_s215_a_function_that_does_not_return_is_interrupted(claims_py: ClaimsPy, body: str) -> None:
    source = f"""
        import re, threading, time

        def token_claims(facts):
            try:
                {body}
            except Exception:
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


def test_s215_a_function_that_takes_the_interruption_for_its_own_is_refused_all_the_same(claims_py: ClaimsPy) -> None:
    claims = """
        import time

        def token_claims(facts):
            try:
                time.sleep(9)
            except BaseException:
                return {}
    """

    assert failure(claims_py, claims) == ("claims.py was too slow", "it took over 0.25 seconds")
