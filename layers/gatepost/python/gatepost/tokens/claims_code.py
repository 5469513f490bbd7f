"""Calls of the deployment's `claims.py`, within a time limit; only what a token or response may hold comes back."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import FrameType, ModuleType
from typing import Literal, NoReturn

from gatepost.claims import RESERVED, TokenFacts, UserinfoFacts, account_claims
from gatepost.errors import ServerError
from gatepost.quoting import quoted

Function = Literal["token_claims", "userinfo_claims"]
FUNCTIONS: tuple[Function, ...] = ("token_claims", "userinfo_claims")
PACKAGE = "gatepost_claims"  # holds the folder's modules, in the layer
SECONDS = 0.25  # of the wall clock: a busy machine takes its share of them
LONGEST = 2000  # characters of JSON
_NAME = r"[!-~]{1,100}"


class ClaimsFailed(ServerError):
    """`claims.py` raised, was too slow, or returned what it must not; nothing is issued (RFC 6749 §4.1.2.1)."""


class _Overdue(BaseException):
    """The time is up; no `except Exception` of the function takes it for an error of its own."""


def stated(name: Function, facts: TokenFacts | UserinfoFacts, groups_claim: str) -> dict[str, object]:
    """Return the claims that a function of `claims.py` states, none if it is absent. Raises ClaimsFailed."""
    function = getattr(imported(), name, None)
    if function is None:
        return {}
    return checked(_called(function, facts), facts, groups_claim)


def imported() -> ModuleType:
    """Return the module `claims.py`. Raises ClaimsFailed."""
    try:
        return import_module(f"{PACKAGE}.claims")
    except (Exception, SystemExit) as error:  # noqa: BLE001 — the code is not ours
        _fail("claims.py can't be imported", _described(error))


def checked(found: object, facts: TokenFacts | UserinfoFacts, groups_claim: str) -> dict[str, object]:
    """Return a copy of what a function returned, as JSON has it. Raises ClaimsFailed if it may not be stated."""
    if not isinstance(found, dict):
        _fail("claims.py returned no dict", type(found).__name__)
    try:
        text = json.dumps(found, allow_nan=False, separators=(",", ":"))
        claims: dict[str, object] = json.loads(text)
        json.dumps(claims, ensure_ascii=False).encode()  # no half of a surrogate pair
    except (TypeError, ValueError, RecursionError) as error:
        _fail("claims.py returned what JSON can't hold", type(error).__name__)
    if len(text) > LONGEST:
        _fail("claims.py returned too much", f"{len(text)} characters of JSON; allowed are {LONGEST}")
    if len(claims) != len(found):
        _fail("claims.py returned a name twice")
    known = account_claims(facts)
    for name, value in claims.items():
        if not re.fullmatch(_NAME, name):
            _fail("claims.py returned a name that is not 1 to 100 ASCII characters without spaces", quoted(name))
        if name in RESERVED or name == groups_claim:
            _fail("claims.py returned a reserved name", name)
        if name in known and (type(value) is not type(known[name]) or value != known[name]):
            _fail("claims.py returned another value than the account has", name)
    if "email" in claims and not facts.email_verified:
        claims["email_verified"] = False  # nobody takes it for the user's
    return claims


def _called(function: Callable[[TokenFacts | UserinfoFacts], object], facts: TokenFacts | UserinfoFacts) -> object:
    found: object = None
    started = time.perf_counter()
    try:
        with suppress(_Overdue), _alarm():
            found = function(facts)
    except (Exception, SystemExit) as error:  # noqa: BLE001 — the code is not ours
        _fail("claims.py raised", _described(error))
    if time.perf_counter() - started > SECONDS:
        _fail("claims.py was too slow", f"it took over {SECONDS} seconds")
    return found


@contextmanager
def _alarm() -> Iterator[None]:
    """Interrupt the block after `SECONDS`; outside of the main thread, where Lambda runs no handler, it is not."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _ring(number: int, frame: FrameType | None) -> NoReturn:
    raise _Overdue


def _described(error: BaseException) -> str:
    """Return type and location of an error, never its message, which may quote a fact."""
    trace, place = error.__traceback__, "unknown"
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", "?"))
        if module.startswith(PACKAGE):
            place = f"{module.removeprefix(f'{PACKAGE}.')}.py:{trace.tb_lineno}"
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and place == "unknown":
        place = f"line {error.lineno}"
    return f"{type(error).__name__} at {place}"


def _fail(reason: str, detail: str = "") -> NoReturn:
    raise ClaimsFailed("something went wrong", reason=reason, detail=detail) from None
