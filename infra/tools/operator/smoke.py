"""`python -m infra.tools.operator.smoke ISSUER`: what `make smoke` starts. Ask a server what shows that it works.

It needs no account, no app and no credentials. At the end of a first deployment it waits for the first keys.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from infra.local.arguments import Parser

_PAUSE = 3  # seconds between two tries
_TIMEOUT = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A request and its expected status; `holds` looks at the JSON of the response and at the issuer."""

    says: str
    path: str
    status: int
    form: dict[str, str] | None = None
    bearer: str | None = None
    holds: Callable[[Any, str], bool] | None = None

    def passes(self, issuer: str) -> bool:
        """Whether the server at `issuer` responds so. Raises requests.RequestException."""
        headers = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        method = "POST" if self.form else "GET"
        response = requests.request(
            method, issuer + self.path, data=self.form, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        )
        return response.status_code == self.status and (self.holds is None or self.holds(response.json(), issuer))


# Each looks at another function or table.
CHECKS = (
    Check(
        says="the metadata names the issuer",
        path="/.well-known/oauth-authorization-server",
        status=200,
        holds=lambda found, issuer: found["issuer"] == issuer,
    ),
    Check(
        says="there is a key to verify tokens with",
        path="/.well-known/jwks.json",
        status=200,
        holds=lambda found, _: len(found["keys"]) > 0,
    ),
    Check(
        says="the token endpoint looks for the app",
        path="/authorization/token",
        form={"grant_type": "client_credentials", "client_id": "smoke", "client_secret": "none"},
        status=401,
        holds=lambda found, _: found["error"] == "invalid_client",
    ),
    Check(says="a protected route requires a token", path="/authorization/whoami", status=401),
    Check(
        says="the authorizer refuses what is no token",
        path="/authorization/whoami",
        bearer="smoke",
        status=403,
    ),
    Check(says="people can sign in", path="/developer/login", status=200),
)


def main(arguments: list[str]) -> int:
    """The exit code: 0 if every check passed before the time was over. Says a line for each."""
    parser = Parser(prog="make smoke", add_help=False)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("issuer")
    options = parser.parse_args(arguments)
    issuer = options.issuer.rstrip("/")
    end = time.monotonic() + options.seconds
    failed = [check for check in CHECKS if not _told(check, issuer, end)]
    return 1 if failed else 0


def _told(check: Check, issuer: str, end: float) -> bool:
    """Try until it passes or the time is over, and say which. Raises SystemExit where no program listens."""
    while True:
        try:
            passed, why = check.passes(issuer), "another response"
        except requests.ConnectionError as error:
            if _is_refused(error):
                raise SystemExit(f"Nothing listens at {issuer}.") from None
            passed, why = False, type(error).__name__
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            passed, why = False, type(error).__name__
        if passed:
            print(f"ok: {check.says}", flush=True)
            return True
        if time.monotonic() + _PAUSE > end:
            print(f"FAILED: {check.says} ({check.path}: {why})", flush=True)
            return False
        time.sleep(_PAUSE)


def _is_refused(error: BaseException | None) -> bool:
    """Return whether a connection was refused, which is at the bottom of what `requests` raises."""
    while error is not None and not isinstance(error, ConnectionRefusedError):
        error = error.__cause__ or error.__context__
    return error is not None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
