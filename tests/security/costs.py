# ruff: noqa: E501 — rows of a table
"""What guessing costs with the settings as shipped, worked out with the counters themselves."""

from __future__ import annotations

from gatepost.attempts import Gate
from gatepost.model import Attempts
from gatepost.routes import LOGIN, TOKEN
from gatepost.settings import Settings

DAY = 86400
TABLE = """\
| guess | what bounds it | what that comes to |
| --- | --- | --- |
| the password of one account | its counter: {free} free, then a wait that doubles up to {wait} s | {by_name} guesses on the first day, {later} on every other, from however many networks; none of the 30,000 most common passwords can be the right one |
| one password for many accounts, from one network | its counter: {network_free} free, then up to {network_wait} s | {by_network:,} guesses on the first day; one try at each of 10,000 accounts takes {days} days |
| the same from many networks | the limit of the sign-in route, {login} a second for everybody | {logins:,} a day, as long as nobody looks at the alarms; and still no account more often than above |
| a client secret, a session cookie, a one-time link | 256 random bits; the limit of the token route, {token} a second | {secrets:,} guesses a year, a chance of 1 in 2^{bits} |
| an authorization code | 256 random bits; {code} seconds; bound to app, redirect URI and challenge | {codes:,} guesses in its life |
| a refresh token | an HMAC of 256 bits over grant and generation | as above; offline nothing can be tried without the key |
| a password from a stolen hash | bcrypt of cost {bcrypt} over a SHA-256 | 2^{bcrypt} rounds a guess, and a salt of its own for every account |"""


def guesses_a_day(free: int, longest: int) -> int:
    """How many guesses a counter looks at on the first day of an attack that never waits longer than it must."""
    looked_at, clock = 0, 0
    while clock < DAY:
        attempts = Attempts(failures=looked_at, last_failure_at=clock, expires_at=2 * DAY)
        clock += Gate(counter="x", attempts=attempts, free=free, longest=longest, kept=DAY).wait(clock)
        looked_at += clock < DAY
    return looked_at


def costs_table() -> str:
    """The table, filled in."""
    shipped = Settings(issuer="https://id.example.test")
    by_network = guesses_a_day(shipped.network_attempts_free, shipped.network_attempts_max_wait)
    secrets = TOKEN.rate * DAY * 365
    return TABLE.format(
        free=shipped.attempts_free,
        wait=shipped.attempts_max_wait,
        by_name=guesses_a_day(shipped.attempts_free, shipped.attempts_max_wait),
        later=DAY // shipped.attempts_max_wait,
        network_free=shipped.network_attempts_free,
        network_wait=shipped.network_attempts_max_wait,
        by_network=by_network,
        days=round(10_000 / by_network),
        login=LOGIN.rate,
        logins=LOGIN.rate * DAY,
        token=TOKEN.rate,
        secrets=secrets,
        bits=256 - secrets.bit_length() + 1,
        code=shipped.code_lifetime,
        codes=TOKEN.rate * shipped.code_lifetime,
        bcrypt=shipped.bcrypt_cost,
    )
