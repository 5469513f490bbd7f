"""`make registration-token APPS=... DAYS=...`: makes a token with which apps register themselves."""

from __future__ import annotations

import sys
import time

from gatepost.clients.registration_permits import MOST_APPS, MOST_DAYS, new_permit
from gatepost.routes import REGISTER_APP
from gatepost.settings import WITH_TOKEN
from infra.tools.operator.command import audited, parser, run
from infra.tools.operator.target import NotPossible, Target


def main(arguments: list[str]) -> int:
    """Run the command and return its exit code; it prints the token, which is not shown again."""
    known = parser("registration-token")
    known.add_argument("apps", type=int)
    known.add_argument("days", type=int)
    options = known.parse_args(arguments)
    if not (1 <= options.apps <= MOST_APPS and 1 <= options.days <= MOST_DAYS):
        known.error(f"APPS is a number from 1 to {MOST_APPS}, DAYS one from 1 to {MOST_DAYS}.")
    return run(options, lambda target: made(target, options.apps, options.days, now=time.time()))


def made(target: Target, apps: int, days: int, *, now: float) -> str:
    """Make a token; return sentences that hold it. Raises NotPossible where none is needed or none would do."""
    mode = target.settings.dynamic_registration
    if mode != WITH_TOKEN:
        raise NotPossible(f"{target.name} takes no such token: dynamic_registration is {mode}, not {WITH_TOKEN}.")
    token = new_permit(target.store, apps=apps, days=days, now=now)
    audited(target, "permit_created", now=now)
    return (
        f"{token}\n"
        f"It is good for {apps} {'app' if apps == 1 else 'apps'} and {days} {'day' if days == 1 else 'days'}, as the "
        f"bearer token of POST {target.base_url}{REGISTER_APP.path}. It is not shown again."
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
