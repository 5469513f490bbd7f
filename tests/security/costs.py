# ruff: noqa: E501 — rows of a table
"""The cost of guessing with the settings as shipped, computed with the counters themselves."""

from __future__ import annotations

from gatepost.authentication.throttling import Gate, account_gate
from gatepost.model.records import Attempts
from gatepost.routes import LOGIN, TOKEN
from gatepost.settings import Settings
from infra.configuration.context import Configuration

DAY = 86400
TABLE = """\
| guess | bounded by | which is |
| --- | --- | --- |
| the password of one account | the counters of its name and of its address: {free} free, then one attempt a wait that doubles up to {wait} s. Beyond {by_name} a day by both, every password gets the response of a wrong one until such a wait is over | {by_name} guesses by name on the first day (UTC), {later} on every other; by name and address together {by_both} and {by_both_later}, from any number of networks; {free} more after each sign-in of the owner from a new browser. The 30,000 most common passwords can't be chosen |
| one password for many accounts | the routes' limits: {login} sign-ins a second, and {token} token requests for an app with the password grant. A network that failed {network_free} times waits up to {network_wait} s, except for a correct password | {logins:,} a day at the page, and the alarm `sign-in-failures` after five minutes. With the edge, one address gets {edge:,} requests in five minutes |
| a client secret, a session cookie, a one-time link | 256 random bits; the token route's limit, {token} a second | {secrets:,} guesses a year, a chance of 1 in 2^{bits} |
| an authorization code | 256 random bits; {code} seconds; bound to app, redirect URI and challenge | {codes:,} guesses in its life |
| a refresh token | an HMAC of 256 bits over grant and generation | as above; no offline guesses without the key |
| a password from a stolen hash | bcrypt of cost {bcrypt} over a SHA-256 | 2^{bcrypt} rounds a guess, a salt for each account |"""


def guesses_a_day(free: int, longest: int) -> int:
    """Return how many guesses a counter allows on the first day of an attack that never waits longer than it must."""
    looked_at, clock = 0, 0
    while clock < DAY:
        attempts = Attempts(failures=looked_at, last_failure_at=clock, expires_at=2 * DAY)
        clock += Gate(counter="x", attempts=attempts, free=free, longest=longest, kept=DAY).wait(clock)
        looked_at += clock < DAY
    return looked_at


def guesses_by_both(free: int, longest: int, *, first: bool) -> int:
    """Return how many guesses are checked in a day of an attack by name and address that never waits longer than needed."""
    known = Attempts(failures=99, last_failure_at=0, expires_at=2 * DAY)
    names = [None, None] if first else [known, known._replace(last_failure_at=longest // 2)]
    settings = Settings(issuer="https://id.example.test", attempts_free=free, attempts_max_wait=longest)
    gates = [Gate(counter="x", attempts=each, free=free, longest=longest, kept=DAY) for each in names]
    total = account_gate("x", None, settings, 0)
    looked_at = clock = 0
    while clock < DAY:
        which = min((0, 1), key=lambda each: gates[each].wait(clock))
        wait = max(gates[which].wait(clock), total.wait(clock))
        if wait:
            clock += wait
            continue
        looked_at += 1
        gates[which], total = (_failed(gate, clock) for gate in (gates[which], total))
    return looked_at


def _failed(gate: Gate, clock: int) -> Gate:
    before = gate.attempts.failures if gate.attempts else 0
    return gate._replace(attempts=Attempts(failures=before + 1, last_failure_at=clock, expires_at=2 * DAY))


def costs_table() -> str:
    """The table, filled in."""
    shipped = Settings(issuer="https://id.example.test")
    secrets = TOKEN.rate * DAY * 365
    return TABLE.format(
        free=shipped.attempts_free,
        wait=shipped.attempts_max_wait,
        by_name=guesses_a_day(shipped.attempts_free, shipped.attempts_max_wait),
        later=DAY // shipped.attempts_max_wait,
        by_both=guesses_by_both(shipped.attempts_free, shipped.attempts_max_wait, first=True),
        by_both_later=guesses_by_both(shipped.attempts_free, shipped.attempts_max_wait, first=False),
        network_free=shipped.network_attempts_free,
        network_wait=shipped.network_attempts_max_wait,
        edge=Configuration(settings={}).edge_rate_limit,
        login=LOGIN.rate,
        logins=LOGIN.rate * DAY,
        token=TOKEN.rate,
        secrets=secrets,
        bits=256 - secrets.bit_length() + 1,
        code=shipped.code_lifetime,
        codes=TOKEN.rate * shipped.code_lifetime,
        bcrypt=shipped.bcrypt_cost,
    )
